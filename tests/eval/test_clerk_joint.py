"""What one pair of statements says of another."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.eval.clerk.ask import Answer
from folkmoot.eval.clerk.joint import WEIGHT, together
from folkmoot.eval.clerk.sets import Pair

NAMES = "abcde"


def asked(count: int, group: str = "g") -> list[Pair]:
    return [
        Pair(a, b, group=group, ends=(a, b), conflict=False)
        for a, b in combinations(NAMES[:count], 2)
    ]


def said(*chances: float) -> list[Answer]:
    return [Answer(p, "attack" if p > 0.5 else "support") for p in chances]


def test_two_clear_judgements_settle_a_third():
    """a is surely against b, and b against c: a and c stand together, whatever that pair says alone."""
    pairs = asked(3)
    found = together(pairs, said(0.98, 0.6, 0.98))
    assert [each.relation for each in found] == ["attack", "support", "attack"]
    assert found[1].conflict is not None
    assert found[1].conflict < 0.5


def test_nobody_has_to_be_opposed():
    found = together(asked(4), said(*[0.2] * 6))
    assert {each.relation for each in found} == {"support"}


def test_pairs_that_are_of_no_set_stay_as_they_are():
    pairs = [Pair("x", "y", True), *asked(2)]
    answers = said(0.9, 0.3)
    assert together(pairs, answers) == tuple(answers)


def test_sets_do_not_mix():
    both = together([*asked(3, "g"), *asked(3, "h")], said(0.98, 0.6, 0.98, 0.1, 0.1, 0.1))
    assert both[:3] == together(asked(3), said(0.98, 0.6, 0.98))
    assert both[3:] == together(asked(3), said(0.1, 0.1, 0.1))


def test_a_pair_without_an_answer_is_none():
    answers = [*said(0.9, 0.2), Answer(None)]
    found = together(asked(3), answers)
    assert found[2] == Answer(None)


def test_what_neither_is_stays_neither():
    answers = [Answer(0.1, "neither"), Answer(0.1, "support"), Answer(0.1, "support")]
    assert together(asked(3), answers)[0].relation == "neither"


@given(st.lists(st.floats(0.01, 0.99), min_size=6, max_size=6))
def test_the_probability_is_that_of_the_splits_that_part_a_pair(chances):
    """Counted over all two-colourings of four statements, in another way."""
    pairs = asked(4)
    found = together(pairs, said(*chances))
    weights: dict[int, float] = {}
    for colours in range(16):
        score = 0.0
        for pair, chance in zip(pairs, chances, strict=True):
            a, b = (colours >> NAMES.index(end) & 1 for end in pair.ends or ())
            odds = math.log(chance / (1 - chance))
            score += WEIGHT * (odds if a != b else -odds) / 2
        weights[colours] = math.exp(score)
    for pair, answer in zip(pairs, found, strict=True):
        a, b = (NAMES.index(end) for end in pair.ends or ())
        parted = sum(w for c, w in weights.items() if (c >> a & 1) != (c >> b & 1))
        assert answer.conflict == pytest.approx(parted / sum(weights.values()), abs=1e-9)
