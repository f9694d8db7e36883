"""Shapley values: what each player of a cooperative game is owed of what all come to together.

A game is a function from a coalition, a set of players, to a number. The Shapley value of a player is
what it adds to those before it, on average over all orders in which the players could come (Shapley
1953): the one way to share v(all) - v(nobody) in which players who add the same get the same, who adds
nothing gets nothing, and two games shared together are shared as each by itself.

It is not proof against false names: whoever comes twice, under two names, may get more than once. So
players are made of contributors first; see `players`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from math import factorial
from typing import Literal

from folkmoot.eval import statistics
from folkmoot.eval.statistics import Interval
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

EXACT_TO = 6
"""Players up to which every coalition is valued: 64 of them."""

PAIRS = 100
"""Pairs of orders that are drawn where there are more."""

Coalition = frozenset[str]
Value = Callable[[Coalition], float]
"""What a coalition comes to. It is asked for each coalition once."""


class Shares(Frozen):
    """What each player is owed."""

    method: Literal["exact", "permutation"]
    values: dict[str, float]
    """Player → its Shapley value; together they are `whole` less `empty`."""
    intervals: dict[str, Interval] | None = None
    """Of drawn orders: player → the interval of its value over the draws, 95%. What orders were drawn
    is all that it is about."""
    empty: float
    """What nobody comes to."""
    whole: float
    """What all come to together."""
    coalitions: int
    """How many were valued."""
    pairs: int | None = None
    """How many pairs of orders were drawn."""


class Memo:
    """A game that values each coalition once, whoever asks.

    Attributes:
        known: coalition → what it came to.
    """

    def __init__(self, value: Value) -> None:
        self._value = value
        self.known: dict[Coalition, float] = {}

    def __call__(self, coalition: Coalition) -> float:
        """What the coalition comes to."""
        if coalition not in self.known:
            self.known[coalition] = self._value(coalition)
        return self.known[coalition]


def shapley(
    players: Sequence[str],
    value: Value,
    *,
    exact_to: int = EXACT_TO,
    pairs: int = PAIRS,
    seed: int = 0,
) -> Shares:
    """The Shapley values of a game: exact where there are few players, drawn where there are more.

    Args:
        players: each once.
        value: the game.
        exact_to: players up to which all 2^n coalitions are valued.
        pairs: pairs of orders that are drawn beyond.
        seed: of the draws.

    Raises:
        InputError: a player is named twice.
    """
    _each_once(players)
    memo = value if isinstance(value, Memo) else Memo(value)
    drawn = len(players) > exact_to
    intervals: dict[str, Interval] | None = None
    if drawn:
        values, intervals = _sampled(players, memo, pairs, seed)
    else:
        values = _exact(players, memo)
    return Shares(
        method="permutation" if drawn else "exact",
        values=values,
        intervals=intervals,
        empty=memo(frozenset()),
        whole=memo(frozenset(players)),
        coalitions=len(memo.known),
        pairs=pairs if drawn else None,
    )


def coalitions(
    players: Sequence[str], *, exact_to: int = EXACT_TO, pairs: int = PAIRS, seed: int = 0
) -> tuple[Coalition, ...]:
    """Every coalition that `shapley` will ask for, each once, the small ones first.

    For a game that has to be waited for: its values can be had beforehand.
    """
    _each_once(players)
    if len(players) <= exact_to:
        return tuple(_subsets(players))
    orders = [order for pair in _orders(players, pairs, seed) for order in pair]
    found = dict.fromkeys(each for order in orders for each in _prefixes(order))
    return tuple(sorted(found, key=len))


def leave_one_out(players: Sequence[str], value: Value) -> dict[str, float]:
    """What all come to less what the others come to without each: v(all) - v(all but it).

    Two twins both get nothing by it, however much they add: either can be spared.
    """
    _each_once(players)
    everyone = frozenset(players)
    whole = value(everyone)
    return {player: whole - value(everyone - {player}) for player in players}


def _exact(players: Sequence[str], value: Value) -> dict[str, float]:
    """Over all coalitions S without i: |S|! (n - 1 - |S|)! / n! (v(S + i) - v(S))."""
    n = len(players)
    chance = [factorial(size) * factorial(n - 1 - size) / factorial(n) for size in range(n)]
    return {
        player: sum(
            chance[len(others)] * (value(others | {player}) - value(others))
            for others in _subsets([each for each in players if each != player])
        )
        for player in players
    }


def _sampled(
    players: Sequence[str], value: Value, pairs: int, seed: int
) -> tuple[dict[str, float], dict[str, Interval]]:
    """Means over drawn orders (Castro, Gómez and Tejada 2009), each with its reverse: what comes early
    in one comes late in the other, so their mean varies less (antithetic draws; Mitchell et al., arXiv
    2104.12199). Every order shares out v(all) - v(nobody) to the last, and so do their means.

    Raises:
        InputError: fewer than two pairs.
    """
    if pairs < 2:
        raise InputError(f"{pairs} pairs of orders show no interval", "draw at least two")
    drawn: dict[str, list[float]] = {player: [] for player in players}
    for forth, back in _orders(players, pairs, seed):
        one, other = _marginals(forth, value), _marginals(back, value)
        for player in players:
            drawn[player].append((one[player] + other[player]) / 2)
    intervals = {player: statistics.mean(of, seed=seed) for player, of in drawn.items()}
    return {player: sum(of) / pairs for player, of in drawn.items()}, intervals


def _orders(
    players: Sequence[str], pairs: int, seed: int
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    dice = random.Random(seed)
    for _ in range(pairs):
        order = tuple(dice.sample(players, len(players)))
        yield order, order[::-1]


def _marginals(order: Sequence[str], value: Value) -> dict[str, float]:
    steps = pairwise(_prefixes(order))
    marginals = (value(with_it) - value(before) for before, with_it in steps)
    return dict(zip(order, marginals, strict=True))


def _prefixes(order: Sequence[str]) -> Iterator[Coalition]:
    for size in range(len(order) + 1):
        yield frozenset(order[:size])


def _subsets(players: Sequence[str]) -> Iterator[Coalition]:
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def _each_once(players: Sequence[str]) -> None:
    if twice := [player for player in players if players.count(player) > 1]:
        raise InputError(f"the player {twice[0]!r} is named twice", "each plays once")
