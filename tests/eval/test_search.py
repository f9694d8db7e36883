"""The size whose cost is nearest to what is wanted."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.eval.search import nearest

costs_upward = st.lists(st.integers(0, 400), min_size=1, max_size=60).map(
    lambda steps: [sum(steps[: at + 1]) for at in range(len(steps))]
)


def search(costs, want, first=None, sizes=None):
    """The size, and how many were looked at."""
    looked = []

    async def cost(size):
        looked.append(size)
        return float(costs[(sizes or list(range(len(costs)))).index(size)])

    found = asyncio.run(nearest(cost, sizes or range(len(costs)), want, first))
    return found, looked


@given(costs_upward, st.floats(-50, 20_000), st.none() | st.integers(-5, 90))
def test_no_other_size_is_nearer(costs, want, first):
    found, looked = search(costs, want, first)
    assert abs(costs[found] - want) == min(abs(each - want) for each in costs)
    assert len(set(looked)) == len(looked), "no size is looked at twice"


@given(st.floats(1, 5000), st.integers(1, 50), st.integers(1, 1000))
def test_few_sizes_of_a_thousand_are_looked_at(want, step, first):
    costs = [30 + step * size for size in range(1, 1001)]
    found, looked = search(costs, want, first, list(range(1, 1001)))
    assert abs(30 + step * found - want) == min(abs(each - want) for each in costs)
    assert len(looked) <= 24


def test_of_two_as_near_the_smaller():
    assert search([10, 20, 30], 15)[0] == 0
    assert search([10, 20, 30], 25, first=2)[0] == 1


def test_what_is_out_of_reach_gets_the_nearest_end():
    assert search([10, 20, 30], 1)[0] == 0
    assert search([10, 20, 30], 900, first=0)[0] == 2
