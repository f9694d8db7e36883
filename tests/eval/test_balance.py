"""What one question is over or under, the next one makes up for."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.eval.balance import Balance, rows
from folkmoot.eval.search import nearest

FIXED, STEP, LEAST = 40, 90, 1


def size_for(want: float, factor: float = 1.0) -> int:
    async def cost(size: int) -> float:
        return factor * (FIXED + STEP * size)

    return asyncio.run(nearest(cost, range(LEAST, 2000), want))


@given(st.lists(st.integers(FIXED + STEP, 8000), min_size=1, max_size=25))
def test_a_set_is_never_farther_off_than_half_a_step(targets):
    balance = Balance()
    for target in targets:
        spent = FIXED + STEP * size_for(balance.want(target))
        balance = balance.paid(target, spent, spent, spent)
        assert abs(balance.target - balance.spent) <= STEP / 2
    assert balance.target == sum(targets)


@given(st.lists(st.integers(4000, 8000), min_size=8, max_size=25), st.floats(0.4, 2.5))
def test_a_forecast_that_is_off_by_a_factor_is_made_up_for(targets, true):
    balance = Balance()
    for target in targets:
        factor = balance.factor
        foretold = FIXED + STEP * size_for(balance.want(target), factor)
        balance = balance.paid(target, foretold, round(true * foretold), factor * foretold)
    assert abs(balance.factor - true) < 0.001
    assert abs(balance.target - balance.spent) <= STEP * true / 2 + 10


def test_what_is_not_known_is_taken_as_foretold_and_teaches_nothing():
    balance = Balance().paid(1000, 500, 1500, 500).paid(1000, 400, None, 1200)
    assert balance == Balance(2000, 2700, 500, 1500)
    assert balance.factor == 3
    assert Balance().factor == 1


def test_even_is_within_so_many_tokens():
    balance = Balance(target=1000, spent=1030)
    assert balance.even(1000, 970, 0)
    assert balance.even(1000, 1020, 50)
    assert not balance.even(1000, 1021, 50)
    assert not balance.even(1000, 919, 50)


@pytest.mark.parametrize(
    ("count", "at_once", "number"), [(1, 4, 1), (15, 4, 1), (16, 4, 2), (90, 4, 4)]
)
def test_rows_are_long_enough_to_even_out(count, at_once, number):
    dealt = rows(count, at_once)
    assert len(dealt) == number
    assert sorted(place for row in dealt for place in row) == list(range(count))
