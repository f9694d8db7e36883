"""What can be run: a name, parameters, and parts; and what can be seen to be wrong with it."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from folkmoot.protocols.description import description
from folkmoot.protocols.parts import FanIn, Gate, Parallel, Part, Repeat, inside, stages, walk
from folkmoot.protocols.program import unroll
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stage import Stage
from folkmoot.records import ProtocolRef, canonical, digest


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

    def parts(self, setting: Setting) -> Sequence[Part]:
        """Its parts, for these seats and options."""
        ...

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of its parameters does not fit these seats; () if nothing."""
        ...


def unbounded(parts: Sequence[Part]) -> tuple[str, ...]:
    """Faults that keep a protocol from being unrolled; () if there are none."""
    return tuple(
        "the protocol cannot be shown to end: a repetition of "
        f"{', '.join(_name(each) for each in part.body) or 'nothing'} has no bound"
        for part in walk(parts)
        if isinstance(part, Repeat) and (part.at_most is None or not part.body)
    )


def ungrouped(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of groups: seats that are not on the panel, none, or in two groups side by side."""
    found: list[str] = []
    for part in walk(parts):
        if not isinstance(part, Parallel):
            continue
        taken: set[str] = set()
        for group in part.groups:
            if not group.seats:
                found.append("a group has no seats")
            found += [
                f"a group names the seat {seat!r}, which is not on the panel ({', '.join(seats)})"
                for seat in group.seats
                if seat not in seats
            ]
            found += [
                f"{seat!r} sits in two groups at the same time"
                for seat in group.seats
                if seat in taken
            ]
            taken |= set(group.seats)
    return tuple(dict.fromkeys(found))


def unmet(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of fan-ins: more seats needed than there are, or none."""
    return tuple(
        f"stage {_name(part.stage)!r} waits for {part.need} seats, and {len(seats)} are there"
        if part.need > 0
        else f"stage {_name(part.stage)!r} waits for {part.need} seats"
        for part in walk(parts)
        if isinstance(part, FanIn) and not 0 < part.need <= len(_who(part.stage, seats))
    )


def unseated(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of stages that name a seat which is not on the panel; () if there are none.

    Looked at are the fields by which a stage names seats: `seat`, `seats`, `drafter`, `judge`.
    """
    found = (
        f"stage {stage.name!r} names the seat {seat!r}, which is not on the panel "
        f"({', '.join(seats)})"
        for stage in stages(parts)
        for seat in _named(stage)
        if seat not in seats
    )
    return tuple(dict.fromkeys(found))


def _name(part: Part | Any) -> str:
    match part:
        case Repeat() | Gate() | Parallel() | FanIn():
            return f"({', '.join(_name(each) for each in inside(part))})"
        case _:
            return str(getattr(part, "name", getattr(part, "__name__", part)))


def _who(stage: Stage, seats: Sequence[str]) -> Sequence[str]:
    named: Sequence[str] | None = getattr(stage, "seats", None)
    return seats if named is None else named


def _named(stage: Stage) -> list[str]:
    named: list[str] = []
    for field in ("seat", "seats", "drafter", "judge"):
        given: str | Sequence[str] | None = getattr(stage, field, None)
        named += [given] if isinstance(given, str) else given or ()
    return named


def reference(protocol: Deliberation, setting: Setting) -> ProtocolRef:
    """The protocol as the record names it, with the digest of its unrolled steps.

    Raises:
        TypeError: a stage or a condition is a plain object, which has no lasting description.
    """
    steps = [
        [
            step.number,
            step.wave,
            step.round,
            description(step.stage),
            [list(guard) for guard in step.guards],
            step.begins,
            None if step.seats is None else list(step.seats),
            step.need,
        ]
        for step in unroll(protocol.parts(setting))
    ]
    return ProtocolRef(
        name=protocol.name,
        version=protocol.version,
        params=protocol.params(),
        graph_sha256=digest(canonical(steps)),
    )
