"""Suspect seats: found without a key, and left out."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel
from folkmoot.eval.collaboration import Answer, AnswerSheet, Item, masked, one_coin, screen
from folkmoot.eval.collaboration.alike import Pair, alike, groups
from folkmoot.records import InputError
from tests.eval.collaboration.conftest import sheet_from

LETTERS = ("a", "b", "c")


def said_by(
    right: dict[str, float],
    liars: tuple[str, ...] = (),
    items: int = 60,
    seed: int = 0,
    keyed: int = 0,
) -> AnswerSheet:
    """Independent seats, and liars who agree on a wrong option of each item; so many items with a key."""
    dice = random.Random(seed)
    asked, answers = list[Item](), list[Answer]()
    for number in range(items):
        true = dice.choice(LETTERS)
        lie = dice.choice([each for each in LETTERS if each != true])
        key = true if number < keyed else None
        asked.append(Item(id=f"{number:03}", options=LETTERS, right=key))
        for seat, p in right.items():
            others = [each for each in LETTERS if each != true]
            honest = true if dice.random() < p else dice.choice(others)
            choice = lie if seat in liars else honest
            answers.append(Answer(item=f"{number:03}", seat=seat, choice=choice))
    return AnswerSheet(items=tuple(asked), answers=tuple(answers))


EIGHT = dict.fromkeys((f"s{number}" for number in range(8)), 0.8)


@settings(max_examples=15)
@given(st.sets(st.sampled_from(sorted(EIGHT)), max_size=3), st.integers(0, 99))
def test_liars_are_found_whoever_they_are(liars, seed):
    found = screen(said_by(EIGHT, tuple(liars), seed=seed), error=0.001)
    assert set(found.suspects) == liars
    assert not found.cautions


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_items_and_answers_does_not_matter(dice):
    sheet = said_by(EIGHT, ("s1", "s5"))
    mixed = AnswerSheet(
        items=tuple(dice.sample(sheet.items, len(sheet.items))),
        answers=tuple(dice.sample(sheet.answers, len(sheet.answers))),
    )
    one, other = screen(sheet), screen(mixed)
    assert one.seats == other.seats
    assert one.median == other.median
    assert one.groups == other.groups


def test_a_suspect_is_told_with_its_figures():
    found = screen(said_by(EIGHT, ("s3",)))
    why = found.seats["s3"].why
    assert len(why) == 3
    assert why[0].startswith("right on ")
    assert why[0].endswith("where a blind guess is on 33%")
    assert found.seats["s0"].why == ()


def test_a_clique_that_outvotes_seats_that_are_right_is_found_with_a_caution():
    weak = dict.fromkeys((f"s{number}" for number in range(12)), 0.5)
    liars = tuple(f"s{number}" for number in range(5))
    sheet = said_by(weak, liars, items=150)
    # By the votes alone the clique is always right.
    assert one_coin(sheet).accuracies["s0"] > 0.9
    found = screen(sheet)
    assert set(found.suspects) == set(liars)
    assert any("may be the only ones" in caution for caution in found.cautions)


def test_where_most_seats_lie_the_honest_are_accused():
    """No figure of agreement can tell, and none pretends to: this is what it looks like."""
    liars = tuple(f"s{number}" for number in range(5))
    found = screen(said_by(EIGHT, liars))
    assert set(found.suspects) == set(EIGHT) - set(liars)


def test_a_key_on_some_items_settles_it():
    liars = tuple(f"s{number}" for number in range(5))
    found = screen(said_by(EIGHT, liars, keyed=15))
    assert set(found.suspects) == set(liars)
    assert found.cautions == ("half of the panel or more is suspect",)


def test_a_key_on_too_few_items_leaves_a_caution():
    """Five who always agree outweigh five items that say otherwise."""
    liars = tuple(f"s{number}" for number in range(5))
    found = screen(said_by(EIGHT, liars, keyed=5))
    assert set(found.suspects) == set(EIGHT) - set(liars)
    assert all(any(repr(liar) in caution for caution in found.cautions) for liar in liars)
    assert "is on 0 of the 5 items that have a key" in found.cautions[0]


def test_twins_are_alike_and_no_suspects():
    sheet = said_by({**EIGHT, "twin": 0.8}, items=80)
    copied = AnswerSheet(
        items=sheet.items,
        answers=tuple(
            each.model_copy(update={"choice": sheet.by_item()[each.item]["s0"]})
            if each.seat == "twin"
            else each
            for each in sheet.answers
        ),
    )
    found = screen(copied)
    assert found.groups == (("s0", "twin"),)
    assert found.suspects == ()
    (pair,) = found.alike
    assert (pair.items, pair.agree) == (80, 80)
    assert pair.expected < 75
    assert screen(sheet).groups == ()


def test_few_common_items_make_nobody_alike():
    assert alike(sheet_from({"ann": "aaaa", "bo": "aaaa"}), {"ann": 0.5, "bo": 0.5}) == ()


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=8))
def test_groups_are_what_hangs_together(edges):
    pairs = tuple(
        Pair(first=one, second=other, items=9, agree=9, expected=1, z=9)
        for one, other in edges
        if one != other
    )
    found = groups(pairs)
    for pair in pairs:
        assert sum(pair.first in each and pair.second in each for each in found) == 1
    seats = [seat for each in found for seat in each]
    assert len(seats) == len(set(seats)) == len({s for p in pairs for s in (p.first, p.second)})
    assert all(one < other for one, other in pairwise(found))


def test_the_panel_without_them():
    panel = Panel(Agent(seat, model="m") for seat in EIGHT)
    found = screen(said_by(EIGHT, ("s2", "s4")))
    left = masked(panel, found.suspects)
    assert [agent.name for agent in left] == ["s0", "s1", "s3", "s5", "s6", "s7"]
    assert masked(panel, ()).agents == panel.agents


def test_masking_is_refused_where_it_cannot_be_done():
    panel = Panel([Agent("ann", model="m"), Agent("bo", model="m")])
    with pytest.raises(InputError, match="the panel has: ann, bo"):
        masked(panel, ["cy"])
    with pytest.raises(InputError, match="no seat is left"):
        masked(panel, ["ann", "bo"])


@pytest.mark.parametrize(("fields", "says"), [({"error": 0}, "error"), ({"margin": 1}, "margin")])
def test_arguments_out_of_range(fields, says):
    with pytest.raises(InputError, match=says):
        screen(said_by(EIGHT, items=3), **fields)


def test_two_seats_cannot_be_screened():
    with pytest.raises(InputError, match="fewer than three"):
        screen(sheet_from({"ann": "ab", "bo": "aa", "cy": "--"}))
