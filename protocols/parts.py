"""What a protocol is put together from: stages, and five ways to combine them.

    stage                     asks, then tells
    Repeat(body, 3, until)    rounds of the same parts, until a condition holds, three at most
    Gate(when, then, other)   one way or the other, as a condition says
    Parallel(group, …)        groups side by side, each as if it were the whole panel
    Group(seats, body)        part of the panel by itself
    FanIn(stage, need)        a stage that waits for some of its seats, not for all

Parts nest. A stage, and a condition, may be a plain function as well (`stage.as_stage`,
`condition.as_condition`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeGuard

from folkmoot.protocols.condition import Condition
from folkmoot.protocols.stage import Stage


class Repeat(NamedTuple):
    """Rounds of the same parts. Without a bound a protocol cannot be checked, so it is refused."""

    body: tuple["Part", ...]
    at_most: int | None
    until: Condition | None = None
    """Looked at before each turn: where it holds there is no further one."""


class Gate(NamedTuple):
    """One way or the other."""

    when: Condition
    then: tuple["Part", ...]
    otherwise: tuple["Part", ...] = ()


class Group(NamedTuple):
    """Some seats by themselves: their stages see these seats, and what these have said, alone."""

    seats: tuple[str, ...]
    body: tuple["Part", ...]


class Parallel(NamedTuple):
    """Groups side by side. No seat is in two of them; all have ended before what follows."""

    groups: tuple[Group, ...]


class FanIn(NamedTuple):
    """A stage that goes on once so many of its seats have answered; the others are called off.

    Who was not waited for is on record as unavailable, with that as its reason.
    """

    stage: Stage
    need: int | Literal["any", "all"]
    """Seats that have answered every call of theirs. any: one. all: nobody is called off, as without
    a fan-in."""

    def least(self, there: int) -> int:
        """How many of the seats that are there it waits for."""
        if isinstance(self.need, int):
            return self.need
        return 1 if self.need == "any" else there


Part = Stage | Repeat | Gate | Group | Parallel | FanIn


def inside(part: Part) -> tuple[Part, ...]:
    """The parts that a part is made of; () for a stage."""
    match part:
        case Repeat() | Group():
            return part.body
        case Gate():
            return (*part.then, *part.otherwise)
        case Parallel():
            return part.groups
        case FanIn():
            return (part.stage,)
        case _:
            return ()


def walk(parts: Sequence[Part]) -> Iterator[Part]:
    """Every part, those inside others too, in the order in which they are written."""
    for part in parts:
        yield part
        yield from walk(inside(part))


def stages(parts: Sequence[Part]) -> tuple[Stage, ...]:
    """Every stage, in the order in which they are written."""
    return tuple(part for part in walk(parts) if is_stage(part))


def is_stage(part: Any) -> TypeGuard[Stage]:
    """Whether a part is a stage itself."""
    return not isinstance(part, Repeat | Gate | Group | Parallel | FanIn)
