"""Two arms: the runs of one folder against those of another, question by question.

Runs of one question (its text, its options, and whether it is one of values) are paired: those of one run
id first, then those of one seed, the others in the order of their folders. What has no counterpart is
listed, and not counted. A branch whose trunk is in the same arm is left out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from folkmoot.records.diff import Difference, Side, diff, side_of
from folkmoot.records.diff_conflicts import Changed, Compared, changes
from folkmoot.records.errors import InputError, JournalError
from folkmoot.records.found import find_records
from folkmoot.records.outcome import Outcome, load

_TURNED = {"appeared": "vanished", "vanished": "appeared"}


class Arm(NamedTuple):
    """The runs of a folder."""

    folder: str
    runs: tuple[Outcome, ...]


class ArmsDifference(Compared):
    """What two arms come to otherwise."""

    first: str
    """The folder of the first arm."""
    second: str
    pairs: tuple[Difference, ...]
    """In the order of the first folder."""
    only_first: tuple[Side, ...] = ()
    """Runs whose question the other arm has no further run of."""
    only_second: tuple[Side, ...] = ()
    counts: dict[str, int]
    """How many pairs differ in what, and how many conflicts over all pairs did: `counted`."""
    cost: dict[str, Changed]
    """Calls and tokens of all pairs together, where they differ. Without a figure that some run lacks."""

    @property
    def empty(self) -> bool:
        """Whether nothing differs, and each run has its counterpart."""
        return not (self.only_first or self.only_second or any(not p.empty for p in self.pairs))

    def mirrored(self) -> Self:
        """The same, seen from the second arm; the pairs stay in their order."""
        counts = {_TURNED.get(name, name): count for name, count in self.counts.items()}
        return self.model_copy(
            update={
                "first": self.second,
                "second": self.first,
                "pairs": tuple(each.mirrored() for each in self.pairs),
                "only_first": self.only_second,
                "only_second": self.only_first,
                "counts": {name: counts[name] for name in self.counts},
                "cost": {name: each.mirrored() for name, each in self.cost.items()},
            }
        )


def diff_arms(first: Path | str, second: Path | str) -> ArmsDifference:
    """What the runs of two folders come to otherwise.

    Raises:
        InputError: a folder holds no record, or the two have no question in common.
        RecordError: a record is broken.
    """
    ours, theirs = _arm(first), _arm(second)
    pairs, left, right = _paired(ours.runs, theirs.runs)
    if not pairs:
        raise InputError(
            f"{str(first)!r} and {str(second)!r} have no question in common",
            "arms are runs of the same questions: two records are compared by naming both",
        )
    found = tuple(diff(one, other) for one, other in pairs)
    return ArmsDifference(
        first=ours.folder,
        second=theirs.folder,
        pairs=found,
        only_first=tuple(map(side_of, left)),
        only_second=tuple(map(side_of, right)),
        counts=counted(found),
        cost=changes(_total(one for one, _ in pairs), _total(other for _, other in pairs)),
    )


def counted(pairs: Sequence[Difference]) -> dict[str, int]:
    """How many pairs differ, and in what.

    `pairs`; `differing`: those that did not come to the same; pairs with another `answer`, `winner`, `status`, `tally`, `ballots`; over all of
    them the conflicts that `appeared` and `vanished`, and those that are there in both with another
    `kind`, with other `sides`, or with another `resolution` (how it ended, or by what).
    """
    found = Counter(pairs=len(pairs))
    for pair in pairs:
        conflicts = pair.conflicts
        found["differing"] += not pair.same_outcome
        found["answer"] += pair.answer is not None
        found["winner"] += "winner" in pair.decision
        found["status"] += "status" in pair.decision
        found["tally"] += bool(pair.tally)
        found["ballots"] += bool(pair.ballots)
        found["appeared"] += len(conflicts.appeared)
        found["vanished"] += len(conflicts.vanished)
        found["kind"] += sum("kind" in each.changed for each in conflicts.changed)
        found["sides"] += sum(bool(each.sides) for each in conflicts.changed)
        found["resolution"] += sum(
            bool({"status", "resolution", "decided by"} & set(each.changed))
            for each in conflicts.changed
        )
    return dict(found)


def _arm(folder: Path | str) -> Arm:
    runs: list[Outcome] = []
    for each in find_records(folder):
        try:
            runs.append(load(each.folder))
        except JournalError as fault:
            raise JournalError(f"{each.name}: {fault.message}", hint=fault.hint) from fault
    there = {run.transcript.opening.run_id for run in runs}
    return Arm(str(folder), tuple(run for run in runs if not _branches(run, there)))


def _branches(run: Outcome, there: Collection[str]) -> bool:
    """Whether a run is a branch of another of its arm: it shares all but its answer with that."""
    trunk = run.transcript.opening.branch_of
    return trunk is not None and trunk.run_id in there


def _paired(
    ours: Sequence[Outcome], theirs: Sequence[Outcome]
) -> tuple[list[tuple[Outcome, Outcome]], list[Outcome], list[Outcome]]:
    """Pairs, in our order; and the runs on either side that are left."""
    other: dict[int, int] = {}
    for keyed in (_of_an_id, _of_a_seed, _item):
        free: dict[Any, list[int]] = {}
        taken = set(other.values())
        for j, run in enumerate(theirs):
            if j not in taken:
                free.setdefault(keyed(run), []).append(j)
        for those in free.values():
            those.reverse()
        for i, run in enumerate(ours):
            if i not in other and (those := free.get(keyed(run))):
                other[i] = those.pop()
    taken = set(other.values())
    return (
        [(run, theirs[other[i]]) for i, run in enumerate(ours) if i in other],
        [run for i, run in enumerate(ours) if i not in other],
        [run for j, run in enumerate(theirs) if j not in taken],
    )


def _item(run: Outcome) -> tuple[object, ...]:
    opening = run.transcript.opening
    return opening.question, opening.options, opening.of_values


def _of_an_id(run: Outcome) -> tuple[object, ...]:
    return *_item(run), run.transcript.opening.run_id


def _of_a_seed(run: Outcome) -> tuple[object, ...]:
    return *_item(run), run.transcript.opening.seed


def _total(runs: Iterable[Outcome]) -> Mapping[str, int | None]:
    totals = [dict(run.ledger.total) for run in runs]
    names = totals[0] if totals else {}
    found: dict[str, int | None] = {}
    for name in names:
        known: list[int] = [total[name] for total in totals if total[name] is not None]
        found[name] = sum(known) if len(known) == len(totals) else None
    return found
