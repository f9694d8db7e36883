"""An engine that answers from the replies of a record, and from nothing else."""

from collections.abc import Iterable, Sequence
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.records import Call, CallRefused, ModelRef, Reply, Segment, Usage


class Replay:
    """Answers each call with the reply that the record has for it.

    A reply is found by the call's id; it must have been given to the same seat for the same
    purpose, or the call is refused: the record is of another protocol or panel.

    Args:
        replies: the replies of one run.
        name: as descriptions name it. Replies keep the engine that gave them.
    """

    def __init__(self, replies: Iterable[Reply], name: str = "replay") -> None:
        self.name = name
        self._replies = {reply.call: reply for reply in replies}
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
        """The recorded reply.

        Raises:
            CallRefused: the record has none for this call.
        """
        reply = self._replies.get(call.id)
        if reply is None:
            raise CallRefused(
                f"the record holds no reply to call {call.id} ({call.purpose} by {call.seat!r})",
                "resume the run with a real pool to ask what is missing",
            )
        if (reply.seat, reply.purpose, reply.about) != (call.seat, call.purpose, call.about):
            raise CallRefused(
                f"the record's reply to {call.id} is {reply.purpose!r} by {reply.seat!r}, "
                f"asked was {call.purpose!r} by {call.seat!r}",
                "replay with the protocol, panel and seed of the record",
            )
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    async def spent(self, call: Call) -> Usage | None:
        """Nothing is computed."""
        return Usage(prompt=0, cached=0, completion=0)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Words of the segments: no tokeniser is at hand."""
        return sum(len(segment.text.split()) for segment in segments)

    def window(self, model: str) -> int:
        """Without bound: nothing is computed."""
        return 2**31

    def reference(self, model: str) -> ModelRef:
        """The name alone."""
        return ModelRef(name=model, source="replay")

    def describe(self) -> dict[str, Any]:
        """Kind, and how many replies it holds: they are what seeds once drew."""
        return {
            "name": self.name,
            "kind": "replay",
            "replies": len(self._replies),
            "seeds": True,
            "batch_invariant": True,
            "replay": "exact",
        }

    async def close(self) -> None:
        """Nothing to let go of."""
