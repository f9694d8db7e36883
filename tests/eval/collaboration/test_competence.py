"""Competence: what was right, shrunk towards chance, and what a vote weighs for it."""

import math
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from folkmoot.eval.collaboration import (
    AnswerSheet,
    Competence,
    by_task,
    competence_rule,
    competences,
    in_rule,
    weight,
)
from folkmoot.protocols.rules import Rule
from folkmoot.records import Ballot, InputError
from tests.eval.collaboration.conftest import drawn, sheet_from, shuffled_pairs


def ballots(choices, options):
    return [
        Ballot(
            step=0,
            order=place,
            id=f"b{place}",
            seat=seat,
            round=0,
            options=options,
            state="valid",
            ranking=(choice,),
        )
        for place, (seat, choice) in enumerate(choices.items())
    ]


def measured(right: int, wrong: int, options: int = 2, strength: float = 2.0) -> Competence:
    letters = "abcd"[:options]
    sheet = sheet_from({"ann": "a" * right + "b" * wrong}, "a" * (right + wrong), letters)
    return competences(sheet, strength=strength)["ann"]


def test_of_two_options_it_is_the_mean_under_an_even_prior():
    found = measured(9, 3)
    assert found.at(2) == pytest.approx((9 + 1) / (12 + 2))
    assert (found.right, found.answered, found.asked, found.chance) == (9, 12, 12, 0.5)
    assert measured(9, 3, strength=1).at(2) == pytest.approx((9 + 0.5) / (12 + 1))
    assert measured(9, 3, strength=0).at(2) == 0.75


def test_the_interval_is_wilsons():
    share = measured(9, 3).share
    assert share is not None
    # By hand: (9 + z²/2)/(12 + z²) and its half width, z = 1.959964.
    assert (share.low, share.high) == pytest.approx((0.46769, 0.91106), abs=1e-5)
    assert measured(9, 3).above_chance is False
    assert measured(12, 0).above_chance is True


def test_few_items_stay_near_chance_and_many_do_not():
    assert measured(1, 0, options=4).at(4) == pytest.approx((1 + 0.5) / 3)
    assert measured(100, 0, options=4).at(4) == pytest.approx(100.5 / 102)
    unread = competences(sheet_from({"ann": "-"}, "a"))["ann"]
    assert unread.at(4) == 0.25


@given(
    st.integers(0, 20), st.integers(0, 20), st.integers(2, 4), st.integers(2, 9), st.floats(0.1, 9)
)
def test_a_blind_guess_is_one_whatever_the_number_of_options(
    right, wrong, options, other, strength
):
    assume(right + wrong > 0)
    found = measured(right, wrong, options, strength)
    p, elsewhere = found.at(options), found.at(other)
    assert p == pytest.approx((right + strength / options) / (right + wrong + strength))
    assert 0 < elsewhere < 1
    beyond = right * options - (right + wrong)
    assert math.copysign(1, beyond) * (elsewhere - 1 / other) >= -1e-12
    if beyond == 0:
        assert weight(elsewhere, other) == 0


def test_what_could_not_be_read_counts_neither_way_and_is_said():
    sheet = sheet_from({"ann": "a--b", "bo": "----"}, "aaaa")
    found = competences(sheet)
    assert (found["ann"].asked, found["ann"].answered, found["ann"].right) == (4, 2, 1)
    assert (found["bo"].asked, found["bo"].answered, found["bo"].share) == (4, 0, None)
    assert found["bo"].at(2) == 0.5


def test_items_without_a_key_are_left_out():
    found = competences(sheet_from({"ann": "aab"}, "a--"))
    assert (found["ann"].asked, found["ann"].right) == (1, 1)
    with pytest.raises(InputError, match="no item says what is right"):
        competences(sheet_from({"ann": "aab"}))


def test_by_task_set():
    sheet = sheet_from({"ann": "aabb", "bo": "bbaa"}, "aaaa", task=["x", "x", "y", "y"])
    found = by_task(sheet)
    assert {task: {s: c.right for s, c in each.items()} for task, each in found.items()} == {
        "x": {"ann": 2, "bo": 0},
        "y": {"ann": 0, "bo": 2},
    }
    assert competences(sheet, "x") == found["x"]


@given(shuffled_pairs(keyed=True))
def test_the_order_of_items_and_answers_does_not_matter(two: tuple[AnswerSheet, AnswerSheet]):
    one, other = two
    assert competences(one) == competences(other)


