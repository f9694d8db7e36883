"""Accuracies without a key, against sums over everything that may be true."""

import itertools
import math
import random
from collections.abc import Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from folkmoot.eval.collaboration import Answer, AnswerSheet, Item, one_coin
from folkmoot.records import InputError
from tests.eval.collaboration.conftest import drawn, sheet_from, shuffled_pairs


def joint(sheet: AnswerSheet, right: Mapping[str, float]):
    """Every way in which items may have right options: item → option, and its probability with all
    that was said."""
    by_item = sheet.by_item()
    ways = [item.options if item.right is None else (item.right,) for item in sheet.items]
    for truth in itertools.product(*ways):
        chance = 1.0
        for item, true in zip(sheet.items, truth, strict=True):
            chance /= len(item.options)
            for seat, choice in by_item[item.id].items():
                p = right[seat]
                chance *= p if choice == true else (1 - p) / (len(item.options) - 1)
        yield dict(zip(by_item, truth, strict=True)), chance


def simulated(right: Mapping[str, float], items: int, options: int, seed: int) -> AnswerSheet:
    """What independent seats say, and the key in the ids: `3:b`."""
    dice = random.Random(seed)
    letters = tuple("abcd"[:options])
    asked, answers = list[Item](), list[Answer]()
    for number in range(items):
        true = dice.choice(letters)
        name = f"{number}:{true}"
        asked.append(Item(id=name, options=letters))
        for seat, p in right.items():
            others = [each for each in letters if each != true]
            choice = true if dice.random() < p else dice.choice(others)
            answers.append(Answer(item=name, seat=seat, choice=choice))
    return AnswerSheet(items=tuple(asked), answers=tuple(answers))


@settings(max_examples=60)
@given(drawn(), st.sampled_from([0.0, 1.0, 2.0]))
def test_likelihood_and_posteriors_are_those_of_the_sum_over_all_truths(sheet, strength):
    ways = math.prod(len(item.options) for item in sheet.items if item.right is None)
    assume(ways <= 3000)
    fit = one_coin(sheet, strength=strength)
    # The model keeps probabilities off 0 and 1 by as much.
    right = {seat: min(1 - 1e-9, max(1e-9, p)) for seat, p in fit.accuracies.items()}
    every = list(joint(sheet, right))
    whole = math.fsum(chance for _, chance in every)
    assert fit.log_likelihood == pytest.approx(math.log(whole), abs=1e-6)
    for item in sheet.items:
        for option in item.options:
            own = math.fsum(chance for truth, chance in every if truth[item.id] == option)
            assert fit.posteriors[item.id][option] == pytest.approx(own / whole, abs=1e-6)


@settings(max_examples=100)
@given(drawn(), st.sampled_from([0.0, 1.0, 2.0, 7.0]))
def test_no_step_loses_anything(sheet, strength):
    gains = one_coin(sheet, strength=strength).gains
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(gains))


@settings(max_examples=60)
@given(shuffled_pairs())
def test_the_order_of_items_and_answers_does_not_matter(two):
    one, other = (one_coin(sheet) for sheet in two)
    assert one.gains == other.gains
    assert one.accuracies == other.accuracies
    assert one.posteriors == other.posteriors
    assert one.seats == other.seats


def test_no_accuracies_near_by_are_likelier():
    """A maximum: against a grid around it, by the sum over all truths."""
    sheet = sheet_from({"ann": "aabba", "bo": "aabab", "cy": "abbba"})
    fit = one_coin(sheet, strength=0)
    assert fit.converged
    for steps in itertools.product((-0.02, 0, 0.02), repeat=3):
        near = {
            seat: min(1 - 1e-9, max(1e-9, p + step))
            for (seat, p), step in zip(fit.accuracies.items(), steps, strict=True)
        }
        assert math.log(sum(c for _, c in joint(sheet, near))) <= fit.log_likelihood + 1e-6


