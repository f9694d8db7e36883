"""Seats that are too alike: they agree more often than two seats of their accuracy would by themselves.

Two seats that err independently agree on an item of m options with probability
pq + (1-p)(1-q)/(m-1). Hard items make everybody agree in error a little more often than that, so each
pair is held against the median pair of the panel. Copies of one model are too alike, and so are seats in
league; that they are says nothing about either being right.
"""

import math
from collections.abc import Mapping
from itertools import combinations
from statistics import NormalDist, median
from typing import NamedTuple

from folkmoot.eval.collaboration.answers import AnswerSheet
from folkmoot.records.base import Frozen

_LEAST = 8
"""Items that two seats must share before anything is said of them."""


class Pair(Frozen):
    """Two seats that are too alike."""

    first: str
    second: str
    items: int
    """That both answered."""
    agree: int
    expected: float
    """On how many they would agree by their accuracies."""
    z: float
    """By how many standard deviations more than that, beyond the panel's median pair."""


class _Excess(NamedTuple):
    items: int
    agree: int
    expected: float
    z: float


def alike(
    sheet: AnswerSheet, accuracies: Mapping[str, float], error: float = 0.05
) -> tuple[Pair, ...]:
    """The pairs that are, the most striking first.

    Args:
        sheet: what seats answered.
        accuracies: seat → how often it is right; `one_coin` estimates them.
        error: the chance, over all pairs together, of naming one on a panel without any (normal
            approximation, Bonferroni).
    """
    every = {
        (one, other): excess
        for one, other in combinations([s for s in sheet.seats if s in accuracies], 2)
        if (excess := _excess(sheet, one, other, accuracies)) is not None
    }
    if not every:
        return ()
    usual = median(each.z for each in every.values())
    bar = NormalDist().inv_cdf(1 - error / len(every))
    found = [
        Pair(
            first=one,
            second=other,
            items=each.items,
            agree=each.agree,
            expected=each.expected,
            z=each.z - usual,
        )
        for (one, other), each in every.items()
        if each.z - usual > bar
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.z, pair.first, pair.second)))


def groups(pairs: tuple[Pair, ...]) -> tuple[tuple[str, ...], ...]:
    """Seats that hang together by pairs, each group and all of them in the order of the names."""
    of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = of.get(pair.first, {pair.first}) | of.get(pair.second, {pair.second})
        of |= dict.fromkeys(joined, joined)
    return tuple(sorted({tuple(sorted(each)) for each in of.values()}))


def _excess(
    sheet: AnswerSheet, one: str, other: str, accuracies: Mapping[str, float]
) -> _Excess | None:
    """How much more often two seats agree than they would; None where that cannot be told."""
    p, q = accuracies[one], accuracies[other]
    agree, chances = 0, list[float]()
    for item, votes in zip(sheet.items, sheet.by_item().values(), strict=True):
        if one in votes and other in votes:
            agree += votes[one] == votes[other]
            chances.append(p * q + (1 - p) * (1 - q) / (len(item.options) - 1))
    spread = math.sqrt(math.fsum(each * (1 - each) for each in chances))
    if len(chances) < _LEAST or spread == 0:
        return None
    expected = math.fsum(chances)
    return _Excess(len(chances), agree, expected, (agree - expected) / spread)
