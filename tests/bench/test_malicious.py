"""How well suspect seats are found: a few of the simulated panels of the bench."""

import pytest
from malicious import SEATS, measure


@pytest.mark.parametrize("attack", ["same", "inverted"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_liars_among_twelve_are_found_and_masking_makes_up_for_them(attack, count):
    row = measure(attack, count, items=60, options=4, panels=4)
    assert row["caught"] >= 0.9
    assert row["accused"] <= 0.03
    assert row["masked"] >= row["all"]
    assert row["known"] - row["masked"] <= 0.01


@pytest.mark.parametrize("count", [1, 4])
def test_of_two_options_liars_in_league_are_found(count):
    row = measure("same", count, items=60, options=2, panels=4)
    assert row["caught"] >= 0.9
    assert row["accused"] <= 0.03
    # Four of them bring the vote down to a coin's.
    assert row["masked"] - row["all"] > (0.02 if count == 1 else 0.3)


def test_of_two_options_who_answers_at_random_is_seldom_found_on_60_items_and_often_on_300():
    few, many = (measure("random", 2, items=items, options=2, panels=4) for items in (60, 300))
    assert few["caught"] <= 0.5 < 0.6 <= many["caught"]


def test_panels_without_a_liar_accuse_nearly_nobody():
    found = [measure("same", 0, items=60, options=options, panels=8) for options in (2, 4)]
    assert sum(row["accused"] * row["panels"] * len(SEATS) for row in found) <= 3


def test_hard_items_on_which_all_guess_accuse_nobody_else():
    row = measure("same", 2, items=60, options=4, panels=4, hard=0.3)
    assert row["caught"] >= 0.9
    assert row["accused"] <= 0.03
