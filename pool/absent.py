"""An engine that is not there: every call to it is on record as unavailable, with the reason."""

from collections.abc import Sequence
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.records import Call, EngineUnavailable, ModelRef, Reply, Segment, Usage


class Absent:
    """Stands for models that cannot be asked, so that the record says whom nobody could ask, and why.

    Give it to a pool without patience: it does not come back.

    Args:
        why: what keeps them from being asked, in one line.
        name: as replies and descriptions name it.
    """

    def __init__(self, why: str, name: str = "absent") -> None:
        self.name = name
        self._why = why
        self._models: dict[str, None] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The names it was asked to stand for."""
        return tuple(self._models)

    def adopt(self, model: str) -> bool:
        """Stand for any model."""
        self._models[model] = None
        return True

    @property
    def takes(self) -> str:
        """Any name."""
        return "any name"

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Nothing to make ready."""

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Nobody answers.

        Raises:
            EngineUnavailable: always.
        """
        raise EngineUnavailable(self._why)

    async def spent(self, call: Call) -> Usage | None:
        """Nothing is computed."""
        return Usage(prompt=0, cached=0, completion=0)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Nothing: there is nobody to read it."""
        return 0

    def window(self, model: str) -> int:
        """Without bound."""
        return 2**31

    def reference(self, model: str) -> ModelRef:
        """The name alone."""
        return ModelRef(name=model)

    def describe(self) -> dict[str, Any]:
        """Kind, and that there is nothing to ask again."""
        promises = {"seeds": False, "batch_invariant": False, "replay": "none"}
        return {"name": self.name, "kind": "absent", **promises}

    async def close(self) -> None:
        """Nothing to let go of."""
