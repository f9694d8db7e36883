"""Lots are the same on every machine: golden numbers, and orders that a seed fixes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import lot, shuffled


def test_lots_never_change():
    assert [lot(0), lot(1), lot(0, "order", 1)] == [804681139, 901994809, 829041222]
    assert lot(7, "call", 3, "nurse", "reason", None) == 1062360521
    assert shuffled("abcde", 0, "order", 0) == tuple("dceba")


@settings(deadline=None, max_examples=50)
@given(st.integers(-(2**53) + 1, 2**53 - 1), st.lists(st.text(), max_size=6))
def test_an_order_is_a_permutation_that_the_place_fixes(seed, items):
    order = shuffled(items, seed, "order", 2)
    assert sorted(order) == sorted(items)
    assert order == shuffled(items, seed, "order", 2)
    assert 0 <= lot(seed, *items) < 2**31


def test_neighbouring_seeds_and_places_draw_apart():
    drawn = {lot(seed, "call", step) for seed in range(40) for step in range(40)}
    assert len(drawn) == 1600
    assert len({shuffled("abcd", seed, "order", 0) for seed in range(200)}) == 24
