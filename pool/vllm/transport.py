"""How a vLLM is asked: over HTTP, or in this process in the same words."""

from collections.abc import AsyncIterator
from typing import Any, Protocol


class Transport(Protocol):
    """Carries requests to one vLLM. The words are those of its server; see `wire`."""

    @property
    def address(self) -> str:
        """Where it is, for messages."""
        ...

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            EngineUnavailable: it is gone, too busy or broken.
            CallRefused: it refuses the request.
        """
        ...

    def stream(self, path: str, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The events of an answer that comes in pieces. Raises as `post` does."""
        ...

    async def tell(self, path: str, body: dict[str, Any]) -> bool:
        """A request whose answer nobody cares for: whether it was taken."""
        ...
