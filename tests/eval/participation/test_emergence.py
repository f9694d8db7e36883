"""Emergence with its controls, regression, C-Gain."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.eval.participation import emergence, regression
from folkmoot.eval.participation.emergence import by_task, own_priorities, resampled
from tests.eval.participation.tables import drawn, item, shares, table


def test_what_nobody_solves_is_found_and_a_guess_stands_beside_it():
    items = [item(1), item(2), item(3)]
    answers = table(items, {"ann": ["green", "red", "green"], "bo": ["blue", "green", "green"]})
    found = emergence(answers, ("ann", "bo"), [1.0, 1.0, 0.0], "ann")
    assert found.items == 2, "on the second ann is right"
    assert found.solved.value == 0.5
    assert found.guess == 0.25
    # Of the first item two options are left, of the third three.
    assert found.guess_of_the_rest == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert found.over_guess.value == pytest.approx(0.5 - (1 / 2 + 1 / 3) / 2)


def test_where_somebody_solves_everything_there_is_nothing_to_emerge():
    items = [item(1)]
    found = emergence(table(items, {"ann": ["red"]}), ("ann",), [0.0], "ann")
    assert (found.items, found.solved, found.over_guess) == (0, None, None)


def test_a_member_without_an_answer_fails():
    items = [item(1)]
    answers = table(items, {"ann": [None], "bo": ["green"]})
    assert emergence(answers, ("ann", "bo"), [1.0], "bo").items == 1
    assert resampled(answers, "ann", items[0], 5) == 0


def test_systems_that_guess_do_not_emerge():
    """Of blind guesses the interval over the guess holds zero, nineteen times in twenty or so."""
    items = [item(n) for n in range(150)]
    answers = drawn(items, {"ann": 0.2, "bo": 0.2}, seed=5)
    inside = 0
    for seed in range(20):
        dice = random.Random(seed)
        scores = [float(dice.random() < 1 / 3) for _ in items]
        found = emergence(answers, ("ann", "bo"), scores, "ann")
        inside += found.over_guess.low <= 0.12 and found.over_guess.high >= -0.12
    assert inside >= 18


def test_the_strict_items_are_a_part_of_those_that_all_fail():
    items = [item(n) for n in range(80)]
    answers = drawn(items, {"ann": 0.3, "bo": 0.3}, sure=0.4)
    found = emergence(answers, ("ann", "bo"), [0.0] * 80, "ann")
    assert 0 < found.strict_items < found.items


@given(p=st.floats(0.01, 0.99), draws=st.integers(1, 7))
def test_of_two_options_the_plurality_of_draws_is_binomial(p, draws):
    options = ("yes", "no")
    one = item(1, right="yes", options=options)
    answers = table([one], {"ann": ["yes"]})
    answers.answers[one.name]["ann"].shares.update({"yes": p, "no": 1 - p})
    whole = 0.0
    for each in itertools.product((True, False), repeat=draws):
        hits = sum(each)
        chance = math.prod(p if hit else 1 - p for hit in each)
        whole += chance * (1 if 2 * hits > draws else 0.5 if 2 * hits == draws else 0)
    assert resampled(answers, "ann", one, draws) == pytest.approx(whole)


def test_of_four_options_the_plurality_of_draws_is_simulated():
    one = item(1)
    answers = table([one], {"ann": ["red"]}, sure=0.4)
    weights, whole = shares("red", 0.4), 0.0
    for each in itertools.product(weights, repeat=3):
        counts = [each.count(option) for option in weights]
        chance = math.prod(weights[option] for option in each)
        top = max(counts)
        whole += chance * (counts[0] == top) / counts.count(top)
    assert resampled(answers, "ann", one, 3) == pytest.approx(whole, abs=0.035)
    assert resampled(answers, "ann", one, 3) == resampled(answers, "ann", one, 3)


def test_regression_counts_what_is_lost():
    items = [item(n) for n in range(4)]
    answers = table(
        items,
        {
            "ann": ["red", "red", "red", "green"],
            "bo": ["red", "red", "green", "green"],
            "cy": ["red", "green", "green", "green"],
        },
    )
    found = regression(answers, ("ann", "bo", "cy"), [0.0, 1.0, 0.0, 1.0])
    assert (found.all_right, found.lost_of_all_right) == (1, 1.0)
    assert (found.majority_right, found.lost_of_majority_right) == (2, 0.5)
    assert found.any_right == 0.75
    assert found.oracle_gap == pytest.approx(0.25)
    assert found.by_solvers == {0: 1.0, 1: 0.0, 2: 1.0, 3: 0.0}


@given(st.data())
def test_c_gain_is_the_sum_over_its_buckets(data):
    n = data.draw(st.integers(1, 12))
    items = [item(at) for at in range(n)]
    choices = {
        member: data.draw(st.lists(st.sampled_from(("red", "green")), min_size=n, max_size=n))
        for member in ("ann", "bo", "cy")
    }
    answers = table(items, choices)
    scores = data.draw(st.lists(st.sampled_from((0.0, 1.0)), min_size=n, max_size=n))
    found = regression(answers, tuple(choices), scores)
    solvers = [sum(choices[m][at] == "red" for m in choices) for at in range(n)]
    gain = sum(
        solvers.count(k) / n * (accuracy - k / 3) for k, accuracy in found.by_solvers.items()
    )
    assert found.gain == pytest.approx(gain)


def test_priorities_are_held_against_the_member_alone():
    items = [item(1, "a"), item(2, "a"), item(3, "b")]
    answers = table(items, {"ann": ["red", "green", "red"], "bo": ["green"] * 3})
    scores = [1.0, 1.0, 0.0]
    found = own_priorities(answers, scores, {"ann": ("a",), "bo": ("b",)})
    assert found == {"ann": 0.5, "bo": 0.0}
    assert by_task(items, scores) == {"a": 1.0, "b": 0.0}
