"""What can be found wrong with a protocol by reading its parts: nothing is walked through."""

import dis
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from folkmoot.protocols import Deliberation, FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.clerk import Clerk
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.condition import FunctionCondition, as_condition
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.description import description
from folkmoot.protocols.faults import (
    Fault,
    Path,
    called,
    placed,
    unbounded,
    ungrouped,
    unmet,
    unoffered,
    unseated,
    who,
)
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.parts import is_stage
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.stopping import CalledOff, Moderate
from folkmoot.protocols.summarise import Summarise
from folkmoot.protocols.written import written
from folkmoot.records.base import Frozen

_SETTINGS = {"embed_claims": "embed", "same_point": "same", "correct": "ratify"}
"""Stage of a log → the setting that asks for it, where that has another name."""

MOST_STEPS = 3_000
"""Steps of a protocol at most, every repetition run to its bound: more cannot be rehearsed."""


def misfits(
    parts: Sequence[Part], seats: Sequence[str], options: Sequence[str] | None, where: Path
) -> tuple[Fault, ...]:
    """What keeps parts from being walked through with these seats at all."""
    found = (
        *unbounded(parts, where),
        *unseated(parts, seats, where),
        *ungrouped(parts, seats, where),
        *unmet(parts, seats, where),
        *unoffered(parts, options, where),
        *_unreached(parts, where),
    )
    if found:
        return found
    if not parts:
        return (Fault("the protocol has no parts"),)
    if (steps := _steps(parts)) > MOST_STEPS:
        what = f"up to {steps} steps: it may be shown to end, but at most {MOST_STEPS} are walked"
        return (Fault(what),)
    return ()


def oddities(
    protocol: Deliberation, parts: Sequence[Part], seats: Sequence[str], where: Path
) -> tuple[Fault, ...]:
    """What can be walked through, and still cannot be meant."""
    return (
        *_overruled(protocol),
        *_pointless(parts, where),
        *_constant(parts, where),
        *_nobody(parts, seats, where),
        *_short(parts, seats, where),
        *_unserved(parts, where),
    )


def without_log(plain: Sequence[Part], run: Sequence[Part], where: Path) -> Mapping[Path, Path]:
    """Where the parts of a protocol run under a log → where they are written; the log's own stages are
    written under `log`.

    Args:
        plain: the parts as they are written.
        run: the same with the stages of the log among them.
        where: under which key of a protocol file they stand.
    """
    return dict(_moved(plain, run, where, where))


def _moved(
    plain: Sequence[Part], run: Sequence[Part], where: Path, ran: Path
) -> Iterator[tuple[Path, Path]]:
    rest = iter(enumerate(run))
    for number, part in enumerate(plain):
        for place, each in rest:
            # A log adds stages before these two, and before nothing else.
            if isinstance(part, Contest | Conclude) and not isinstance(each, Contest | Conclude):
                yield (*ran, place), ("log", _setting(each))
                continue
            here, there = (*where, number), (*ran, place)
            yield there, here
            for (inside, body), (_, under) in zip(_bodies(part), _bodies(each), strict=True):
                yield from _moved(body, under, (*here, *inside), (*there, *inside))
            break


def _setting(stage: Any) -> str:
    name = called(stage)
    return "llm" if isinstance(stage, Clerk) and stage.votes else _SETTINGS.get(name, name)


def _bodies(part: Part) -> list[tuple[Path, Sequence[Part]]]:
    match part:
        case Repeat():
            return [(("repeat", "parts"), part.body)]
        case Gate():
            return [(("gate", "then"), part.then), (("gate", "otherwise"), part.otherwise)]
        case Group():
            return [(("group", "parts"), part.body)]
        case Parallel():
            bodies = (each.body for each in part.groups)
            return [(("parallel", at, "parts"), body) for at, body in enumerate(bodies)]
        case _:
            return []


