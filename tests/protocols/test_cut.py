"""On which side each seat is, from judgements that are each unsure."""

import math
import random
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols.cut import WEIGHTS, Weights, balance, cut

SEATS = ("ann", "bo", "cy", "di")
balances = st.floats(-1, 1, allow_nan=False)


def test_messages_for_and_against_are_two_sides():
    found = cut(SEATS, {"ann": [0.9], "bo": [0.8], "cy": [-0.9], "di": [-0.7]}, {})
    assert found.sides == {"ann": 1, "bo": 1, "cy": -1, "di": -1}
    assert found.confidence > 0.8


def test_one_mind_is_no_conflict():
    found = cut(SEATS, {seat: [0.8] for seat in SEATS}, {})
    assert found.evidence < 0
    assert found.confidence < 0.2


def test_a_doubtful_seat_is_no_conflict():
    found = cut(SEATS, {seat: [-0.2 if seat == "di" else 0.8] for seat in SEATS}, {})
    assert found.confidence < 0.5


def test_claims_that_attack_each_other_pull_their_seats_apart():
    pairs = {(a, b): [-0.9 if "di" in (a, b) else 0.9] for a, b in product(SEATS, SEATS) if a < b}
    found = cut(SEATS, {}, pairs)
    assert len({found.sides[seat] for seat in ("ann", "bo", "cy")}) == 1
    assert found.sides["di"] != found.sides["ann"]


@given(
    question=st.dictionaries(
        st.sampled_from(SEATS), st.lists(balances, min_size=1, max_size=3), min_size=1
    ),
    pull=st.dictionaries(
        st.tuples(st.sampled_from(SEATS), st.sampled_from(SEATS)).filter(lambda p: p[0] < p[1]),
        st.lists(balances, min_size=1, max_size=3),
    ),
)
def test_no_other_split_explains_more(question, pull):
    """By hand, from the definition."""
    found = cut(SEATS, question, pull)
    mean = {pair: sum(each) / len(each) for pair, each in pull.items()}
    telling = {pair: each for pair, each in mean.items() if abs(each) >= 0.1}
    compared = {seat: sum(seat in pair for pair in telling) for seat in SEATS}
    own = {seat: sum(each) / len(each) for seat, each in question.items()}

    def worth(sides):
        return sum(sides[seat] * each for seat, each in own.items()) + sum(
            sides[a] * sides[b] * WEIGHTS.pair * each / (compared[a] * compared[b]) ** 0.5
            for (a, b), each in telling.items()
        )

    every = [dict(zip(SEATS, way, strict=True)) for way in product((1, -1), repeat=len(SEATS))]
    split = [way for way in every if len(set(way.values())) > 1]
    together = max(worth(way) for way in every if len(set(way.values())) == 1)
    best = max(map(worth, split))
    # Four seats in two camps: how many ways there are is in the bar.
    alone = {pair: two_alone(own, mean, *pair) for pair in combinations(SEATS, 2)}
    two = WEIGHTS.two * max(alone.values()) - math.log(2) / WEIGHTS.slope
    if max(alone.values()) <= 0:
        two = -math.inf
    if two > best - together + 1e-6:
        assert found.evidence == pytest.approx(two, abs=2e-6)
        surest = [pair for pair in alone if alone[pair] == pytest.approx(max(alone.values()))]
        assert any(found.sides[a] != found.sides[b] for a, b in surest)
    elif two < best - together - 1e-6:
        assert worth(found.sides) == pytest.approx(best, abs=1e-6)
        assert found.evidence == pytest.approx(best - together, abs=2e-6)


def two_alone(own, mean, a, b):
    """The evidence of two seats if nobody else were there."""
    mine, yours, each = own.get(a, 0), own.get(b, 0), WEIGHTS.pair * mean.get((a, b), 0)
    apart = max(mine - yours, yours - mine) - each
    return apart - (max(mine + yours, -mine - yours) + each)


def apart(names, said=-0.98):
    """Every two of these seats contradict each other."""
    return {(a, b): [said] for a, b in product(names, names) if a < b}


@pytest.mark.parametrize("count", [2, 3, 4, 5, 7, 9])
def test_of_an_open_question_there_are_as_many_camps_as_answers(count):
    seats = [f"s{n}" for n in range(count)]
    found = cut(seats, {}, apart(seats))
    assert len(set(found.sides.values())) == count
    assert found.decided == frozenset(seats)
    assert found.confidence > 0.9


def test_two_who_are_of_one_mind_share_a_camp_beside_a_third_one():
    pairs = {**apart(SEATS), ("ann", "bo"): [0.9], ("cy", "di"): [-0.7]}
    found = cut(SEATS, {}, pairs)
    assert found.sides == {"ann": 1, "bo": 1, "cy": 2, "di": 3}


def test_of_a_yes_or_no_question_there_are_two_camps():
    found = cut(SEATS, {"ann": [0.9], "bo": [-0.9]}, apart(SEATS))
    assert set(found.sides.values()) == {1, -1}


