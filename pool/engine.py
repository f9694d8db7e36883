"""The engine contract: what the pool asks of anything that answers calls."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from folkmoot.records import Call, ModelRef, Reply, Segment, Usage

OnText = Callable[[str], None]
"""Receives each new piece of a generated text as it comes. Provisional until the reply is recorded."""


class Progress(NamedTuple):
    """How far a long start has come, for a progress line."""

    what: str
    """What is being done, as a short phrase: `loading smollm2`."""
    done: float | None = None
    """0 to 1; None while the extent is unknown."""


OnProgress = Callable[[Progress], None]


class Engine(Protocol):
    """Something that answers calls for one or more models.

    `answer` may be called many times at once; cancelling it really aborts the request. It returns a
    reply in state ok, empty or cut_off, and raises for everything else: a fault of the engine is
    never a reply of a model.
    """

    name: str

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for, as panels write them."""
        ...

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Make it ready to answer. Idempotent.

        Raises:
            PoolError: it cannot start; the message says why and the hint what to do.
        """
        ...

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call.

        Raises:
            EngineUnavailable: the engine is gone or does not answer; it may come back.
            CallRefused: it can never answer this call (too long even when all that may be dropped
                is dropped, options that share a first token, an operation it does not have).
        """
        ...

    async def spent(self, call: Call) -> Usage | None:
        """What this very call has cost where no reply came of it: it was cancelled, or out of time.

        Waits until that is known, some seconds at most, and tells it once. Zeros where it was never
        given up or nothing had been computed; None where the engine cannot know.
        """
        ...

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, the chat template included."""
        ...

    def window(self, model: str) -> int:
        """The context of a model in tokens, prompt and completion together. After `start`."""
        ...

    def reference(self, model: str) -> ModelRef:
        """What pins the model: source, revision and digests as far as the engine knows them."""
        ...

    def describe(self) -> dict[str, Any]:
        """The engine for the record: kind, address without secrets, version; `seeds`, whether they
        hold; `batch_invariant`, whether a reply is the same whatever else is computed at the time;
        and `replay`: exact, statistical or none. What is not known is absent. JSON values only."""
        ...

    async def close(self) -> None:
        """Let go of everything it holds. Idempotent."""
        ...