def _unreached(parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    for part, path, _ in placed(parts, (), where):
        if isinstance(part, Repeat) and part.at_most is not None and part.at_most < 1:
            what = f"{called(part)} can never run: it is repeated {part.at_most} times at most"
            yield Fault(what, path)


def _steps(parts: Sequence[Any]) -> int:
    """Steps at most, without unrolling them: a bound may be a billion."""
    count = 0
    for part in parts:
        match part:
            case Repeat():
                count += (part.at_most or 0) * (_steps(part.body) + (part.until is not None))
            case Gate():
                count += 1 + _steps(part.then) + _steps(part.otherwise)
            case Group():
                count += _steps(part.body)
            case Parallel():
                count += _steps(part.groups)
            case _:
                count += 1
    return count


def _overruled(protocol: Deliberation) -> Iterator[Fault]:
    """A rule for ballots, where a judge decides."""
    fields = type(protocol).model_fields if isinstance(protocol, Frozen) else {}
    judge, rule = getattr(protocol, "judge", None), getattr(protocol, "rule", None)
    if isinstance(rule, Rule):
        rule = rule.model_copy(update={"forced": None})  # that holds for a judge's choice too
    if judge is not None and "rule" in fields and rule != fields["rule"].get_default():
        name = getattr(rule, "name", rule)
        yield Fault(f"the rule {name!r} decides nothing: the judge {judge!r} does")


def _pointless(parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    for part, path, _ in placed(parts, (), where):
        if not isinstance(part, Gate):
            continue
        if not part.then and not part.otherwise:
            yield Fault("a gate has nothing on either way", path)
        elif written(part.then, pinned=True) == written(part.otherwise, pinned=True):
            yield Fault("a gate does the same on both ways", path)
        for way, holds in (("then", True), ("otherwise", False)):
            first = next(iter(getattr(part, way)), None)
            if isinstance(first, Gate) and description(as_condition(first.when)) == description(
                as_condition(part.when)
            ):
                never = "otherwise" if holds else "then"
                what = f"{never!r} can never run: the same was looked at just before"
                yield Fault(what, (*path, way, 0, "gate"))


def _constant(parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    """Functions that do not look at what they are given say the same each time."""
    for part, path, _ in placed(parts, (), where):
        field = "when" if isinstance(part, Gate) else "until" if isinstance(part, Repeat) else ""
        given = getattr(part, field, None) if field else None
        condition = None if given is None else as_condition(given)
        if isinstance(condition, FunctionCondition) and not _looks(condition.function):
            what = f"{condition.name!r} never looks at the record: one way can never run"
            yield Fault(what, (*path, field))


def _looks(function: Any) -> bool:
    """Whether a function uses its argument; true where that cannot be seen."""
    code = getattr(function, "__code__", None)
    if code is None or not code.co_argcount:
        return True
    first = code.co_varnames[0]
    named = (each.argval for each in dis.get_instructions(code))
    # From Python 3.13 on, one instruction may load two.
    return first in code.co_cellvars or any(
        first in each if isinstance(each, tuple) else first == each for each in named
    )


def _unserved(parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    """Summaries that are heard and never written, moderators who are heeded and never asked."""
    every = list(placed(parts, (), where))
    stages = [getattr(part, "stage", part) for part, _, _ in every if is_stage(part)]
    there = {type(stage) for stage in stages}
    if not all(kind.__module__.startswith("folkmoot.") for kind in there):
        return  # a stage of somebody's own may do either
    summed = Summarise in there or any(getattr(s, "role", "") == "summary" for s in stages)
    for part, path, _ in every:
        hearing = getattr(getattr(part, "stage", part), "hearing", None)
        summary = isinstance(hearing, Hearing) and hearing.history == "summary"
        if is_stage(part) and summary and not summed:
            yield Fault(f"{called(part)!r} hears summaries, and nobody writes any", path)
        field = "when" if isinstance(part, Gate) else "until" if isinstance(part, Repeat) else ""
        if field and _heeds(getattr(part, field)) and Moderate not in there:
            yield Fault("'called-off' heeds a moderator, and none is asked", (*path, field))


def _heeds(condition: Any) -> bool:
    """Whether a condition looks at what a moderator said, itself or within."""
    inner = getattr(condition, "of", ())
    within = inner if isinstance(inner, tuple) else (inner,)
    return isinstance(condition, CalledOff) or any(map(_heeds, within))


def _nobody(parts: Sequence[Part], seats: Sequence[str], where: Path) -> Iterator[Fault]:
    for part, path, here in placed(parts, seats, where):
        if is_stage(part) and not who(part, here):
            yield Fault(f"stage {called(part)!r} has nobody to ask", path)


def _short(parts: Sequence[Part], seats: Sequence[str], where: Path) -> Iterator[Fault]:
    """Votes of which fewer are waited for than the rule needs."""
    waits: FanIn | None = None
    at: Path = ()
    voters = len(seats)
    for part, path, here in placed(parts, seats, where):
        name = called(part.stage if isinstance(part, FanIn) else part)
        if name in ("stand", "rank", "vote", "ballot"):
            inside = waits is not None and part is waits.stage
            waits = part if isinstance(part, FanIn) else waits if inside else None
            at = at if inside else path
            voters = len(who(part.stage if isinstance(part, FanIn) else part, here))
        quorum = getattr(getattr(part, "rule", None), "quorum", None)
        if waits is not None and isinstance(quorum, float | int):
            needed = ceil(quorum * voters)
            if waits.least(voters) < needed:
                yield Fault(
                    f"{called(waits.stage)!r} waits for {waits.least(voters)} of {voters} seats, and the "
                    f"rule needs {needed} valid ballots",
                    at,
                )
