"""The stage contract: a stage asks, then tells. Two pure functions.

`ask` says what to ask whom, from the record so far; `tell` says what the replies mean. Neither
does I/O, reads a clock or draws a number that the run's seed does not fix. From this follow unit
tests with no model, replay, resume, exact bounds, and batches that the pool can see.
"""

from collections.abc import Callable, Generator
from inspect import isgeneratorfunction
from typing import Any, NamedTuple, Protocol, runtime_checkable

from folkmoot.agents import lot
from folkmoot.records import Call, Party, Record, Reply, Sampling, Segment, Transcript
from folkmoot.records.calls import Op

WEIGHING = Sampling(max_tokens=1, temperature=0.0, top_p=1.0)
"""A `choose` call draws nothing: it reads probabilities. Nor does an `embed` call."""


@runtime_checkable
class Stage(Protocol):
    """One step of a protocol. Stages are frozen values: equal parameters make equal stages."""

    @property
    def name(self) -> str:
        """One word, for events, drawings and records."""
        ...

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls of this step; () if no model is needed."""
        ...

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """What the replies mean; one for each call of `ask`, in its order."""
        ...


Asking = Generator[tuple[Call, ...], tuple[Reply, ...], tuple[Record, ...]]
"""What a stage that is a generator function does: it yields its calls and returns its records."""


class FunctionStage(NamedTuple):
    """A plain function as a stage: `replies = yield calls`, then `return records`.

    One without a `yield` asks nobody and returns its records.
    """

    function: Callable[[Transcript], Any]

    @property
    def name(self) -> str:
        """The function's own."""
        return self.function.__name__

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """What the function yields."""
        return tuple(next(self.function(seen))) if isgeneratorfunction(self.function) else ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """What the function returns.

        Raises:
            RuntimeError: it yields twice; a stage asks once.
        """
        if not isgeneratorfunction(self.function):
            return tuple(self.function(seen))
        asking = self.function(seen)
        next(asking)
        try:
            asking.send(replies)
        except StopIteration as told:
            return tuple(told.value or ())
        raise RuntimeError(f"stage {self.name!r} yields twice: a stage asks once, then tells")


def as_stage(given: "Stage | Callable[[Transcript], Any]") -> Stage:
    """A stage, from one or from a plain function of the transcript.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(given, Stage):
        return given
    if callable(given) and hasattr(given, "__name__"):
        return FunctionStage(given)
    raise TypeError(f"{given!r} is no stage: give one, or a named function of the transcript")


@runtime_checkable
class Bounded(Protocol):
    """A stage whose calls depend on the replies before it in a way that a dry run cannot play out."""

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """Calls that `ask` never exceeds, in number or in length, whatever was replied before."""
        ...


def seated(seen: Transcript, seats: tuple[str, ...] | None) -> tuple[Party, ...]:
    """The parties that take part in a stage: those named, or all; in the panel's order."""
    parties = seen.opening.parties
    return parties if seats is None else tuple(p for p in parties if p.seat in seats)


class Calls:
    """Collects the calls of one step, numbering them and drawing a seed for each."""

    def __init__(self, seen: Transcript) -> None:
        self._seen = seen
        self._calls: list[Call] = []

    def choose(
        self,
        party: Party,
        purpose: str,
        segments: tuple[Segment, ...],
        options: tuple[str, ...],
        about: str | None = None,
    ) -> None:
        """Ask for the probabilities of some continuations."""
        self._add(party, "choose", purpose, segments, about, WEIGHING, options=options)

    def generate(
        self,
        party: Party,
        purpose: str,
        segments: tuple[Segment, ...],
        about: str | None = None,
        json_schema: dict[str, object] | None = None,
    ) -> None:
        """Ask for text."""
        place = self._seen.place
        seed = lot(self._seen.opening.seed, "call", place.step, party.seat, purpose, about)
        sampling = party.sampling.model_copy(update={"seed": seed})
        self._add(party, "generate", purpose, segments, about, sampling, json_schema=json_schema)

    def embed(
        self, party: Party, purpose: str, segments: tuple[Segment, ...], about: str | None = None
    ) -> None:
        """Ask for the vector of a text."""
        self._add(party, "embed", purpose, segments, about, WEIGHING)

    def _add(
        self,
        party: Party,
        op: Op,
        purpose: str,
        segments: tuple[Segment, ...],
        about: str | None,
        sampling: Sampling,
        options: tuple[str, ...] = (),
        json_schema: dict[str, object] | None = None,
    ) -> None:
        place = self._seen.place
        self._calls.append(
            Call(
                step=place.step,
                order=len(self._calls),
                round=place.round,
                stage=place.stage,
                seat=party.seat,
                model=party.model,
                op=op,
                purpose=purpose,
                about=about,
                segments=segments,
                options=options,
                json_schema=json_schema,
                sampling=sampling,
            )
        )

    def done(self) -> tuple[Call, ...]:
        """The calls, in the order in which they were added."""
        return tuple(self._calls)
