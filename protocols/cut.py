"""The cut: on which side of a question each seat is, from relations that are each unsure.

Every seat is given a side so that the evidence is explained best: a message that supports the
question puts its seat on one side, one that attacks it on the other; claims that attack each other
pull their seats apart, claims that support each other together. The best split is held against the
best way to put everybody on one side: the difference is the evidence that there is a conflict.
(A maximum cut with unary terms, as in Thomas et al. 2006, "Get out the vote", and Bansal et al. 2004,
"Correlation clustering".)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

_EXACT = 12
"""Seats up to which every split is tried; beyond, seats are moved one by one until none gains."""

_LEAST = 0.01
"""A probability is held this far from 0 and 1: one judgement never outweighs everything."""


_Near = Sequence[Sequence[tuple[int, float]]]
"""Seat → the seats that it was compared with, and what that counts."""

_TINY = 1e-12
"""A gain of less is a rounding error."""

_PULL = 0.03
"""Judgements that pull a seat to its side by less say nothing of where it stands."""


class Weights(NamedTuple):
    """What a judgement counts, and how the evidence becomes a probability."""

    question: float = 1.0
    """A message against the question."""
    pair: float = 0.6
    """Two claims of different seats, beside judgements of the question."""
    pair_alone: float = 2.0
    """The same where the question is not one that a message can be for or against."""
    slope: float = 4.0
    bar: float = 0.45
    """The evidence at which a conflict is as likely as not: between what ten planted conflicts (0.65
    and more) and ten runs of one mind (0.26 and less) came to with the shipped clerk."""


WEIGHTS = Weights()


class Cut(NamedTuple):
    """Which seats stand together."""

    sides: Mapping[str, int]
    """Seat → 1 or -1. Where the question was judged, 1 is for it."""
    evidence: float
    """How much better the split explains the judgements than everybody on one side does."""
    confidence: float
    """The probability of a conflict."""
    decided: frozenset[str] = frozenset()
    """Seats that the judgements put on their side; of the others they say next to nothing."""
    together: int = 0
    """On which side everybody is if there is no conflict: 1 or -1; 0 where nothing says."""


def cut(
    seats: Sequence[str],
    question: Mapping[str, Sequence[float]],
    pairs: Mapping[tuple[str, str], Sequence[float]],
    weights: Weights = WEIGHTS,
) -> Cut:
    """The best split of the seats.

    Args:
        seats: who is to be put on a side; at least two.
        question: seat → for each judged message of its, the balance from -1 (attacks the question
            for sure) to 1 (supports it for sure).
        pairs: two seats → for each judged pair of their claims, the balance.
        weights: what each kind of judgement counts.
    """
    alone = {seat: weights.question * _mean(question.get(seat, ())) for seat in seats}
    pull = weights.pair if question else weights.pair_alone
    place = {seat: at for at, seat in enumerate(seats)}
    both = {
        (place[a], place[b]): pull * _mean(balances) / max(1, len(seats) - 1)
        for (a, b), balances in pairs.items()
    }
    own = [alone[seat] for seat in seats]

    def worth(sides: Sequence[int]) -> float:
        return sum(s * u for s, u in zip(sides, own, strict=True)) + sum(
            sides[a] * sides[b] * each for (a, b), each in both.items()
        )

    all_for, all_against = worth([1] * len(seats)), worth([-1] * len(seats))
    together = (all_for > all_against) - (all_for < all_against)
    near: list[list[tuple[int, float]]] = [[] for _ in seats]
    for (a, b), each in both.items():
        near[a].append((b, each))
        near[b].append((a, each))
    best = _best(own, near, worth)
    evidence = worth(best) - max(all_for, all_against)
    chance = 1 / (1 + math.exp(-weights.slope * (evidence - weights.bar)))
    pulls = dict(zip(seats, map(abs, _fields(best, own, near)), strict=True))
    return Cut(
        dict(zip(seats, best, strict=True)),
        round(evidence, 6),
        round(chance, 6),
        frozenset(seat for seat, pull_on in pulls.items() if pull_on >= _PULL),
        together,
    )


def balance(probabilities: Mapping[str, float]) -> float:
    """The log-odds of support against attack, from -1 to 1: 0 where the clerk says neither."""
    support, attack = probabilities.get("support", 0.0), probabilities.get("attack", 0.0)
    most = math.log((1 - _LEAST) / _LEAST)
    odds = math.log(max(support, _LEAST) / max(attack, _LEAST))
    return max(-1.0, min(1.0, odds / most))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _best(
    own: Sequence[float], near: _Near, worth: Callable[[Sequence[int]], float]
) -> tuple[int, ...]:
    """The best split in which both sides are held; of equal ones the first."""
    count = len(own)
    if count <= _EXACT:
        return max((way for way in product((1, -1), repeat=count) if len(set(way)) > 1), key=worth)
    starts = ([-1 if at == alone else 1 for at in range(count)] for alone in range(count))
    return tuple(max((_climbed(start, own, near) for start in starts), key=worth))


def _climbed(sides: list[int], own: Sequence[float], near: _Near) -> list[int]:
    """Seats change sides, the one that gains most first, until none gains. One step looks at every
    seat once, and at those that the moved one was compared with."""
    fields = _fields(sides, own, near)
    held = {side: sides.count(side) for side in (1, -1)}
    while True:
        gains = [
            -2 * side * field if held[side] > 1 else 0.0
            for side, field in zip(sides, fields, strict=True)
        ]
        moved = max(range(len(sides)), key=gains.__getitem__)
        if gains[moved] <= _TINY:
            return sides
        held[sides[moved]] -= 1
        sides[moved] = -sides[moved]
        held[sides[moved]] += 1
        for other, each in near[moved]:
            fields[other] += 2 * sides[moved] * each


def _fields(sides: Sequence[int], own: Sequence[float], near: _Near) -> list[float]:
    """What pulls each seat, to 1 or to -1, where the others are."""
    return [
        mine + math.fsum(sides[other] * each for other, each in those)
        for mine, those in zip(own, near, strict=True)
    ]
