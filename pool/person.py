"""What stands in the pool for people: it has a place for their model's name, and never answers."""

from collections.abc import Sequence
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.records import HUMAN, Call, CallRefused, ModelRef, Reply, Segment, Usage


class Person:
    """The engine of the model `human`: a run asks the person itself, and waits."""

    name = HUMAN

    @property
    def models(self) -> tuple[str, ...]:
        """`human`."""
        return (HUMAN,)

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Nothing to make ready."""

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Refused.

        Raises:
            CallRefused: a person does not answer through the pool.
        """
        raise CallRefused(f"{call.seat!r} is a person, whom the run itself asks")

    async def spent(self, call: Call) -> Usage | None:
        """Nothing is computed."""
        return Usage(prompt=0, cached=0, completion=0)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Nothing: a person reads without tokens."""
        return 0

    def window(self, model: str) -> int:
        """Without bound."""
        return 2**31

    def reference(self, model: str) -> ModelRef:
        """The name alone: nothing pins a person."""
        return ModelRef(name=model, source=HUMAN)

    def describe(self) -> dict[str, Any]:
        """Kind, and that nobody says the same thing twice."""
        promises = {"seeds": False, "batch_invariant": False, "replay": "none"}
        return {"name": self.name, "kind": HUMAN, **promises}

    async def close(self) -> None:
        """Nothing to let go of."""
