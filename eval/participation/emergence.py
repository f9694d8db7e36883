"""Collaborative emergence with its controls, regression, and the gap to an oracle.

A system is said to solve what none of its members solves (Feng et al., arXiv 2606.07812; 2601.21257).
That figure alone misleads: with four options a blind guess solves a quarter of what everybody fails. So it
stands beside what a guess would solve, beside what one member solves for the same number of calls, and on
the items that all members fail in each of several draws.
"""

import math
import random
from collections.abc import Mapping, Sequence

from folkmoot.eval.participation.items import Item
from folkmoot.eval.participation.sealed import Sealed
from folkmoot.eval.statistics import Interval, mean
from folkmoot.records.base import Frozen

SAMPLES = 3
"""Draws of each member for the stricter set of items that all fail."""


class Emergence(Frozen):
    """What a system solves that none of its members does. Shares of items, 0 to 1."""

    items: int
    """That every member fails: its likeliest option is wrong, or it gave no answer."""
    solved: Interval | None = None
    """Of these, the share that the system solves; None where there are none."""
    guess: float | None = None
    """What a blind guess among all options would solve."""
    guess_of_the_rest: float | None = None
    """What a guess would solve among the options that no member named."""
    resampled: float | None = None
    """What the best member solves with as many draws as there are members, by plurality."""
    over_guess: Interval | None = None
    """The system less the larger of the two guesses, in pairs."""
    over_resampled: Interval | None = None
    """The system less the best member's draws, in pairs."""
    strict_items: int = 0
    """That every member fails in its likeliest option and in each of `SAMPLES` draws."""
    strict_solved: Interval | None = None


def emergence(
    answers: Sealed, members: Sequence[str], scores: Sequence[float], best: str, seed: int = 0
) -> Emergence:
    """Measure it.

    Args:
        answers: of the members.
        members: on the panel.
        scores: of the system, item by item.
        best: the member that is best on development items, whose draws are the control.
        seed: of draws and intervals.
    """
    right = {each: answers.right(each) for each in members}
    failed = [
        place
        for place in range(len(answers.items))
        if all(right[each][place] == 0 for each in members)
    ]
    if not failed:
        return Emergence(items=0)
    own = [scores[place] for place in failed]
    items = [answers.items[place] for place in failed]
    guess = [1 / len(each.options) for each in items]
    rest = [_of_the_rest(answers, members, each) for each in items]
    drawn = [resampled(answers, best, each, len(members)) for each in items]
    larger = guess if sum(guess) >= sum(rest) else rest
    strict = [at for at, item in enumerate(items) if _fail(answers, members, item, seed)]
    return Emergence(
        items=len(failed),
        solved=_mean(own, seed),
        guess=sum(guess) / len(guess),
        guess_of_the_rest=sum(rest) / len(rest),
        resampled=sum(drawn) / len(drawn),
        over_guess=_difference(own, larger, seed),
        over_resampled=_difference(own, drawn, seed),
        strict_items=len(strict),
        strict_solved=_mean([own[at] for at in strict], seed),
    )


def resampled(answers: Sealed, member: str, item: Item, draws: int) -> float:
    """How likely the plurality of so many draws of a member is right, ties by lot: exact for up to
    a few options, by the multinomial distribution of its draws."""
    shares = answers.answers[item.name][member].shares
    if not shares:
        return 0.0
    p = shares[item.answer]
    others = [share for option, share in shares.items() if option != item.answer]
    if len(others) == 1:
        return _of_two(p, draws)
    return _simulated(p, others, draws, item)


def _of_two(p: float, draws: int) -> float:
    whole = 0.0
    for k in range(draws + 1):
        weight = math.comb(draws, k) * p**k * (1 - p) ** (draws - k)
        whole += weight * (1.0 if 2 * k > draws else 0.5 if 2 * k == draws else 0.0)
    return whole


def _simulated(
    p: float, others: Sequence[float], draws: int, item: Item, times: int = 2000
) -> float:
    """By simulation, seeded by the item."""
    dice, hits = random.Random(item.name), 0.0
    weights = [p, *others]
    for _ in range(times):
        counts = [0] * len(weights)
        for at in dice.choices(range(len(weights)), weights, k=draws):
            counts[at] += 1
        top = max(counts)
        hits += 1 / counts.count(top) if counts[0] == top else 0
    return hits / times


