"""The same parts with other stages or conditions in them: how controls are made of a protocol."""

from collections.abc import Callable, Sequence
from typing import Any

from folkmoot.protocols.condition import Condition
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.stage import Stage


def _same(thing: Any) -> Any:
    return thing


def changed(
    parts: Sequence[Part],
    *,
    stage: Callable[[Stage], Stage] = _same,
    condition: Callable[[Condition], Condition] = _same,
) -> tuple[Part, ...]:
    """The parts with every stage, and every condition, as these functions make it.

    What is repeated, which way a gate can go and who is in which group stays: the steps have the same
    numbers.
    """

    def one(part: Part) -> Part:
        match part:
            case Repeat():
                until = None if part.until is None else condition(part.until)
                return Repeat(every(part.body), part.at_most, until)
            case Gate():
                return Gate(condition(part.when), every(part.then), every(part.otherwise))
            case Group():
                return Group(part.seats, every(part.body))
            case Parallel():
                return Parallel(tuple(Group(each.seats, every(each.body)) for each in part.groups))
            case FanIn():
                return FanIn(stage(part.stage), part.need)
            case _:
                return stage(part)

    def every(body: Sequence[Part]) -> tuple[Part, ...]:
        return tuple(one(part) for part in body)

    return every(parts)
