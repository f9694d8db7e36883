"""Measures of agreement: the literature's worked examples, and what must hold of any figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import agreement

FLEISS_1971 = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)
"""14 raters put 10 subjects into 5 categories; κ is .210."""

KRIPPENDORFF_2011 = (
    *("111", "2232", "3333", "3333", "2222", "1234"),
    *("4444", "1121", "2222", "555", "11", "3"),
)
"""Four observers, 12 units, 5 categories, values missing (example C); α is .743."""

OPTIONS = "abcd"
choices = st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=8)
units = st.lists(st.lists(st.sampled_from(OPTIONS), min_size=3, max_size=3), min_size=1, max_size=6)
relabelled = st.permutations(OPTIONS).map(lambda new: dict(zip(OPTIONS, new, strict=True)))
distributions = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda weights: {o: w / sum(weights) for o, w in zip("abc", weights, strict=True)}
)


def test_fleiss_own_example():
    units = [[c for c, times in enumerate(row) for _ in range(times)] for row in FLEISS_1971]
    assert agreement.fleiss_kappa(units) == pytest.approx(0.210, abs=5e-4)


def test_krippendorffs_example_with_missing_values():
    assert agreement.krippendorff_alpha(KRIPPENDORFF_2011) == pytest.approx(0.743, abs=5e-4)


def test_krippendorffs_example_of_two_observers():
    units = list(zip("0100000010", "1110010000", strict=True))
    assert agreement.krippendorff_alpha(units) == pytest.approx(0.095, abs=5e-4)


def test_worked_by_hand():
    assert agreement.normalised_entropy({"a": 0.75, "b": 0.25}) == pytest.approx(0.811278)
    assert agreement.distance({"a": 0.9, "b": 0.1}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.4)
    assert agreement.divergence({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}) == 1
    assert agreement.divergence({"a": 1.0, "b": 0.0}, {"a": 0.5, "b": 0.5}) == pytest.approx(
        0.311278
    )
    assert agreement.polarisation({"a": 0.5, "b": 0.5}) == 1
    assert agreement.polarisation({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == pytest.approx(8 / 9)
    assert agreement.modes("abba") == ("a", "b")


def test_of_nothing_there_is_no_measure():
    assert agreement.share_of_mode([]) is None
    assert agreement.shares([], "ab") is None
    assert agreement.normalised_entropy({"only": 1.0}) is None
    assert agreement.mean_pairwise(agreement.distance, [{"a": 1.0}]) is None
    for coefficient in (agreement.fleiss_kappa, agreement.krippendorff_alpha):
        assert coefficient([]) is None
        assert coefficient(["a", "b"]) is None, "nobody to agree with"
        assert coefficient(["aa", "aa"]) is None, "one category leaves nothing to chance"
    assert agreement.fleiss_kappa(["aab", "ab"]) is None, "not equally many"


@given(choices)
def test_all_agree_where_and_only_where_entropy_is_zero(held):
    votes = agreement.shares(held, OPTIONS)
    assert votes is not None
    alike = len(set(held)) == 1
    assert (agreement.normalised_entropy(votes) == 0) == alike
    assert (agreement.share_of_mode(held) == 1) == alike
    assert (agreement.polarisation(votes) == 0) == alike
    assert 0 <= agreement.polarisation(votes) <= 1
    assert agreement.normalised_entropy(votes) <= 1 + 1e-9


@given(choices, relabelled)
def test_other_names_of_the_options_change_no_figure(held, new):
    one, other = (agreement.shares(each, OPTIONS) for each in (held, [new[o] for o in held]))
    for measure in (agreement.normalised_entropy, agreement.polarisation):
        assert measure(one) == pytest.approx(measure(other))
    assert {new[o] for o in agreement.modes(held)} == set(agreement.modes([new[o] for o in held]))


@given(units, relabelled, st.randoms())
def test_other_names_and_another_order_change_no_coefficient(rated, new, lot):
    shuffled = [lot.sample([new[o] for o in unit], len(unit)) for unit in rated]
    lot.shuffle(shuffled)
    for coefficient in (agreement.fleiss_kappa, agreement.krippendorff_alpha):
        assert coefficient(rated) == pytest.approx(coefficient(shuffled))


@given(units)
def test_kappa_and_alpha_are_one_where_all_agree_and_close_to_each_other(rated):
    kappa, alpha = agreement.fleiss_kappa(rated), agreement.krippendorff_alpha(rated)
    if kappa is None or alpha is None:
        assert kappa is alpha is None
        return
    assert (kappa == pytest.approx(1)) == all(len(set(unit)) == 1 for unit in rated)
    # α is κ with the correction for a small sample: 1 - α = (1 - κ)(1 - 1/n).
    n = 3 * len(rated)
    assert 1 - alpha == pytest.approx((1 - kappa) * (n - 1) / n)


@given(distributions, distributions)
def test_distances_are_symmetric_bounded_and_zero_of_the_same(one, other):
    for measure in (agreement.distance, agreement.divergence):
        assert measure(one, other) == pytest.approx(measure(other, one))
        assert 0 <= measure(one, other) <= 1
        assert measure(one, one) == pytest.approx(0, abs=1e-12)
    assert agreement.divergence(one, other) <= agreement.distance(one, other) + 1e-12
    assert math.isfinite(agreement.divergence(one, other))
