"""How a system grows with the number of contributions, with their diversity, and under attack.

All of it is a recount of sealed answers.
"""

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence

from folkmoot.eval.participation.emergence import by_task
from folkmoot.eval.participation.items import Item
from folkmoot.eval.participation.sealed import Answer, Sealed
from folkmoot.eval.participation.systems import System
from folkmoot.records.base import Frozen

PANELS = 60
"""Panels of one size that are drawn where there are more."""


class Size(Frozen):
    """Panels of one size."""

    members: int
    panels: int
    """How many were counted: all there are, or so many drawn."""
    accuracy: float
    """The mean over tasks and panels."""
    low: float
    """The 5 % of panels that do worst are below it."""
    high: float
    """The 5 % of panels that do best are above it."""
    beats_best_member: float
    """The share of panels whose mean over tasks is above that of each of their members: the win rate."""


def growth(
    answers: Sealed, members: Sequence[str], system: System, sizes: Sequence[int], seed: int = 0
) -> tuple[Size, ...]:
    """Panels of each size, drawn from the members."""
    return tuple(
        _size(answers, panels(members, size, seed), system)
        for size in sizes
        if size <= len(members)
    )


def panels(members: Sequence[str], size: int, seed: int = 0) -> list[tuple[str, ...]]:
    """All panels of a size, or `PANELS` different ones that are drawn."""
    if math.comb(len(members), size) <= PANELS:
        return list(itertools.combinations(members, size))
    dice = random.Random(f"{seed}/{size}")
    found: dict[tuple[str, ...], None] = {}
    while len(found) < PANELS:
        drawn = set(dice.sample(range(len(members)), size))
        found[tuple(each for at, each in enumerate(members) if at in drawn)] = None
    return list(found)


def overall(items: Sequence[Item], scores: Sequence[float]) -> float:
    """The mean over tasks of the mean over a task's items."""
    tasks = by_task(items, scores)
    return sum(tasks.values()) / len(tasks)


class Mixture(Frozen):
    """So many different members with so many copies each."""

    distinct: int
    copies: int
    accuracy: float
    """The mean over tasks and drawn panels, one draw of an answer for each seat, by plurality."""


def diversity(
    answers: Sealed,
    members: Sequence[str],
    mixtures: Sequence[tuple[int, int]],
    seed: int = 0,
    times: int = 20,
) -> tuple[Mixture, ...]:
    """k distinct members in m copies each: every seat draws an answer from its member's distribution.

    Args:
        mixtures: pairs of k and m with the same number of seats, such as 4 × 8, 8 × 4, 32 × 1.
        times: panels that are drawn for each.
    """
    return tuple(
        Mixture(
            distinct=distinct,
            copies=copies,
            accuracy=_mixed(answers, members, distinct, copies, seed, times),
        )
        for distinct, copies in mixtures
        if distinct <= len(members)
    )


class Attack(Frozen):
    """Some members turned malicious."""

    malicious: int
    of: int
    accuracy: float
    """The mean over tasks and drawn sets of the malicious."""
    masked: float | None = None
    """The same where suspects are masked; None where nothing masks."""
    recovered: float | None = None
    """Of what was lost, the share that masking brings back."""
    found: float | None = None
    """Of the malicious, the share that is masked."""
    wrongly: float | None = None
    """Of the honest, the share that is masked."""


Masking = Callable[[Sealed, Sequence[str]], Sequence[str]]
"""Of answers and members → those who are suspect. It sees no right option."""


def attacked(
    answers: Sealed,
    members: Sequence[str],
    system: System,
    counts: Sequence[int],
    mask: Masking | None = None,
    seed: int = 0,
    times: int = 20,
) -> tuple[Attack, ...]:
    """Some members name, surely, the option that they themselves think least likely.

    Args:
        counts: how many of them.
        mask: who finds them.
        times: sets of the malicious that are drawn for each count.
    """
    whole = overall(answers.items, system.scores(answers, members))
    return tuple(
        _attack(
            answers, members, system, count, mask, whole, random.Random(f"{seed}/{count}"), times
        )
        for count in counts
        if count < len(members)
    )


def turned(answers: Sealed, malicious: Sequence[str]) -> Sealed:
    """The answers where some members are malicious."""
    found: dict[str, Mapping[str, Answer]] = {}
    for item in answers.items:
        own = dict(answers.answers[item.name])
        for member in malicious:
            shares = own[member].shares
            if shares:
                worst = min(shares, key=shares.__getitem__)
                turned_round = {option: float(option == worst) for option in shares}
                own[member] = own[member]._replace(shares=turned_round)
        found[item.name] = own
    return answers._replace(answers=found)


def _size(answers: Sealed, drawn: Sequence[tuple[str, ...]], system: System) -> Size:
    alone = {
        each: overall(answers.items, answers.right(each)) for each in {m for p in drawn for m in p}
    }
    found = [overall(answers.items, system.scores(answers, each)) for each in drawn]
    ranked = sorted(found)
    wins = [
        value > max(alone[member] for member in panel)
        for value, panel in zip(found, drawn, strict=True)
    ]
    edge = int(0.05 * len(ranked))
    return Size(
        members=len(drawn[0]),
        panels=len(drawn),
        accuracy=sum(found) / len(found),
        low=ranked[edge],
        high=ranked[-1 - edge],
        beats_best_member=sum(wins) / len(wins),
    )


def _mixed(
    answers: Sealed, members: Sequence[str], distinct: int, copies: int, seed: int, times: int
) -> float:
    dice = random.Random(f"{seed}/{distinct}/{copies}")
    whole = 0.0
    for _ in range(times):
        drawn = dice.sample(list(members), distinct)
        scores = [_plurality(answers, drawn, copies, item, dice) for item in answers.items]
        whole += overall(answers.items, scores)
    return whole / times


def _plurality(
    answers: Sealed, drawn: Sequence[str], copies: int, item: Item, dice: random.Random
) -> float:
    counts = dict.fromkeys(item.options, 0)
    for member in drawn:
        shares = answers.answers[item.name][member].shares
        if shares:
            for option in dice.choices(list(shares), list(shares.values()), k=copies):
                counts[option] += 1
    top = max(counts.values())
    leaders = [option for option, count in counts.items() if count == top]
    return 1 / len(leaders) if item.answer in leaders else 0.0


def _attack(
    answers: Sealed,
    members: Sequence[str],
    system: System,
    count: int,
    mask: Masking | None,
    whole: float,
    dice: random.Random,
    times: int,
) -> Attack:
    lost, masked, hits, wrong = 0.0, 0.0, 0, 0
    for _ in range(times):
        malicious = dice.sample(list(members), count)
        bad = turned(answers, malicious)
        lost += overall(answers.items, system.scores(bad, members)) / times
        if mask is not None:
            suspects = set(mask(bad, members))
            rest = [each for each in members if each not in suspects] or list(members)
            masked += overall(answers.items, system.scores(bad, rest)) / times
            hits += len(suspects & set(malicious))
            wrong += len(suspects - set(malicious))
    if mask is None:
        return Attack(malicious=count, of=len(members), accuracy=lost)
    honest = len(members) - count
    return Attack(
        malicious=count,
        of=len(members),
        accuracy=lost,
        masked=masked,
        recovered=(masked - lost) / (whole - lost) if whole > lost else None,
        found=hits / (count * times),
        wrongly=wrong / (honest * times),
    )
