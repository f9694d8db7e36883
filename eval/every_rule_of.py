"""Every rule over many runs: how often each can count, agrees with what was decided, and with each other."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from folkmoot.eval.every_rule import EveryRule, Ruled, every_rule, hold_params
from folkmoot.records import InputError, RecordError, Transcript, load
from folkmoot.records.base import Frozen
from folkmoot.records.found import find_records


class RuleRow(Frozen):
    """One rule over the runs of a folder."""

    rule: str
    counted: int
    """Runs whose ballots it could count."""
    agree: int
    """Of these, how many come to the winner of the rule on record, or likewise to none."""
    without_winner: int
    compared: bool = True
    """Whether it is held against other rules (`Ruled.compared`)."""


class Pair(Frozen):
    """Two rules over the runs that both could count."""

    first: str
    second: str
    both: int
    same: int
    """Runs in which they come to the same winner, or both to none."""


class EveryRuleOf(Frozen):
    """The runs of a folder under every rule."""

    folder: str
    runs: tuple[EveryRule, ...]
    left_out: dict[str, str] = Field(default_factory=dict)
    """Record → why its ballots were not counted: it has not decided, or is a branch of another."""
    broken: dict[str, str] = Field(default_factory=dict)
    """Record → why it cannot be read, or its decision not counted."""
    rules: tuple[RuleRow, ...]
    pairs: tuple[Pair, ...]
    """The agreement matrix, each pair of rules once; those that are not compared are not in it."""
    alike: tuple[tuple[str, ...], ...]
    """Rules in groups that come to the same in every run, and could count the same ones."""

    @property
    def irreproducible(self) -> tuple[EveryRule, ...]:
        """Runs whose decision is not what the rule on record comes to."""
        return tuple(run for run in self.runs if run.reproduced is False)

    @property
    def wrong(self) -> bool:
        """Whether a decision does not come out again, or a record cannot be read."""
        return bool(self.irreproducible or self.broken)

    def plain(self) -> dict[str, object]:
        """As JSON, with the runs whose decision does not come out again by name."""
        names = [each.record or each.run_id for each in self.irreproducible]
        runs = [each.plain() for each in self.runs]
        return {**super().plain(), "runs": runs, "irreproducible": names}


def every_rule_of(
    folder: Path | str,
    *,
    without: Collection[str] = (),
    params: Mapping[str, Any] | None = None,
    weights: Mapping[str, float] | None = None,
) -> EveryRuleOf:
    """Count the ballots of every run in a folder under every rule.

    Args:
        folder: of records, at any depth. Branches are left out: their ballots are those of their trunks.
        without, params, weights: as for `every_rule`. A seat that some panels do not have is left out where
            it is.

    Raises:
        InputError: there is no record, none has decided, no panel has such a seat, or no rule has such
            a parameter.
    """
    hold_params(params or {})
    runs: list[EveryRule] = []
    left_out, broken = dict[str, str](), dict[str, str]()
    seats: set[str] = set()
    for each in find_records(folder):
        try:
            transcript = load(each.folder).transcript
            seats.update(transcript.opening.seats)
            if why := _unfit(transcript):
                left_out[each.name] = why
                continue
            here = [seat for seat in without if seat in transcript.opening.seats]
            heavy = _heavy(weights, transcript)
            found = every_rule(transcript, without=here, params=params, weights=heavy)
        except (RecordError, InputError) as fault:
            broken[each.name] = fault.message
            continue
        runs.append(found.model_copy(update={"record": each.name}))
    if strange := [seat for seat in (*without, *(weights or {})) if seat not in seats]:
        raise InputError(f"no panel in {str(folder)!r} has a seat named {strange[0]!r}")
    if not runs:
        why = "; ".join(
            f"{name}: {said}" for name, said in [*broken.items(), *left_out.items()][:3]
        )
        raise InputError(f"no run in {str(folder)!r} can be decided again: {why}")
    columns = _columns(runs)
    return EveryRuleOf(
        folder=str(folder),
        runs=tuple(runs),
        left_out=left_out,
        broken=broken,
        rules=tuple(_row(name, runs) for name in columns),
        pairs=_pairs(columns),
        alike=_alike(columns),
    )


def _unfit(transcript: Transcript) -> str:
    if transcript.opening.branch_of is not None:
        return f"it is a branch of {transcript.opening.branch_of.run_id}"
    if transcript.opening.shadow_of is not None:
        return "it is of a seat on probation, which took no part"
    return "" if transcript.decision is not None else "it has come to no decision"


def _heavy(weights: Mapping[str, float] | None, seen: Transcript) -> dict[str, float] | None:
    if weights is None:
        return None
    return {seat: weight for seat, weight in weights.items() if seat in seen.opening.seats}


class _Came(NamedTuple):
    """What a rule came to in a run; None for no winner."""

    winner: str | None


def _columns(runs: Sequence[EveryRule]) -> dict[str, dict[int, Ruled]]:
    """Rule → run → what it came to there, of the runs that it could count."""
    found: dict[str, dict[int, Ruled]] = {}
    for number, run in enumerate(runs):
        for name, came in run.rules.items():
            found.setdefault(name, {})[number] = came
    return found


def _row(name: str, runs: Sequence[EveryRule]) -> RuleRow:
    came = [(run, run.rules[name]) for run in runs if name in run.rules]
    return RuleRow(
        rule=name,
        counted=len(came),
        agree=sum(r.held is not None and r.held.winner == each.winner for r, each in came),
        without_winner=sum(each.winner is None for _, each in came),
        compared=all(each.compared for _, each in came),
    )


def _compared(column: Mapping[int, Ruled]) -> dict[int, _Came]:
    return {number: _Came(each.winner) for number, each in column.items() if each.compared}


def _pairs(columns: Mapping[str, Mapping[int, Ruled]]) -> tuple[Pair, ...]:
    compared = {name: found for name, each in columns.items() if (found := _compared(each))}
    pairs: list[Pair] = []
    for first, second in combinations(compared, 2):
        ours, theirs = compared[first], compared[second]
        both = ours.keys() & theirs.keys()
        same = sum(ours[number] == theirs[number] for number in both)
        pairs.append(Pair(first=first, second=second, both=len(both), same=same))
    return tuple(pairs)


def _alike(columns: Mapping[str, Mapping[int, Ruled]]) -> tuple[tuple[str, ...], ...]:
    groups: dict[tuple[tuple[int, _Came], ...], list[str]] = {}
    for name, column in columns.items():
        if compared := _compared(column):
            groups.setdefault(tuple(compared.items()), []).append(name)
    return tuple(map(tuple, groups.values()))
