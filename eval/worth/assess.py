"""Assess: the worth of every contributor over some records, without a model."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from folkmoot.eval import statistics
from folkmoot.eval.statistics import Interval
from folkmoot.eval.worth.gold import Gold, gold_of
from folkmoot.eval.worth.parts import DIGITS, NotValued, Part, Valued, parts, valued
from folkmoot.eval.worth.players import Member, Player, checked, member, players
from folkmoot.eval.worth.plurality import KINDS
from folkmoot.eval.worth.quality import Votes
from folkmoot.eval.worth.runs import Run, read_runs
from folkmoot.eval.worth.shapley import PAIRS
from folkmoot.eval.worth.statement import (
    LEAST_QUESTIONS,
    Plurality,
    Priority,
    Quality,
    Statement,
    Worth,
)
from folkmoot.records import InputError
from folkmoot.records.accounts import total_of


def worth(
    records: Sequence[Path | str],
    gold: Sequence[Gold] = (),
    *,
    identity: Mapping[str, str] | None = None,
    votes: Votes = "first",
    pairs: int = PAIRS,
    seed: int = 0,
) -> Worth:
    """The worth of every contributor over some runs. No model is asked.

    Args:
        records: folders of runs, or of several runs.
        gold: the right answers, as far as they are known; quality is measured by them.
        identity: contributor, or seat without one → who it is; those of one name are one player.
        votes: which votes quality counts.
        pairs: of orders, that are drawn for each run with more players than can be valued exactly.
        seed: of the draws.

    Raises:
        InputError: there is no run that has ended, a right answer is none of its question's options,
            or the identity map names nobody.
        RecordError: a record is broken.
    """
    every = read_runs(records)
    runs = [run for run in every if not run.unfit]
    if not runs:
        raise InputError("none of these runs has ended", "resume them first")
    same = checked(identity, [member(p) for run in runs for p in run.opening.parties])
    found = _Gathered()
    for number, run in enumerate(runs):
        there, known = players(run.opening, same), gold_of(run.opening, gold)
        solved = None
        try:
            solved = valued(run, there, known, votes, pairs, seed + number) if gold else None
        except NotValued as why:
            found.without[str(run.folder)] = str(why)
        found.add(run, there, solved)
    right = [sum(of) / len(of) for of in found.systems.values()]
    calls = [(run, call) for run in runs for call in run.calls]
    return Worth(
        statements=tuple(
            _statement(each, runs, of, tuple(found.twins[each]), seed)
            for each, of in found.made.items()
        ),
        runs=len(runs),
        questions=len({run.item for run in runs}),
        accuracy=_mean(right),
        accuracy_interval=_interval(right, seed),
        votes=votes,
        total=total_of([call for _, call in calls]),
        others=total_of([call for run, call in calls if call.seat not in run.opening.seats]),
        aborted=sum(len(run.view.aborts) for run in runs),
        without_quality=found.without,
        left_out={str(run.folder): run.unfit for run in every if run.unfit},
        seed=seed,
    )


class _Gathered:
    """What is known of each contributor, run by run."""

    def __init__(self) -> None:
        self.made: dict[Member, list[Part]] = defaultdict(list)
        self.twins: dict[Member, dict[str, None]] = defaultdict(dict)
        """Who was one with it."""
        self.systems: dict[str, list[float]] = defaultdict(list)
        """Item → how likely the panel's decision was right."""
        self.without: dict[str, str] = {}

    def add(self, run: Run, there: Sequence[Player], solved: Valued | None) -> None:
        """One run more."""
        for player in there:
            for each in player.members:
                others = (str(other) for other in player.members if other != each)
                self.twins[each] |= dict.fromkeys(others)
        for each, part in parts(run, there, solved):
            self.made[each].append(part)
        if solved is not None:
            self.systems[run.item].append(solved.system)


