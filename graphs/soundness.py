"""Soundness: all that can be found wrong with a protocol before anything is spent on it.

Some of it is seen by reading the parts (`static`), the rest by rehearsing them (`rehearsal`): every
way ends in one decision and one answer, first answers and judges are blind, no part is idle.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from folkmoot.graphs import static
from folkmoot.graphs.blindness import identified
from folkmoot.graphs.check import require
from folkmoot.graphs.contested import contested, unsaid
from folkmoot.graphs.dry import Longest
from folkmoot.graphs.listening import heard_by
from folkmoot.graphs.rehearsal import Agreed, Silent, Taken, Way, rehearse, told, which
from folkmoot.protocols import Bounded, Deliberation, Group, Logged, Part, Repeat, Setting
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.condition import Look
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.faults import Fault, Path, called, placed
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import RULES
from folkmoot.protocols.speak import Speak
from folkmoot.records import QUESTION, Answer, Decision, Opening, Stance, Turn
from folkmoot.records.acts import PROCEDURE

RANKING = frozenset(name for name, known in RULES.items() if known.reads == "ranking")
"""Rules that read whole rankings."""


def unsound(protocol: Deliberation, opening: Opening) -> tuple[Fault, ...]:
    """Everything that is wrong with a protocol for these seats and this kind of question.

    What runs under a log is checked with the log's stages. Faults are where the protocol is written:
    those of the log's stages under `log`.
    """
    setting = Setting.of(opening)
    unfit = protocol.faults(setting.seats)
    if unfit:
        return tuple(Fault(each) for each in unfit)
    plain = _unlogged(protocol)
    parts, where = plain.parts(setting), root(protocol, setting)
    misfits = _misfits(protocol, setting, where)
    if misfits:
        return misfits
    ways = _ways(protocol, opening)
    others = (*_ways(protocol, opening, Agreed), *_ways(protocol, opening, Silent))
    found = (
        *static.oddities(plain, parts, setting.seats, where),
        *_broken((*ways, *others)),
        *(fault for way in ways if way.fault is None for fault in _ends(way)),
        *unsaid(parts, where),
        *contested(ways, setting.seats),
        *_heard_too_early(ways, opening),
        *identified(ways, opening),
        *_idle(ways, parts, where),
        *_never_asked(ways, parts, opening),
        *_always((*ways, *others), parts, where),
        *_single_choices(ways),
        *_unjudged(ways),
    )
    return tuple(dict.fromkeys(found))


def required(protocol: Deliberation, opening: Opening) -> None:
    """Refuse to go on with a protocol that cannot be walked through to its end, or whose conflicts would
    not be drawn up once, of all that the whole panel says and holds, before the one decision: its records
    would not verify.

    Raises:
        GraphError: with everything that is wrong.
    """
    setting = Setting.of(opening)
    require(protocol.faults(setting.seats))
    found = _misfits(protocol, setting, root(protocol, setting))
    if not found:
        ways = _ways(protocol, opening)
        found = (
            *unsaid(_unlogged(protocol).parts(setting), root(protocol, setting)),
            *_broken(ways),
            *contested(ways, setting.seats),
        )
    says = dict.fromkeys(fault.what for fault in found)
    require([*says], "folkmoot graph check says all that is wrong")


def root(protocol: Deliberation, setting: Setting) -> Path:
    """Under which key of a protocol file the parts for this kind of question stand."""
    plain = _unlogged(protocol)
    apart = isinstance(plain, Composed) and plain.for_open is not None
    return ("open_parts",) if apart and setting.open_question else ("parts",)


def _unlogged(protocol: Deliberation) -> Deliberation:
    return protocol.inner if isinstance(protocol, Logged) else protocol


def _misfits(protocol: Deliberation, setting: Setting, where: Path) -> tuple[Fault, ...]:
    """What keeps the protocol from being walked through, as it is written or with its log."""
    plain, run = _unlogged(protocol).parts(setting), protocol.parts(setting)
    seats, options = setting.seats, setting.options
    return static.misfits(plain, seats, options, where) or static.misfits(
        run, seats, options, where
    )


def _ways(
    protocol: Deliberation, opening: Opening, replies: type[Longest] = Longest
) -> tuple[Way, ...]:
    """Every way through a protocol under its log, each step where it is written."""
    setting = Setting.of(opening)
    run, where = protocol.parts(setting), root(protocol, setting)
    ways = rehearse(run, opening, where, replies)
    if not isinstance(protocol, Logged):
        return ways
    places = static.without_log(protocol.inner.parts(setting), run, where)
    return tuple(_written(way, places) for way in ways)


def _written(way: Way, places: Mapping[Path, Path]) -> Way:
    def at(path: Path) -> Path:
        within = next((n for n in range(len(path), 0, -1) if path[:n] in places), 0)
        return (*places[path[:within]], *path[within:]) if within else path

    fault = None if way.fault is None else (at(way.fault[0]), way.fault[1])
    return Way(tuple(each._replace(path=at(each.path)) for each in way.taken), fault)


def _broken(ways: Sequence[Way]) -> Iterator[Fault]:
    for way in ways:
        if way.fault is not None:
            path, why = way.fault
            yield Fault(f"{why}{which(way)}", path)


def _ends(way: Way) -> Iterator[Fault]:
    """A decision, one answer after it, nothing after the answer."""
    decided = [each for each in way.taken if told(each, Decision)]
    answered = [each for each in way.taken if told(each, Answer)]
    where = which(way)
    if not decided:
        yield Fault(f"nothing is decided{where}")
    if not answered:
        yield Fault(f"nothing is concluded: there is no answer{where}")
    for again in answered[1:]:
        yield Fault(f"{again.step.stage.name!r} concludes a second time{where}", again.path)
    if decided and answered and answered[0].step.number < decided[0].step.number:
        yield Fault(f"{answered[0].step.stage.name!r} comes before the decision", answered[0].path)
    if decided and not any(_ballots(each) for each in decided):
        yield Fault(f"there are no ballots to decide by{where}", decided[0].path)
    last = answered[0].step.number if answered else len(way.taken)
    for after in way.taken:
        if after.step.number > last and not told(after, Answer | Decision):
            yield Fault(f"{after.step.stage.name!r} comes after the conclusion", after.path)


def _ballots(taken: Taken) -> bool:
    return any(record.ballots for record in taken.records if isinstance(record, Decision))


def _heard_too_early(ways: Sequence[Way], opening: Opening) -> Iterator[Fault]:
    """Seats that hear somebody before they have given an answer of their own."""
    early: dict[tuple[Path, str], list[str]] = {}
    for way in ways:
        answered: set[str] = set()
        for taken, heard in heard_by(way):
            first = {
                record.seat
                for record in taken.records
                if (isinstance(record, Stance) and record.about == QUESTION)
                or (isinstance(record, Turn) and isinstance(taken.step.stage, Speak))
            } - answered
            for seat in opening.seats:
                if seat in first and heard.get(seat) and not _in_turn(taken.step.stage):
                    seats = early.setdefault((taken.path, taken.step.stage.name), [])
                    seats += [seat] if seat not in seats else []
            answered |= first
    for (path, name), seats in early.items():
        yield Fault(
            f"{name!r} is not blind: {', '.join(seats)} would hear others before a first answer",
            path,
        )


def _in_turn(stage: Any) -> bool:
    """Whether seats are meant to hear those who spoke before them in the round."""
    inner = getattr(stage, "stage", stage)
    return bool(getattr(getattr(inner, "hearing", None), "same_round", False))


def _idle(ways: Sequence[Way], parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    """Parts that do nothing on any way, and rankings of nothing."""
    if any(way.fault is not None for way in ways):
        return
    asked: Counter[Path] = Counter()
    done: set[Path] = set()
    every: dict[Path, Any] = {}
    for way in ways:
        spoken = False
        for taken in way.taken:
            every[taken.path] = taken.step.stage
            asked[taken.path] += len(taken.calls)
            nothing = isinstance(taken.step.stage, Rank) and not spoken
            if not nothing and (taken.calls or taken.records):
                done.add(taken.path)
            spoken = spoken or told(taken, Turn)
    for path, stage in every.items():
        ranks = isinstance(stage, Rank)
        if path in done or (isinstance(stage, Bounded | Contest | Look) and not ranks):
            continue
        why = "there is nothing to rank" if ranks else "it never does anything"
        yield Fault(f"{stage.name!r} is idle: {why}", path)
    for part, path, _ in placed(parts, (), where):
        within = [count for at, count in asked.items() if at[: len(path)] == path]
        if isinstance(part, Repeat) and not sum(within):
            yield Fault(f"rounds of {called(part)} in which nobody is asked anything", path)


def _never_asked(ways: Sequence[Way], parts: Sequence[Part], opening: Opening) -> Iterator[Fault]:
    """Seats that groups leave out."""
    if not any(isinstance(part, Group) for part, _, _ in placed(parts, opening.seats)):
        return
    # A log asks everybody, which makes nobody part of the deliberation.
    steps = [taken for way in ways for taken in way.taken if taken.path[:1] != ("log",)]
    asked = {call.seat for taken in steps for call in taken.calls}
    for seat in opening.seats:
        if seat not in asked:
            yield Fault(f"{seat!r} sits on the panel, in no group, and is never asked anything")


def _always(ways: Sequence[Way], parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    """Parts behind conditions that find the same for the same reason, however the seats answer."""
    ruled = {path: part for part, path, _ in placed(parts, (), where)}
    looks: dict[Path, list[Taken]] = {}
    for each in (taken for way in ways for taken in way.taken if taken.looked is not None):
        looks.setdefault(each.path, []).append(each)
    for path, every in looks.items():
        found = {each.looked for each in every}
        (one, *others) = found
        if others or one is None or one.value is not None or not one.says:
            continue
        lost = _never(ruled[path[:-1]], holds=one.holds)
        if lost:
            rule = getattr(every[0].step.stage, "condition", every[0].step.stage).name
            which = "always holds" if one.holds else "never holds"
            yield Fault(f"{rule!r} {which} here ({one.says}): {lost} can never run", path)


def _never(part: Any, *, holds: bool) -> str:
    """What never runs where a part's condition always holds, or never; "" for nothing."""
    if isinstance(part, Repeat):
        return called(part) if holds else ""
    body = part.otherwise if holds else part.then
    return ", ".join(called(each) for each in body)


