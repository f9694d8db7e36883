"""What can be seen to be wrong with parts by reading them, and where."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat, inside, is_stage
from folkmoot.protocols.rules import Rule

Path = tuple[str | int, ...]
"""Keys and indexes, as in a protocol file: `("parts", 2, "repeat", "parts", 0)`."""


class Fault(NamedTuple):
    """One thing that is wrong."""

    what: str
    path: Path = ()
    """The part; () where it is the protocol as a whole."""


class Placed(NamedTuple):
    """A part, where it stands, and who is there."""

    part: Any
    path: Path
    seats: tuple[str, ...]
    """The panel, or the group that it is in."""


def placed(
    parts: Sequence[Part], seats: Sequence[str] = (), where: Path = ("parts",)
) -> Iterator[Placed]:
    """Every part, those inside others too, in the order in which they are written."""
    for at, part in enumerate(parts):
        yield from _placed(part, (*where, at), tuple(seats))


def _placed(part: Part, path: Path, seats: tuple[str, ...]) -> Iterator[Placed]:
    match part:
        case Repeat():
            path = (*path, "repeat")
            yield Placed(part, path, seats)
            yield from placed(part.body, seats, (*path, "parts"))
        case Gate():
            path = (*path, "gate")
            yield Placed(part, path, seats)
            yield from placed(part.then, seats, (*path, "then"))
            yield from placed(part.otherwise, seats, (*path, "otherwise"))
        case Group():
            yield from _group(part, (*path, "group"), seats)
        case Parallel():
            path = (*path, "parallel")
            yield Placed(part, path, seats)
            for at, group in enumerate(part.groups):
                yield from _group(group, (*path, at), seats)
        case FanIn():
            path = (*path, "fan-in")
            yield Placed(part, path, seats)
            yield Placed(part.stage, (*path, "stage"), seats)
        case _:
            yield Placed(part, path, seats)


def _group(group: Group, path: Path, seats: tuple[str, ...]) -> Iterator[Placed]:
    yield Placed(group, path, seats)
    yield from placed(group.body, group.seats, (*path, "parts"))


def unbounded(parts: Sequence[Part], where: Path = ("parts",)) -> tuple[Fault, ...]:
    """Repetitions that keep a protocol from being unrolled."""
    return tuple(
        Fault(
            "the protocol cannot be shown to end: a repetition of "
            f"{', '.join(called(each) for each in part.body) or 'nothing'} has no bound",
            path,
        )
        for part, path, _ in placed(parts, (), where)
        if isinstance(part, Repeat) and (part.at_most is None or not part.body)
    )


def ungrouped(
    parts: Sequence[Part], seats: Sequence[str], where: Path = ("parts",)
) -> tuple[Fault, ...]:
    """Groups of nobody, of seats that are not there, or side by side with a seat in two of them."""
    found: list[Fault] = []
    for part, path, here in placed(parts, seats, where):
        if isinstance(part, Group):
            found += [Fault("a group has no seats", path)] if not part.seats else []
            found += [
                Fault(f"a group names the seat {seat!r}, which is not {_where(here, seats)}", path)
                for seat in part.seats
                if seat not in here
            ]
        if isinstance(part, Parallel):
            every = [seat for group in part.groups for seat in group.seats]
            found += [
                Fault(f"{seat!r} sits in two groups at the same time", path)
                for seat in dict.fromkeys(every)
                if every.count(seat) > 1
            ]
    return tuple(dict.fromkeys(found))


def unmet(
    parts: Sequence[Part], seats: Sequence[str], where: Path = ("parts",)
) -> tuple[Fault, ...]:
    """Fan-ins that wait for more seats than there are, or for none."""
    found: list[Fault] = []
    for part, path, here in placed(parts, seats, where):
        if not isinstance(part, FanIn):
            continue
        there = len(who(part.stage, here))
        need, stage = part.least(there), called(part.stage)
        if need > there:
            found.append(
                Fault(f"stage {stage!r} waits for {need} seats, and {there} are there", path)
            )
        elif need < 1 <= there:
            found.append(Fault(f"stage {stage!r} waits for {need} seats", path))
    return tuple(found)


def unseated(
    parts: Sequence[Part], seats: Sequence[str], where: Path = ("parts",)
) -> tuple[Fault, ...]:
    """Stages that name a seat which is not on the panel, or not in their group.

    Looked at are the fields by which a stage names seats (`seat`, `seats`, `among`, `drafter`,
    `judge`, `moderator`), its decision rule and the topology of its hearing.
    """
    found: list[Fault] = []
    for part, path, here in placed(parts, seats, where):
        if not is_stage(part):
            continue
        lacking = f"which is not {_where(here, seats)}"
        strange = [seat for seat in _named(part) if seat not in here]
        found += [
            Fault(f"stage {part.name!r} names the seat {s!r}, {lacking}", path) for s in strange
        ]
        rule, hearing = getattr(part, "rule", None), getattr(part, "hearing", None)
        if isinstance(rule, Rule):
            strange = [seat for seat in rule.named if seat not in here]
            found += [
                Fault(f"rule {rule.name!r} names the seat {s!r}, {lacking}", path) for s in strange
            ]
        if isinstance(hearing, Hearing):
            found += [Fault(each, path) for each in hearing.topology.faults(tuple(here))]
    return tuple(dict.fromkeys(found))


def unoffered(
    parts: Sequence[Part], options: Sequence[str] | None, where: Path = ("parts",)
) -> tuple[Fault, ...]:
    """Options that a rule or a stage names and that the question does not have, and more views than
    there are options."""
    if options is None:
        return ()
    found: list[Fault] = []
    for part, path, _ in placed(parts, (), where):
        rule, argues = getattr(part, "rule", None), getattr(part, "argues", None)
        if isinstance(argues, str) and argues not in options:
            what = f"stage {called(part)!r} argues for {argues!r}, which is none of the options"
            found.append(Fault(what, path))
        if not isinstance(rule, Rule):
            continue
        if rule.status_quo is not None and rule.status_quo not in options:
            what = f"the status quo {rule.status_quo!r} is none of the options"
            found.append(Fault(f"rule {rule.name!r}: {what}", path))
        if rule.views is not None and rule.views > len(options):
            what = f"{rule.views} views are asked for, of {len(options)} options"
            found.append(Fault(f"rule {rule.name!r}: {what}", path))
    return tuple(found)


def called(part: Part | Any) -> str:
    """What a part is called in a message."""
    match part:
        case Repeat() | Gate() | Parallel() | FanIn() | Group():
            return f"({', '.join(called(each) for each in inside(part))})"
        case _:
            return str(getattr(part, "name", getattr(part, "__name__", part)))


def who(stage: Any, seats: Sequence[str]) -> Sequence[str]:
    """The seats that a stage asks: those it names that are there, or all."""
    named: Sequence[str] | None = getattr(stage, "seats", None)
    return seats if named is None else tuple(seat for seat in seats if seat in named)


def _where(here: Sequence[str], seats: Sequence[str]) -> str:
    where = "on the panel" if tuple(here) == tuple(seats) else "in its group"
    return f"{where} ({', '.join(here)})"


def _named(stage: Any) -> list[str]:
    named: list[str] = []
    for field in ("seat", "seats", "among", "drafter", "judge", "moderator"):
        given: str | Sequence[str] | None = getattr(stage, field, None)
        named += [given] if isinstance(given, str) else given or ()
    return named
