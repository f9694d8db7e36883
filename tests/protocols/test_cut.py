"""On which side each seat is, from judgements that are each unsure."""

from itertools import product

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
    pairs = {(a, b): [-0.9 if {a, b} & {"di"} else 0.9] for a, b in product(SEATS, SEATS) if a < b}
    found = cut(SEATS, {}, pairs)
    assert len({found.sides[seat] for seat in ("ann", "bo", "cy")}) == 1
    assert found.sides["di"] != found.sides["ann"]


@given(
    question=st.dictionaries(st.sampled_from(SEATS), st.lists(balances, max_size=3)),
    pull=st.dictionaries(
        st.tuples(st.sampled_from(SEATS), st.sampled_from(SEATS)).filter(lambda p: p[0] < p[1]),
        st.lists(balances, max_size=3),
    ),
)
def test_no_other_split_explains_more(question, pull):
    found = cut(SEATS, question, pull)

    def mean(values):
        return sum(values) / len(values) if values else 0.0

    def worth(sides):
        return sum(sides[s] * mean(v) * WEIGHTS.question for s, v in question.items()) + sum(
            sides[a]
            * sides[b]
            * mean(v)
            * (WEIGHTS.pair if question else WEIGHTS.pair_alone)
            / (len(SEATS) - 1)
            for (a, b), v in pull.items()
        )

    every = [dict(zip(SEATS, way, strict=True)) for way in product((1, -1), repeat=len(SEATS))]
    split = [way for way in every if len(set(way.values())) > 1]
    best = max(map(worth, split))
    together = max(worth(way) for way in every if len(set(way.values())) == 1)
    assert worth(found.sides) == pytest.approx(best, abs=1e-6)
    assert found.evidence == pytest.approx(best - together, abs=2e-6)


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
        ({"attack": 0.1, "support": 0.8, "neither": 0.1}, 0.45),
    ],
)
def test_a_balance_is_the_odds_of_support_against_attack(probabilities, expected):
    assert balance(probabilities) == pytest.approx(expected, abs=0.01)
