"""Composition: stages in sequence, and rounds that repeat until a stopping rule holds.

A protocol is unrolled before it runs: every step it may take has a number, so every call and every
record has a name that is the same on each run.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from folkmoot.protocols.stage import Stage
from folkmoot.records import (
    Ballot,
    Issue,
    Move,
    Place,
    ProtocolRef,
    Record,
    Stance,
    Transcript,
    Turn,
    canonical,
    digest,
)

_ACTS = (Turn, Stance, Move, Issue, Ballot)
"""What seats do, each in a round."""


@runtime_checkable
class Stop(Protocol):
    """A stopping rule: whether a repetition ends before its next round."""

    @property
    def name(self) -> str:
        """One word."""
        ...

    def holds(self, seen: Transcript) -> bool:
        """Whether to stop, from the record so far."""
        ...


class Repeat(NamedTuple):
    """Rounds of the same stages. Without a bound a protocol cannot be checked, so it is refused."""

    body: tuple[Stage, ...]
    at_most: int | None
    until: Stop | None = None


Part = Stage | Repeat


class Step(NamedTuple):
    """One step of an unrolled protocol."""

    number: int
    round: int
    """Its round if every repetition before it runs to its bound; `place` says which it is."""
    stage: Stage
    until: Stop | None = None
    """If it holds before this step, the run goes to `skip_to` instead."""
    skip_to: int | None = None
    begins: int | None = None
    """In a repetition: the number of the step with which this turn of it begins."""


@runtime_checkable
class Deliberation(Protocol):
    """What can be run: a name, a version, parameters, and its parts for either kind of question."""

    @property
    def name(self) -> str:
        """As the command line and the record know it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same parameters would ask or decide differently."""
        ...

    def params(self) -> dict[str, Any]:
        """Its parameters as JSON values."""
        ...

    def parts(self, open_question: bool) -> Sequence[Part]:
        """Its stages, for an open question or a choice."""
        ...

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of its parameters does not fit these seats; () if nothing."""
        ...


def unroll(parts: Sequence[Part]) -> tuple[Step, ...]:
    """Number the steps. The first part is round 0; each turn of a repetition is a round more.

    Raises:
        ValueError: a repetition has no bound.
    """
    steps: list[Step] = []
    round_ = 0
    for part in parts:
        if not isinstance(part, Repeat):
            steps.append(Step(len(steps), round_, part))
            continue
        if part.at_most is None:
            raise ValueError("a repetition has no bound")
        end = len(steps) + part.at_most * len(part.body)
        for _ in range(part.at_most):
            round_ += 1
            begins = len(steps)
            for offset, stage in enumerate(part.body):
                until = part.until if offset == 0 else None
                skip = end if until is not None else None
                steps.append(Step(len(steps), round_, stage, until, skip, begins))
    return tuple(steps)


def place(step: Step, records: Sequence[Record]) -> Place:
    """Where a step stands in a run with these records.

    A turn of a repetition is a round more than the last one in which anything was done; what
    follows a repetition stands in the round in which that ended, early or not.
    """
    before = step.number if step.begins is None else step.begins
    last = max(
        (each.round for each in records if isinstance(each, _ACTS) and each.step < before),
        default=0,
    )
    return Place(step.number, last if step.begins is None else last + 1, step.stage.name)


def unbounded(parts: Sequence[Part]) -> tuple[str, ...]:
    """Faults that keep a protocol from being unrolled; () if there are none."""
    return tuple(
        "the protocol cannot be shown to end: a repetition of "
        f"{', '.join(stage.name for stage in part.body) or 'nothing'} has no bound"
        for part in parts
        if isinstance(part, Repeat) and (part.at_most is None or not part.body)
    )


def unseated(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of stages that name a seat which is not on the panel; () if there are none.

    Looked at are the fields by which a stage names seats: `seat`, `seats`, `drafter`, `judge`.
    """
    stages = [
        stage for part in parts for stage in (part.body if isinstance(part, Repeat) else (part,))
    ]
    found = (
        f"stage {stage.name!r} names the seat {seat!r}, which is not on the panel "
        f"({', '.join(seats)})"
        for stage in stages
        for seat in _named(stage)
        if seat not in seats
    )
    return tuple(dict.fromkeys(found))


def _named(stage: Stage) -> list[str]:
    named: list[str] = []
    for field in ("seat", "seats", "drafter", "judge"):
        given: str | Sequence[str] | None = getattr(stage, field, None)
        named += [given] if isinstance(given, str) else given or ()
    return named


def reference(protocol: Deliberation, open_question: bool) -> ProtocolRef:
    """The protocol as the record names it, with the digest of its unrolled steps."""
    steps = [
        [step.number, step.round, step.stage.name, repr(step.stage), step.skip_to]
        for step in unroll(protocol.parts(open_question))
    ]
    return ProtocolRef(
        name=protocol.name,
        version=protocol.version,
        params=protocol.params(),
        graph_sha256=digest(canonical(steps)),
    )
