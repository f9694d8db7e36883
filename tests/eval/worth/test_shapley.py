"""Shapley values against an enumeration of all orders written for this test, and against their laws."""

import math
import random
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.eval.worth.shapley import coalitions, leave_one_out, shapley
from folkmoot.records import InputError

NAMES = "abcdefghij"


def game_of(lot, n):
    """A game drawn by lot: any number for any coalition."""

    def value(coalition):
        return round(random.Random(f"{lot}/{sorted(coalition)}").uniform(-1, 1), 3)

    return tuple(NAMES[:n]), value


def by_orders(players, value):
    """What each adds to those before it, over every order in which all could come."""
    sums = dict.fromkeys(players, 0.0)
    for order in permutations(players):
        before = set()
        for player in order:
            sums[player] -= value(frozenset(before))
            before.add(player)
            sums[player] += value(frozenset(before))
    return {player: total / math.factorial(len(players)) for player, total in sums.items()}


@given(lot=st.integers(0, 10_000), n=st.integers(0, 6))
@settings(max_examples=40)
def test_exact_values_are_those_of_all_orders(lot, n):
    players, value = game_of(lot, n)
    found = shapley(players, value)
    assert found.method == "exact"
    assert found.values == pytest.approx(by_orders(players, value), abs=1e-9)
    assert found.coalitions == 2**n
    assert found.intervals is None


@given(lot=st.integers(0, 10_000), n=st.integers(1, 10))
@settings(max_examples=40)
def test_values_share_out_all_that_there_is(lot, n):
    players, value = game_of(lot, n)
    found = shapley(players, value, pairs=5)
    assert sum(found.values.values()) == pytest.approx(found.whole - found.empty, abs=1e-9)
    assert (found.method == "exact") == (n <= 6)


@given(lot=st.integers(0, 10_000), n=st.integers(2, 6))
@settings(max_examples=40)
def test_who_adds_the_same_gets_the_same_and_who_adds_nothing_gets_nothing(lot, n):
    players, other = game_of(lot, n)
    first, second, rest = players[0], players[1], set(players[2:])

    def symmetric(coalition):
        return other(frozenset(coalition & rest)) + len(coalition & {first, second}) ** 2

    values = shapley(players, symmetric).values
    assert values[first] == pytest.approx(values[second], abs=1e-9)

    def without_first(coalition):
        return other(frozenset(coalition - {first}))

    assert shapley(players, without_first).values[first] == pytest.approx(0, abs=1e-9)
    drawn = shapley(players, without_first, exact_to=0, pairs=3)
    assert drawn.values[first] == pytest.approx(0, abs=1e-9)


@given(lot=st.integers(0, 10_000), n=st.integers(1, 5))
@settings(max_examples=25)
def test_two_games_shared_together_are_shared_as_each_by_itself(lot, n):
    players, one = game_of(lot, n)
    _, other = game_of(lot + 1, n)
    both = shapley(players, lambda s: one(s) + 2 * other(s)).values
    first, second = shapley(players, one).values, shapley(players, other).values
    assert both == pytest.approx({p: first[p] + 2 * second[p] for p in players}, abs=1e-9)


@given(lot=st.integers(0, 10_000), n=st.integers(0, 9))
@settings(max_examples=25)
def test_no_coalition_is_asked_for_twice_and_which_are_is_known_beforehand(lot, n):
    players, value = game_of(lot, n)
    asked = []

    def counted(coalition):
        asked.append(coalition)
        return value(coalition)

    found = shapley(players, counted, pairs=4, seed=lot)
    assert len(asked) == len(set(asked)) == found.coalitions
    assert set(asked) == set(coalitions(players, pairs=4, seed=lot))


def test_drawn_values_are_near_the_exact_ones_and_their_intervals_hold_them():
    """A known game: voters of unequal weight, a bar of half of it. 95% intervals over 60 sets of draws."""
    weights = dict(zip(NAMES[:8], (5, 4, 3, 2, 2, 1, 1, 1), strict=True))

    def passed(coalition):
        return float(2 * sum(weights[p] for p in coalition) > sum(weights.values()))

    players = tuple(weights)
    exact = shapley(players, passed, exact_to=8).values
    held = total = 0
    for seed in range(60):
        drawn = shapley(players, passed, pairs=60, seed=seed)
        assert drawn.intervals is not None
        for player in players:
            interval = drawn.intervals[player]
            assert interval.value == pytest.approx(drawn.values[player], abs=1e-9)
            held += interval.low <= exact[player] <= interval.high
            total += 1
    assert held / total > 0.9
    many = shapley(players, passed, pairs=2000, seed=1).values
    assert many == pytest.approx(exact, abs=0.02)


def test_an_order_and_its_reverse_vary_less_than_two_orders():
    """In an additive game with a bonus for coming late, the two cancel."""
    players = tuple(NAMES[:8])

    def value(coalition):
        return len(coalition) ** 2

    drawn = shapley(players, value, pairs=2, seed=3)
    assert drawn.values == pytest.approx(dict.fromkeys(players, 8.0), abs=1e-9)


@given(lot=st.integers(0, 10_000), n=st.integers(1, 6))
@settings(max_examples=25)
def test_leave_one_out_is_the_last_step(lot, n):
    players, value = game_of(lot, n)
    whole = value(frozenset(players))
    for player, missing in leave_one_out(players, value).items():
        assert missing == whole - value(frozenset(players) - {player})


def test_two_twins_look_useless_one_by_one_and_are_not():
    """The reason for Shapley values: either twin can be spared, not both."""

    def value(coalition):
        return float(bool(coalition & {"a", "b"}))

    assert leave_one_out(("a", "b", "c"), value) == {"a": 0, "b": 0, "c": 0}
    assert shapley(("a", "b", "c"), value).values == pytest.approx({"a": 0.5, "b": 0.5, "c": 0})


@pytest.mark.parametrize("players", [("a", "a"), ("a", "b", "a")])
def test_nobody_plays_twice(players):
    for ask in (shapley, leave_one_out):
        with pytest.raises(InputError, match="'a' is named twice"):
            ask(players, len)


def test_one_pair_shows_no_interval():
    with pytest.raises(InputError, match="draw at least two"):
        shapley(tuple(NAMES), len, pairs=1)