@given(drawn(keyed=True), st.permutations(["s0", "s1", "s2", "s3", "s4", "sure"]))
def test_a_seat_keeps_its_competence_under_another_name(sheet, names):
    other = dict(zip(["s0", "s1", "s2", "s3", "s4", "sure"], names, strict=True))
    renamed = AnswerSheet(
        items=sheet.items,
        answers=tuple(each.model_copy(update={"seat": other[each.seat]}) for each in sheet.answers),
    )
    before, after = competences(sheet), competences(renamed)
    assert {other[seat]: each.at(3) for seat, each in before.items()} == {
        seat: each.at(3) for seat, each in after.items()
    }


@given(st.floats(0.01, 0.99), st.integers(2, 8))
def test_the_rule_weighs_what_it_should(p, options):
    inside = in_rule(p, options)
    expected = math.log((options - 1) * p / (1 - p))
    assert math.log(inside / (1 - inside)) == pytest.approx(expected, abs=1e-3)
    assert weight(p, options) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("options", range(2, 12))
def test_a_guess_weighs_exactly_nothing(options):
    assert in_rule(1 / options, options) == 0.5
    assert weight(1 / options, options) == 0


@given(
    st.lists(st.integers(1, 19), min_size=3, max_size=3),
    st.integers(2, 4),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_the_heaviest_option_is_the_likeliest(twentieths, options, said):
    """Against the posterior, counted out over what every seat might have said."""
    letters = tuple("abcd"[:options])
    right = {f"s{place}": each / 20 for place, each in enumerate(twentieths)}
    choices = {f"s{place}": letters[each % options] for place, each in enumerate(said)}
    likely = {
        true: math.prod(
            p if choices[seat] == true else (1 - p) / (options - 1) for seat, p in right.items()
        )
        for true in letters
    }
    count = competence_rule(right, options).count(ballots(choices, letters), letters)
    best = max(likely.values())
    if count.winner is not None:
        assert likely[count.winner] >= best * (1 - 1e-4)
    else:
        assert all(likely[each] >= best * (1 - 1e-4) for each in count.tied)


def test_with_these_weights_no_other_vote_of_these_seats_is_right_more_often():
    """Nitzan and Paroush: of all ways to count three seats, over all that can happen."""
    right, options = {"s0": 0.9, "s1": 0.6, "s2": 0.55}, ("a", "b", "c")

    def accuracy(rule: Rule) -> float:
        total = 0.0
        for said in product(options, repeat=3):
            choices = dict(zip(right, said, strict=True))
            chance = math.prod(p if choices[s] == "a" else (1 - p) / 2 for s, p in right.items())
            count = rule.count(ballots(choices, options), options)
            leading = (count.winner,) if count.winner else count.tied
            total += chance * ("a" in leading) / len(leading)
        return total

    best = accuracy(competence_rule(right, 3))
    assert best == pytest.approx(0.9)
    assert best > accuracy(Rule(name="plurality"))
    for others in ({"s0": 0.6, "s1": 0.6, "s2": 0.6}, {"s0": 0.7, "s1": 0.69, "s2": 0.69}):
        assert best >= accuracy(competence_rule(others, 3))


def test_a_seat_below_chance_counts_against_its_choice_or_for_nothing():
    options = ("a", "b")
    said = ballots({"liar": "a", "guess": "a"}, options)
    found = {"liar": 0.1, "guess": 0.5}
    assert competence_rule(found, 2).count(said, options).winner == "b"
    assert competence_rule(found, 2, floor=True).count(said, options).status == "tied"


def test_the_rule_names_the_seats_that_vote():
    found = competences(sheet_from({"ann": "aa", "bo": "ab"}, "aa"))
    assert competence_rule(found, 2, ["bo"]).competences == {"bo": 0.5}
    with pytest.raises(InputError, match="nothing was measured of 'cy'"):
        competence_rule(found, 2, ["cy"])


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, math.nan])
def test_a_sure_seat_is_refused(p):
    with pytest.raises(InputError, match="shrink it"):
        in_rule(p, 3)


def test_arguments_out_of_range():
    sheet = sheet_from({"ann": "a"}, "a")
    with pytest.raises(InputError, match="strength"):
        competences(sheet, strength=-1)
    with pytest.raises(InputError, match="options"):
        in_rule(0.5, 1)
    with pytest.raises(InputError, match="options"):
        competences(sheet)["ann"].at(1)