@pytest.mark.parametrize("question", [{}, {"ann": [0.0]}])
@pytest.mark.parametrize("others", [0, 1, 3, 8, 12, 40])
def test_those_who_speak_of_something_else_hide_no_conflict_of_two(question, others):
    seats = ["ann", "bo", *(f"x{n}" for n in range(others))]
    pairs = {("ann", "bo"): [-0.9]}
    pairs |= {(a, b): [0.05] for a in seats for b in seats if a < b and (a, b) != ("ann", "bo")}
    found = cut(seats, question, pairs)
    assert found.confidence > 0.5
    assert found.sides["ann"] != found.sides["bo"]
    assert found.decided == {"ann", "bo"}


@pytest.mark.parametrize("question", [{}, {"ann": [0.0]}])
@pytest.mark.parametrize("others", [1, 2, 5, 9])
def test_those_who_agree_with_everybody_hide_no_conflict_of_two(question, others):
    flatterers = [f"x{n}" for n in range(others)]
    seats = ["ann", "bo", *flatterers]
    pairs = {("ann", "bo"): [-0.98]}
    pairs |= {(who, each): [0.9] for who in ("ann", "bo") for each in flatterers}
    pairs |= {(a, b): [0.9] for a in flatterers for b in flatterers if a < b}
    found = cut(seats, question, pairs)
    assert found.confidence > 0.5
    assert found.sides["ann"] != found.sides["bo"]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(SEATS), st.sampled_from(SEATS)).filter(lambda p: p[0] < p[1]),
        st.lists(balances, min_size=1, max_size=2),
    ),
    st.permutations(SEATS),
)
def test_the_order_of_the_seats_changes_no_evidence(pull, order):
    again = {(min(pair), max(pair)): each for pair, each in pull.items()}
    assert cut(SEATS, {}, pull).evidence == pytest.approx(cut(order, {}, again).evidence, abs=2e-6)


def test_many_camps_of_many_seats_are_found():
    seats = [f"s{n:02}" for n in range(24)]
    pairs = {
        (a, b): [0.9 if int(a[1:]) % 4 == int(b[1:]) % 4 else -0.9]
        for a in seats
        for b in seats
        if a < b
    }
    found = cut(seats, {}, pairs)
    assert {seat: found.sides[seat] for seat in seats} == {
        seat: int(seat[1:]) % 4 + 1 for seat in seats
    }


@given(st.lists(balances, min_size=13, max_size=15))
def test_many_seats_are_climbed_to_the_sides_of_their_messages(said):
    seats = [f"s{n}" for n in range(len(said))]
    found = cut(seats, {seat: [b] for seat, b in zip(seats, said, strict=True)}, {})
    if min(said) < -0.01 and max(said) > 0.01:
        for seat, b in zip(seats, said, strict=True):
            assert abs(b) < 0.01 or found.sides[seat] == (1 if b > 0 else -1)


def test_the_bar_is_where_a_conflict_is_as_likely_as_not():
    found = cut(("a", "b"), {"a": [0.6], "b": [-0.6]}, {}, Weights(bar=1.2))
    assert found.evidence == pytest.approx(1.2)
    assert found.confidence == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ({"attack": 0.99, "support": 0.005, "neither": 0.005}, -1.0),
        ({"attack": 0.0, "support": 0.0, "neither": 1.0}, 0.0),
        ({"attack": 0.1, "support": 0.8, "neither": 0.1}, 0.41),
        ({"attack": 0.02, "support": 0.01, "neither": 0.97}, 0.0),
    ],
)
def test_a_balance_is_the_odds_of_support_against_attack(probabilities, expected):
    assert balance(probabilities) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("count", [3, 10, 20])
@pytest.mark.parametrize(("polar", "most"), [(True, 2), (False, 10)])
def test_the_best_of_many_pairs_is_seldom_a_conflict_by_chance(count, polar, most):
    """Seats of one mind, judged with much noise: of forty panels few are a conflict, however large."""
    found = 0
    for seed in range(40):
        dice = random.Random(seed)

        def noisy(dice=dice):
            return [max(-1.0, min(1.0, dice.gauss(0.5, 0.35)))]

        seats = [f"s{n:02}" for n in range(count)]
        pairs = {pair: noisy() for pair in combinations(seats, 2)}
        kept = dict(dice.sample(sorted(pairs.items()), min(40, len(pairs))))
        question = {seat: noisy() for seat in seats} if polar else {}
        found += cut(seats, question, kept).confidence >= 0.5
    assert found <= most


@pytest.mark.parametrize("question", [{}, {"ann": [0.8], "bo": [-0.8]}])
@pytest.mark.parametrize("others", [1, 2, 4])
def test_who_agrees_with_both_sides_stands_on_neither(question, others):
    both = [f"x{n}" for n in range(others)]
    pairs = {("ann", "bo"): [-0.9]}
    pairs |= {(who, each): [0.9 if who == "ann" else 0.8] for who in ("ann", "bo") for each in both}
    pairs |= {pair: [1.0] for pair in combinations(both, 2)}
    found = cut(["ann", "bo", *both], question, pairs)
    assert found.confidence > 0.5
    assert found.decided == {"ann", "bo"}


def test_messages_for_and_against_are_a_conflict_though_nobody_judged_them_against_each_other():
    both = ["x0", "x1"]
    pairs = {(who, each): [1.0] for who in ("ann", "bo") for each in both}
    found = cut(["ann", "bo", *both], {"ann": [0.8], "bo": [-0.8], "x0": [0.0], "x1": [0.0]}, pairs)
    assert found.confidence > 0.5
    assert found.decided == {"ann", "bo"}
