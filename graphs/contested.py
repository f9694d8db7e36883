"""Whether a protocol draws up its conflicts so that the record of a run verifies."""

from collections.abc import Iterator, Sequence

from folkmoot.graphs.rehearsal import Taken, Way, told, which
from folkmoot.protocols import Part
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.faults import Fault, Path, placed
from folkmoot.protocols.ratify import Correct, Ratify
from folkmoot.protocols.reopen import Reopen
from folkmoot.protocols.write import Write
from folkmoot.records import (
    Act,
    Ballot,
    Conflict,
    Decision,
    Relation,
    Restatement,
    Stance,
    Turn,
)


def contested(ways: Sequence[Way], seats: Sequence[str]) -> Iterator[Fault]:
    """Conflicts are drawn up once, from all that the whole panel says and holds, and before the one
    decision."""
    for way in (each for each in ways if each.fault is None):
        decided = next((each for each in way.taken if told(each, Decision)), None)
        drawn = [each for each in way.taken if _contests(each)]
        where = which(way)
        if decided is not None and not drawn:
            what = f"no conflicts are drawn up before the decision{where}: put Contest() before it"
            yield Fault(what, decided.path)
        for again in drawn[1:]:
            what = f"conflicts are drawn up a second time{where}: keep the last Contest alone"
            yield Fault(what, again.path)
        for each in drawn:
            name = each.step.stage.name
            if decided is not None and each.step.number > decided.step.number:
                what = f"{name!r} comes after the decision: the winner would shape the conflicts"
                yield Fault(what, each.path)
            if each.step.seats is not None and set(each.step.seats) != set(seats):
                what = f"{name!r} stands in a group ({', '.join(each.step.seats)}): put it after the groups"
                yield Fault(f"{what}, where it sees the whole panel", each.path)
        yield from _late(way, drawn[-1:])
        # A second decision would settle every conflict again.
        for again in [each for each in way.taken if told(each, Decision)][1:]:
            what = f"{again.step.stage.name!r} decides a second time{where}: keep one decision"
            yield Fault(what, again.path)


def _late(way: Way, drawn: Sequence[Taken]) -> Iterator[Fault]:
    for each in way.taken:
        if _adds(each) and any(each.step.number > last.step.number for last in drawn):
            what = f"{each.step.stage.name!r} comes after conflicts are drawn up{which(way)}"
            yield Fault(f"{what}, which would not tell of it: put it before Contest()", each.path)


def _adds(taken: Taken) -> bool:
    """Whether a step asks or tells what seats say of the matter or hold: not the one that decides, by
    ballots cast in it, nor those that ask dissenters, or who writes the answer, afterwards."""
    stage = getattr(taken.step.stage, "stage", taken.step.stage)
    if told(taken, Decision) or isinstance(stage, Ratify | Correct | Reopen | Write):
        return False
    return bool(taken.calls) or told(taken, Act | Ballot | Relation | Restatement | Stance | Turn)


def unsaid(parts: Sequence[Part], where: Path) -> Iterator[Fault]:
    """Rules over stances are switched off where the record says so: in its log."""
    for part, path, _ in placed(parts, (), where):
        if isinstance(part, Contest) and "rule" not in part.layers:
            layers = ", ".join(part.layers)
            what = (
                f"{part.name!r} leaves out the layer 'rule' by itself, which no record says: write"
            )
            yield Fault(f"{what} Contest(), and the log with layers: [{layers}]", path)


def _contests(taken: Taken) -> bool:
    return isinstance(taken.step.stage, Contest) or told(taken, Conflict)
