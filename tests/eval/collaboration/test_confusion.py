"""Whole tables of errors without a key, against sums over everything that may be true."""

import itertools
import math
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from folkmoot.eval.collaboration import Answer, AnswerSheet, Item, confusion
from folkmoot.records import InputError
from tests.eval.collaboration.conftest import drawn, sheet_from, shuffled_pairs


@settings(max_examples=60)
@given(drawn(same=True), st.sampled_from([0.0, 1.0]))
def test_likelihood_and_posteriors_are_those_of_the_sum_over_all_truths(sheet, strength):
    fit = confusion(sheet, strength=strength)
    ways = [item.options if item.right is None else (item.right,) for item in sheet.items]
    assume(math.prod(map(len, ways)) <= 3000)

    def off(p: float) -> float:
        return min(1 - 1e-9, max(1e-9, p))

    every: list[tuple[dict[str, str], float]] = []
    for truth in itertools.product(*ways):
        chance = 1.0
        for (_, votes), true in zip(sheet.by_item().items(), truth, strict=True):
            chance *= off(fit.shares[true])
            for seat, choice in votes.items():
                chance *= off(fit.rates[seat][true][choice])
        every.append((dict(zip(sheet.by_item(), truth, strict=True)), chance))
    whole = math.fsum(chance for _, chance in every)
    assert fit.log_likelihood == pytest.approx(math.log(whole), abs=1e-6)
    for item in sheet.items:
        for option in item.options:
            own = math.fsum(chance for truth, chance in every if truth[item.id] == option)
            assert fit.posteriors[item.id][option] == pytest.approx(own / whole, abs=1e-6)


@settings(max_examples=60)
@given(drawn(same=True), st.sampled_from([0.0, 1.0, 4.0]))
def test_no_step_loses_anything(sheet, strength):
    gains = confusion(sheet, strength=strength).gains
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(gains))


@settings(max_examples=40)
@given(shuffled_pairs(same=True))
def test_the_order_of_items_and_answers_does_not_matter(two):
    one, other = (confusion(sheet) for sheet in two)
    assert one.gains == other.gains
    assert one.posteriors == other.posteriors
    assert one.accuracies == other.accuracies


def test_a_seat_that_says_yes_too_often_has_a_table_that_says_so():
    dice = random.Random(5)
    items, answers = list[Item](), list[Answer]()
    for number in range(800):
        true = "yes" if dice.random() < 0.3 else "no"
        items.append(Item(id=f"{number}", options=("yes", "no")))
        for seat in ("ann", "bo", "cy", "di"):
            right = dice.random() < 0.85
            said = true if right else {"yes": "no", "no": "yes"}[true]
            if seat == "di":
                said = "yes" if true == "yes" or dice.random() < 0.4 else "no"
            answers.append(Answer(item=f"{number}", seat=seat, choice=said))
    fit = confusion(AnswerSheet(items=tuple(items), answers=tuple(answers)))
    assert fit.converged
    assert fit.shares["yes"] == pytest.approx(0.3, abs=0.05)
    assert fit.rates["di"]["no"]["yes"] == pytest.approx(0.4, abs=0.06)
    assert fit.rates["di"]["yes"]["yes"] > 0.9
    assert fit.rates["ann"]["no"]["yes"] == pytest.approx(0.15, abs=0.05)
    assert fit.accuracies["di"] == pytest.approx(0.3 + 0.7 * 0.6, abs=0.06)


def test_rows_are_shares():
    fit = confusion(sheet_from({"ann": "abca", "bo": "abcc"}, options="abc"))
    rows = [fit.shares, *(row for rates in fit.rates.values() for row in rates.values())]
    assert [math.fsum(row.values()) for row in rows] == pytest.approx([1.0] * 7)


def test_items_with_other_options_are_refused():
    items = (Item(id="1", options=("a", "b")), Item(id="2", options=("a", "c")))
    answers = (Answer(item="1", seat="ann", choice="a"),)
    with pytest.raises(InputError, match="one_coin"):
        confusion(AnswerSheet(items=items, answers=answers))