def _of_the_rest(answers: Sealed, members: Sequence[str], item: Item) -> float:
    """The right option is among those that nobody named: all of these failed."""
    named: set[str] = set()
    for each in members:
        shares = answers.answers[item.name][each].shares or {}
        top = max(shares.values(), default=0.0)
        named |= {option for option, share in shares.items() if share == top}
    # Named by two alike it counts as failed only where the right one is not among them.
    free = [option for option in item.options if option not in named]
    return 1 / len(free) if free else 0.0


def _fail(answers: Sealed, members: Sequence[str], item: Item, seed: int) -> bool:
    for each in members:
        shares = answers.answers[item.name][each].shares
        if not shares:
            continue
        dice = random.Random(f"{seed}/{each}/{item.name}")
        if item.answer in dice.choices(list(shares), list(shares.values()), k=SAMPLES):
            return False
    return True


class Regression(Frozen):
    """What a system loses. Shares of items, 0 to 1; None where there are no such items."""

    all_right: int
    """Items on which every member is right."""
    lost_of_all_right: float | None = None
    """Of these, the share on which the system is wrong: collective regression."""
    majority_right: int
    """Items on which more than half of the members are right."""
    lost_of_majority_right: float | None = None
    any_right: float
    """The share of items on which some member is right: what an oracle that knew whom to believe would reach."""
    oracle_gap: float
    """Of that, what the system does not reach."""
    gain: float
    """The system's accuracy less the mean of its members'."""
    by_solvers: dict[int, float]
    """Number of members that are right → the system's accuracy on such items (C-Gain's buckets)."""


def regression(answers: Sealed, members: Sequence[str], scores: Sequence[float]) -> Regression:
    """Measure it."""
    right = [answers.right(each) for each in members]
    solvers = [sum(column) for column in zip(*right, strict=True)]
    every = [score for score, n in zip(scores, solvers, strict=True) if n == len(members)]
    most = [score for score, n in zip(scores, solvers, strict=True) if 2 * n > len(members)]
    any_right = sum(n > 0 for n in solvers) / len(solvers)
    accuracy = sum(scores) / len(scores)
    buckets: dict[int, list[float]] = {}
    for score, n in zip(scores, solvers, strict=True):
        buckets.setdefault(round(n), []).append(score)
    return Regression(
        all_right=len(every),
        lost_of_all_right=_lost(every),
        majority_right=len(most),
        lost_of_majority_right=_lost(most),
        any_right=any_right,
        oracle_gap=any_right - accuracy,
        gain=accuracy - sum(map(sum, right)) / (len(right) * len(scores)),
        by_solvers={n: sum(those) / len(those) for n, those in sorted(buckets.items())},
    )


def by_task(items: Sequence[Item], scores: Sequence[float]) -> dict[str, float]:
    """Task → mean score."""
    found: dict[str, list[float]] = {}
    for item, score in zip(items, scores, strict=True):
        found.setdefault(item.task, []).append(score)
    return {task: sum(those) / len(those) for task, those in found.items()}


def own_priorities(
    answers: Sealed, scores: Sequence[float], priorities: Mapping[str, Sequence[str]]
) -> dict[str, float | None]:
    """Member → the system's accuracy on the tasks that it declares, less its own there; None where it
    declares none of them."""
    found: dict[str, float | None] = {}
    for member, tasks in priorities.items():
        own = [
            score - solo
            for item, score, solo in zip(answers.items, scores, answers.right(member), strict=True)
            if item.task in tasks
        ]
        found[member] = sum(own) / len(own) if own else None
    return found


def _lost(scores: Sequence[float]) -> float | None:
    return 1 - sum(scores) / len(scores) if scores else None


def _mean(values: Sequence[float], seed: int) -> Interval | None:
    return mean(values, seed=seed) if values else None


def _difference(first: Sequence[float], second: Sequence[float], seed: int) -> Interval:
    """In pairs: item by item."""
    return mean([own - other for own, other in zip(first, second, strict=True)], seed=seed)
