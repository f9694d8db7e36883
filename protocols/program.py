"""A protocol unrolled: every step that it may take has a number before it runs.

So every call and every record has a name that is the same on each run. Steps that run side by side
are one wave. Which steps of the next wave run follows from the checks on record, and from nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.protocols.condition import Look, as_condition
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.stage import Stage, as_stage
from folkmoot.records import (
    Act,
    Ballot,
    Check,
    Issue,
    Move,
    Opening,
    Place,
    Record,
    Stance,
    Transcript,
    Turn,
)

_ACTS = (Turn, Stance, Move, Issue, Act, Ballot)
"""What seats do, each in a round."""


class Guard(NamedTuple):
    """A step runs only where a check went this way."""

    check: int
    """The number of the step that looks."""
    holds: bool


class Step(NamedTuple):
    """One step of an unrolled protocol."""

    number: int
    wave: int
    """Steps of one wave run side by side."""
    round: int
    """Its round if every repetition before it runs to its bound; `place` says which it is."""
    stage: Stage
    guards: tuple[Guard, ...] = ()
    begins: int | None = None
    """In a repetition: the number of the step with which this turn of it begins."""
    seats: tuple[str, ...] | None = None
    """The group that it is a step of; None for the whole panel."""
    need: int | None = None
    """How many seats it waits for; None for all."""


def unroll(parts: Sequence[Part]) -> tuple[Step, ...]:
    """Number the steps, those of one wave one after another.

    The first part is round 0; each turn of a repetition is a round more.

    Raises:
        ValueError: a repetition has no bound.
    """
    unrolling = _Unrolling()
    unrolling.sequence(parts, _Place())
    drafts = sorted(enumerate(unrolling.steps), key=lambda each: each[1].wave)
    numbers = {draft: number for number, (draft, _) in enumerate(drafts)}
    return tuple(
        step._replace(
            number=numbers[draft],
            guards=tuple(Guard(numbers[each.check], each.holds) for each in step.guards),
            begins=None if step.begins is None else numbers[step.begins],
        )
        for draft, step in drafts
    )


class _Place(NamedTuple):
    """Where the next step would stand."""

    wave: int = 0
    round: int = 0
    guards: tuple[Guard, ...] = ()
    begins: int | None = None
    seats: tuple[str, ...] | None = None


class _Unrolling:
    """Steps as drafts: their numbers are those in which they were written."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def sequence(self, parts: Sequence[Part], at: _Place) -> _Place:
        """One after the other; returns the place after the last."""
        for part in parts:
            after = self._part(part, at)
            # What follows a repetition stands in the round in which that ended.
            begins = None if after.round > at.round else at.begins
            at = at._replace(wave=after.wave, round=after.round, begins=begins)
        return at

    def _part(self, part: Part, at: _Place) -> _Place:
        match part:
            case Repeat():
                return self._repeat(part, at)
            case Gate():
                guard = self._look(part.when, at)
                ways = [(part.then, True), (part.otherwise, False)]
                return self._side_by_side(
                    at,
                    [
                        (
                            body,
                            at._replace(wave=at.wave + 1, guards=(*at.guards, Guard(guard, way))),
                        )
                        for body, way in ways
                    ],
                )
            case Parallel():
                return self._side_by_side(
                    at, [(each.body, at._replace(seats=each.seats)) for each in part.groups]
                )
            case Group():
                return self.sequence(part.body, at._replace(seats=part.seats))
            case FanIn():
                # Waiting for all is what every step does.
                need = None if part.need == "all" else part.least(0)
                self._step(as_stage(part.stage), at, need)
            case _:
                self._step(as_stage(part), at)
        return at._replace(wave=at.wave + 1)

    def _repeat(self, part: Repeat, at: _Place) -> _Place:
        if part.at_most is None:
            raise ValueError("a repetition has no bound")
        for _ in range(part.at_most):
            if part.until is not None:
                check = self._look(part.until, at._replace(begins=None))
                at = at._replace(wave=at.wave + 1, guards=(*at.guards, Guard(check, False)))
            turn = at._replace(round=at.round + 1, begins=len(self.steps))
            after = self.sequence(part.body, turn)
            at = at._replace(wave=after.wave, round=after.round)
        return at

    def _side_by_side(self, at: _Place, ways: Sequence[tuple[Sequence[Part], _Place]]) -> _Place:
        ends = [self.sequence(body, place) for body, place in ways]
        return at._replace(
            wave=max([at.wave, *(end.wave for end in ends)]),
            round=max([at.round, *(end.round for end in ends)]),
        )

    def _look(self, condition: object, at: _Place) -> int:
        self._step(Look(condition=as_condition(condition)), at)  # pyright: ignore[reportArgumentType]
        return len(self.steps) - 1

    def _step(self, stage: Stage, at: _Place, need: int | None = None) -> None:
        # A group inside a group is part of it: the inner seats are what counts.
        self.steps.append(
            Step(len(self.steps), at.wave, at.round, stage, at.guards, at.begins, at.seats, need)
        )


def waves(steps: Sequence[Step]) -> tuple[tuple[Step, ...], ...]:
    """The steps, those of one wave together."""
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.wave, []).append(step)
    return tuple(tuple(found[wave]) for wave in sorted(found))


def due(wave: Sequence[Step], records: Sequence[Record]) -> tuple[Step, ...]:
    """The steps of a wave that run, as the checks went that are on record."""
    if not any(step.guards for step in wave):
        return tuple(wave)
    went = {each.step: each.holds for each in records if isinstance(each, Check)}
    return tuple(
        step for step in wave if all(went.get(each.check) == each.holds for each in step.guards)
    )


def place(step: Step, records: Sequence[Record]) -> Place:
    """Where a step stands in a run with these records.

    A turn of a repetition is a round more than the last one in which anything was done; what
    follows a repetition stands in the round in which that ended, early or not. Of a group's step,
    what the group did counts.
    """
    before = step.number if step.begins is None else step.begins
    last = max(
        (
            each.round
            for each in records
            if isinstance(each, _ACTS)
            and each.step < before
            and (step.seats is None or each.seat in step.seats)
        ),
        default=0,
    )
    return Place(step.number, last if step.begins is None else last + 1, step.stage.name)


def seen_by(step: Step, opening: Opening, records: Sequence[Record]) -> Transcript:
    """The record so far, as the step's stage reads it."""
    seen = Transcript(opening, records, place(step, records))
    return seen if step.seats is None else seen.within(step.seats)
