"""A rehearsal: a protocol walked through without a model, every way that its checks may go.

What it finds wrong is wrong for real, since stages are pure: a stage that cannot run, a way on which
nothing is decided, a first answer that is not blind.
"""

import copy
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from folkmoot.agents import Panel
from folkmoot.graphs.dry import Longest
from folkmoot.protocols import (
    FanIn,
    Gate,
    Group,
    Parallel,
    Part,
    Repeat,
    Step,
    due,
    seen_by,
    unroll,
    waves,
)
from folkmoot.protocols.condition import Finding, Look, as_condition
from folkmoot.protocols.faults import Path
from folkmoot.protocols.parts import walk
from folkmoot.protocols.stage import as_stage
from folkmoot.records import Call, Check, Opening, Party, ProtocolRef, Record, Reply

_MOST_GATES = 4
"""Gates of which every combination is walked; of more, each is taken both ways."""


class Leaf(NamedTuple):
    """A stage or a condition, and where it stands."""

    thing: Any
    path: Path


class Taken(NamedTuple):
    """A step that was taken."""

    step: Step
    path: Path
    round: int
    calls: tuple[Call, ...]
    records: tuple[Record, ...]
    looked: Finding | None = None
    """What the condition found, whatever way was taken then."""


class Way(NamedTuple):
    """One way through a protocol."""

    taken: tuple[Taken, ...]
    fault: tuple[Path, str] | None = None
    """Where it could not go on, and why."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """Everything that is asked, in order."""
        return tuple(call for each in self.taken for call in each.calls)

    @property
    def records(self) -> tuple[Record, ...]:
        """Everything but replies, in order."""
        return tuple(record for each in self.taken for record in each.records)


def dry_opening(panel: Panel | Sequence[str], options: Sequence[str] | None) -> Opening:
    """The opening of a run that is not held."""
    if isinstance(panel, Panel):
        parties = panel.parties()
    else:
        parties = tuple(Party(seat=seat, model="model") for seat in panel)
    return Opening(
        run_id="rehearsal",
        question="What should be done?",
        options=None if options is None else tuple(options),
        seed=0,
        parties=parties,
        protocol=ProtocolRef(name="rehearsal", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000+00:00",
    )


class Agreed(Longest):
    """Replies as long as they may be; all seats hold the same from the start."""

    def _side(self, call: Call) -> int:
        return self._sides[0]


class Silent(Longest):
    """Nobody answers."""

    def __call__(self, calls: tuple[Call, ...]) -> tuple[Reply, ...]:
        """Every reply is missing."""
        return tuple(Reply.to(call, "unavailable", error="nobody answers") for call in calls)


def rehearse(
    parts: Sequence[Part],
    opening: Opening,
    where: Path = ("parts",),
    replies: type[Longest] = Longest,
) -> tuple[Way, ...]:
    """Every way through a protocol; with many gates, ways that take each gate both ways.

    Every repetition runs to its bound; with `Silent` and `Agreed` seats the first way is enough.

    Raises:
        ValueError: a repetition has no bound.
    """
    named, leaves = distinct(parts, where)
    paths = {id(leaf.thing): leaf.path for leaf in leaves}
    every = waves(unroll(named))
    gates = sorted(_gates(every, named))
    plans = [dict(zip(gates, holds, strict=True)) for holds in _plans(len(gates))]
    walked = plans if replies is Longest else plans[:1]
    return tuple(_walk(every, paths, opening, plan, replies(opening)) for plan in walked)


def distinct(parts: Sequence[Part], where: Path = ("parts",)) -> tuple[tuple[Any, ...], list[Leaf]]:
    """The same parts with every stage and condition an object of its own, and where each stands.

    Paths are those of a protocol file.
    """
    made: list[Any] = []
    leaves: list[Leaf] = []

    def leaf(thing: Any, path: Path) -> Any:
        own = copy.copy(thing)
        leaves.append(Leaf(own, path))
        return own

    def body(inner: Sequence[Part], path: Path) -> tuple[Any, ...]:
        again, found = distinct(inner, path)
        leaves.extend(found)
        return again

    def group(each: Group, path: Path) -> Group:
        return Group(each.seats, body(each.body, (*path, "parts")))

    for at, part in enumerate(parts):
        path = (*where, at)
        match part:
            case Repeat():
                path = (*path, "repeat")
                until = None
                if part.until is not None:
                    until = leaf(as_condition(part.until), (*path, "until"))
                made.append(Repeat(body(part.body, (*path, "parts")), part.at_most, until))
            case Gate():
                path = (*path, "gate")
                when = leaf(as_condition(part.when), (*path, "when"))
                then = body(part.then, (*path, "then"))
                made.append(Gate(when, then, body(part.otherwise, (*path, "otherwise"))))
            case Group():
                made.append(group(part, (*path, "group")))
            case Parallel():
                inner = [group(each, (*path, "parallel", n)) for n, each in enumerate(part.groups)]
                made.append(Parallel(tuple(inner)))
            case FanIn():
                stage = leaf(as_stage(part.stage), (*path, "fan-in", "stage"))
                made.append(FanIn(stage, part.need))
            case _:
                made.append(leaf(as_stage(part), path))
    return tuple(made), leaves


def _gates(every: Sequence[Sequence[Step]], parts: Sequence[Part]) -> set[int]:
    """The numbers of the steps that look at the condition of a gate."""
    whens = {id(part.when) for part in walk(parts) if isinstance(part, Gate)}
    return {
        step.number
        for wave in every
        for step in wave
        if isinstance(step.stage, Look) and id(step.stage.condition) in whens
    }


def _plans(gates: int) -> Sequence[Sequence[bool]]:
    """For each gate, which way to go; in the first plan all hold."""
    if gates <= _MOST_GATES:
        return tuple(product((True, False), repeat=gates))
    each = [tuple(at != flipped for at in range(gates)) for flipped in range(gates)]
    return ((True,) * gates, (False,) * gates, *each)


def _walk(
    every: Sequence[Sequence[Step]],
    paths: dict[int, Path],
    opening: Opening,
    plan: dict[int, bool],
    replies: Longest,
) -> Way:
    """One way: gates go as planned, and no repetition ends before its bound."""
    records: tuple[Record, ...] = ()
    taken: list[Taken] = []
    for wave in every:
        told: tuple[Record, ...] = ()
        for step in due(wave, records):
            stage = step.stage
            thing = stage.condition if isinstance(stage, Look) else stage
            path = paths.get(id(thing), ())
            try:
                calls, answers, said = _take(step, opening, (*records, *told), replies)
                looked = None
                if isinstance(stage, Look):
                    looked = stage.condition.look(seen_by(step, opening, (*records, *told)))
                    said = tuple(_going(each, plan.get(step.number, False)) for each in said)
            except Exception as fault:  # a stage may be anybody's
                why = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
                return Way(tuple(taken), (path, f"{stage.name!r} cannot run: {why}"))
            told = (*told, *answers, *said)
            round_ = seen_by(step, opening, records).place.round
            taken.append(Taken(step, path, round_, calls, said, looked))
        records = (*records, *told)
    return Way(tuple(taken))


def _take(
    step: Step, opening: Opening, records: tuple[Record, ...], replies: Longest
) -> tuple[tuple[Call, ...], tuple[Reply, ...], tuple[Record, ...]]:
    calls = step.stage.ask(seen_by(step, opening, records))
    answers = replies(calls)
    return calls, answers, step.stage.tell(seen_by(step, opening, (*records, *answers)), answers)


def _going(record: Record, holds: bool) -> Record:
    return record.model_copy(update={"holds": holds}) if isinstance(record, Check) else record


def which(way: Way) -> str:
    """On which way that is: how its gates went."""
    went = [
        f"{said(each.path[:-1])} {'holds' if record.holds else 'does not hold'}"
        for each in way.taken
        for record in each.records
        if isinstance(record, Check) and each.path[-2:] == ("gate", "when")
    ]
    return f" where {' and '.join(dict.fromkeys(went))}" if went else ""


def said(path: Path) -> str:
    """`parts[2].gate`."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


def told(taken: Taken, kind: Any) -> bool:
    """Whether a step tells of a record of this kind."""
    return any(isinstance(record, kind) for record in taken.records)