def test_it_finds_the_accuracies_that_answers_were_drawn_with():
    right = {"ann": 0.95, "bo": 0.8, "cy": 0.65, "di": 0.8, "ed": 0.3}
    fit = one_coin(simulated(right, items=800, options=4, seed=1))
    assert fit.converged
    for seat, p in right.items():
        assert fit.accuracies[seat] == pytest.approx(p, abs=0.04), seat
    true = [fit.likeliest(item) == (item[-1],) for item in fit.posteriors]
    assert sum(true) / len(true) > 0.95


def test_its_answers_are_right_more_often_than_a_plurality():
    right = {"ann": 0.95, "bo": 0.5, "cy": 0.5, "di": 0.5, "ed": 0.5}
    sheet = simulated(right, items=300, options=3, seed=2)
    fit = one_coin(sheet)
    own = sum(item[-1] in fit.likeliest(item) for item in fit.posteriors)
    plural = 0.0
    for item, votes in sheet.by_item().items():
        said = list(votes.values())
        most = max(said.count(each) for each in said)
        leading = {each for each in said if said.count(each) == most}
        plural += (item[-1] in leading) / len(leading)
    assert own > plural + 30


def test_intervals_cover_about_as_often_as_they_say():
    right = {f"s{number}": 0.55 + 0.05 * number for number in range(8)}
    covered = [
        each.accuracy.low <= right[seat] <= each.accuracy.high
        for seed in range(20)
        for seat, each in one_coin(simulated(right, 60, 3, seed), level=0.95).seats.items()
    ]
    assert 0.88 <= sum(covered) / len(covered) <= 0.99


def test_with_a_key_it_is_counting():
    """Every truth known: the estimate is the shrunk share, the interval that of its likelihood."""
    fit = one_coin(sheet_from({"ann": "aaab", "bo": "abab"}, "aaaa"), strength=0)
    assert fit.accuracies == {"ann": pytest.approx(0.75), "bo": pytest.approx(0.5)}
    interval = fit.seats["ann"].accuracy

    def log(p: float) -> float:
        return 3 * math.log(p) + math.log(1 - p)

    for end in (interval.low, interval.high):
        assert log(0.75) - log(end) == pytest.approx(1.959964**2 / 2, abs=1e-4)
    assert fit.posteriors["i3"] == {"a": 1.0, "b": 0.0}


def test_a_few_known_items_turn_a_panel_that_is_wrong_together():
    liars = {f"l{number}": 0.1 for number in range(3)}
    sheet = simulated({**liars, "ann": 0.9, "bo": 0.9}, items=60, options=2, seed=3)
    keyed = AnswerSheet(
        items=tuple(
            item.model_copy(update={"right": item.id[-1]}) if place < 12 else item
            for place, item in enumerate(sheet.items)
        ),
        answers=sheet.answers,
    )
    assert one_coin(sheet).accuracies["ann"] < 0.3
    assert one_coin(keyed).accuracies["ann"] > 0.75


def test_it_says_when_it_has_not_converged():
    sheet = simulated({"ann": 0.6, "bo": 0.6, "cy": 0.6}, items=40, options=2, seed=4)
    short = one_coin(sheet, steps=2)
    assert (short.converged, len(short.gains)) == (False, 2)
    assert one_coin(sheet).converged


def test_an_item_that_nobody_answered_stays_open():
    fit = one_coin(sheet_from({"ann": "aa-", "bo": "ab-"}))
    assert fit.posteriors["i2"] == {"a": 0.5, "b": 0.5}
    assert fit.likeliest("i2") == ("a", "b")


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"strength": -1}, "strength"), ({"steps": 0}, "steps"), ({"level": 1.0}, "level")],
)
def test_arguments_out_of_range(fields, says):
    with pytest.raises(InputError, match=says):
        one_coin(sheet_from({"ann": "ab"}), **fields)


def test_nothing_to_count():
    with pytest.raises(InputError, match="no answer to count"):
        one_coin(sheet_from({"ann": "--"}))