def _unjudged(ways: Sequence[Way]) -> Iterator[Fault]:
    """Rules that count refuters where nobody has judged a claim."""
    for way in ways:
        judged = False
        for taken in way.taken:
            judged = judged or any(
                isinstance(each, Stance) and each.about not in (QUESTION, *PROCEDURE)
                for each in taken.records
            )
            for each in taken.records:
                if isinstance(each, Decision) and "refuters" in each.params and not judged:
                    what = f"the rule {each.rule!r} counts refuters, and nobody has judged a claim"
                    yield Fault(what, taken.path)


def _single_choices(ways: Sequence[Way]) -> Iterator[Fault]:
    """Rules that read rankings, where every ballot is a single choice among three options or more."""
    for way in ways:
        ballots = {record.id: record for record in way.records if record.record == "ballot"}
        for taken in way.taken:
            for record in taken.records:
                if not isinstance(record, Decision) or record.rule not in RANKING:
                    continue
                cast = [ballots[name] for name in record.ballots if name in ballots]
                cast = [ballot for ballot in cast if ballot.ranking]
                if len(record.options) > 2 and cast and all(len(b.ranking) < 2 for b in cast):
                    yield Fault(
                        f"the rule {record.rule!r} reads rankings, and every ballot is a single "
                        "choice",
                        taken.path,
                    )
