"""Dropping by rank alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.pool.fit import fit
from folkmoot.records import CallRefused, Segment


def segments(*drops: int) -> list[Segment]:
    return [
        Segment(role="user", text="x", drop=drop, label=f"s{at}") for at, drop in enumerate(drops)
    ]


def test_what_fits_stays_whole():
    parts = segments(0, 3, 1)
    assert fit(parts, [5, 5, 5], 15, "m") == (tuple(parts), ())


def test_the_highest_rank_goes_first_among_equals_the_earliest():
    parts = segments(0, 1, 2, 1, 2, 0)
    for room, dropped in ((50, "s2"), (40, "s2 s4"), (30, "s2 s4 s1"), (20, "s2 s4 s1 s3")):
        assert fit(parts, [10] * 6, room, "m").dropped == tuple(dropped.split())


def test_what_the_template_adds_counts():
    assert fit(segments(0, 1), [5, 5], 10, "m", around=1).dropped == ("s1",)


def test_rank_zero_never_goes():
    with pytest.raises(CallRefused, match="needs 20 tokens, the window of 'm' holds 15"):
        fit(segments(0, 5, 0), [10, 10, 10], 15, "m")


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=12),
    st.integers(0, 300),
)
def test_it_drops_no_more_than_it_must_and_keeps_the_order(pieces, room):
    parts = segments(*(drop for drop, _ in pieces))
    size = {part.label: tokens for part, (_, tokens) in zip(parts, pieces, strict=True)}
    try:
        kept, dropped = fit(parts, list(size.values()), room, "m")
    except CallRefused:
        assert sum(size[part.label] for part in parts if part.drop == 0) > room
        return
    held = sum(size[part.label] for part in kept)
    assert held <= room
    assert not dropped or held + size[dropped[-1]] > room
    assert list(kept) == [part for part in parts if part.label not in dropped]
    if dropped:
        gone = [part.drop for label in dropped for part in parts if part.label == label]
        assert gone == sorted(gone, reverse=True)