def _statement(
    each: Member, runs: Sequence[Run], made: Sequence[Part], twins: tuple[str, ...], seed: int
) -> Statement:
    mine = [party for run in runs for party in run.opening.parties if member(party) == each]
    declared = dict.fromkeys(task for party in mine for task in party.priorities or ())
    return Statement(
        contributor=each.name,
        named=each.named,
        seats=tuple(dict.fromkeys(party.seat for party in mine)),
        models=tuple(dict.fromkeys(party.model for party in mine)),
        same_as=twins,
        runs=len(made),
        cost=total_of([call for part in made for call in part.calls]),
        quality=_quality(made, seed),
        plurality=_plurality(made, seed),
        priorities=tuple(_priority(task, made, seed) for task in declared),
    )


def _quality(made: Sequence[Part], seed: int) -> Quality | None:
    measured = [part for part in made if part.quality is not None]
    if not measured:
        return None
    values = _by_question(measured, lambda part: part.quality)
    return Quality(
        questions=len(values),
        value=_mean(values) or 0.0,
        interval=_interval(values, seed),
        leave_one_out=_mean(_by_question(measured, lambda part: part.missing)) or 0.0,
        **_per_second(measured, lambda part: part.quality, seed),
        alone=_mean(_by_question(measured, lambda part: part.alone)),
        pairs=max((part.pairs for part in measured if part.pairs is not None), default=None),
    )


def _plurality(made: Sequence[Part], seed: int) -> Plurality:
    values = _by_question(made, lambda part: part.plural)
    return Plurality(
        questions=len(values),
        value=_mean(values) or 0.0,
        interval=_interval(values, seed),
        leave_one_out=_mean(_by_question(made, lambda part: part.only)) or 0.0,
        **_per_second(made, lambda part: part.plural, seed),
        kinds={
            kind: _mean(_by_question(made, lambda part, kind=kind: part.kinds[kind])) or 0.0
            for kind in KINDS
        },
    )


def _priority(task: str, made: Sequence[Part], seed: int) -> Priority:
    there = [part for part in made if part.task == task and part.alone is not None]
    system = _by_question(there, lambda part: part.system)
    own = _by_question(there, lambda part: part.alone)
    apart = [round(a - b, DIGITS) for a, b in zip(system, own, strict=True)]
    return Priority(
        task=task,
        questions=len(system),
        system=_mean(system),
        alone=_mean(own),
        difference=_mean(apart),
        interval=_interval(apart, seed),
    )


def _by_question(made: Sequence[Part], figure: Callable[[Part], float | None]) -> list[float]:
    """The mean of a figure over the runs of each question, where it is known."""
    found: dict[str, list[float]] = defaultdict(list)
    for part in made:
        value = figure(part)
        if value is not None:
            found[part.item].append(value)
    return [sum(values) / len(values) for values in found.values()]


def _per_second(
    made: Sequence[Part], figure: Callable[[Part], float | None], seed: int
) -> dict[str, Any]:
    """Worth over engine seconds, both summed over questions, which are drawn together."""
    worths, seconds = _by_question(made, figure), _by_question(made, _engine_s)
    if any(_engine_s(part) is None for part in made) or not all(seconds):
        return {}
    interval = None
    if len(worths) >= LEAST_QUESTIONS:
        interval = statistics.bootstrap(
            [worths, seconds], lambda means: means[0, :, 0] / means[1, :, 0], seed=seed
        )
    return {"per_engine_s": sum(worths) / sum(seconds), "per_engine_s_interval": interval}


def _engine_s(part: Part) -> float | None:
    """Seconds of its calls; None where one that was answered has none. Not rounded, as accounts are."""
    paid = [call.engine_s for call in part.calls if call.prompt is not None]
    known = [seconds for seconds in paid if seconds is not None]
    return sum(known) if known and len(known) == len(paid) else None


def _interval(values: Sequence[float], seed: int) -> Interval | None:
    return statistics.mean(values, seed=seed) if len(values) >= LEAST_QUESTIONS else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
