"""Intervals and tests over items."""

import random
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.eval.statistics import bootstrap, detectable, mcnemar, mean, wilson
from folkmoot.records import InputError


def test_wilson_is_the_score_interval():
    found = wilson(8, 10)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0) is None


@given(n=st.integers(1, 400), data=st.data())
def test_wilson_holds_the_share_and_stays_within_0_and_1(n, data):
    hits = data.draw(st.integers(0, n))
    found = wilson(hits, n)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert wilson(hits, n, 0.99).low <= found.low


def test_no_share_has_more_hits_than_items():
    with pytest.raises(InputError):
        wilson(3, 2)


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution():
    dice = random.Random(3)
    values = [dice.gauss(1, 2) for _ in range(400)]
    found = mean(values)
    middle = sum(values) / len(values)
    error = (sum((each - middle) ** 2 for each in values) / len(values) ** 2) ** 0.5
    assert found.value == pytest.approx(middle)
    assert found.low == pytest.approx(middle - 1.96 * error, abs=0.03)
    assert found.high == pytest.approx(middle + 1.96 * error, abs=0.03)


def test_items_are_drawn_in_pairs():
    dice = random.Random(1)
    first = [dice.random() for _ in range(200)]
    second = [each + 0.1 for each in first]
    found = bootstrap([first, second], lambda means: means[1, :, 0] - means[0, :, 0])
    assert found.low == pytest.approx(0.1) == found.high


def test_strata_keep_their_sizes():
    values = [1.0] * 5 + [0.0] * 95
    strata = ["few"] * 5 + ["many"] * 95
    found = bootstrap([values], lambda means: means[0].mean(axis=1), strata=strata)
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_the_same_seed_draws_the_same():
    values = [0.0, 1.0, 1.0, 0.5]
    assert mean(values, seed=4) == mean(values, seed=4)
    assert mean(values, draws=50, seed=4) != mean(values, draws=50, seed=5)


def test_a_share_of_nothing_has_no_interval():
    with np.errstate(invalid="ignore"):
        found = bootstrap([[0.0, 0.0]], lambda means: means[0, :, 0] / means[0, :, 0])
    assert found is None


def test_draws_in_which_there_is_nothing_are_left_out():
    with np.errstate(invalid="ignore"):
        found = bootstrap([[0.0, 1.0]], lambda means: means[0, :, 0] / means[0, :, 0])
    assert (found.low, found.value, found.high) == (1, 1, 1)


def test_columns_are_of_one_length():
    with pytest.raises(InputError):
        bootstrap([[1.0], [1.0, 2.0]], lambda means: means[0, :, 0])
    with pytest.raises(InputError):
        bootstrap([[]], lambda means: means[0, :, 0])


@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_is_the_binomial_test(first, second):
    n = first + second
    each = [Fraction(comb(n, k), 2**n) for k in range(n + 1)]
    exact = sum(p for p in each if p <= each[first])
    assert mcnemar(first, second) == pytest.approx(float(exact))


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 10_000))
def test_a_difference_is_detectable_as_often_as_it_is_said(seed):
    """Simulated: of 400 studies about 80 % find it."""
    n, discordant = 150, 0.3
    difference = detectable(n, discordant)
    up, down = (discordant + difference) / 2, (discordant - difference) / 2
    dice = random.Random(seed)
    found = 0
    for _ in range(400):
        draws = dice.choices((1, -1, 0), (up, down, 1 - discordant), k=n)
        found += mcnemar(draws.count(1), draws.count(-1)) < 0.05
    # The exact test is a little more careful than its approximation.
    assert 0.66 < found / 400 < 0.88


def test_of_few_items_nothing_is_detectable():
    assert detectable(5, 0.1) is None
