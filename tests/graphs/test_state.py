"""The one channel: whatever the order of arrival, the state is the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.graphs.state import merge
from folkmoot.records import MergeError, Record, Reply, Turn, key


def reply(step: int, order: int, text: str = "so") -> Reply:
    return Reply(step=step, order=order, seat="s", purpose="p", state="ok", text=text)


def turn(step: int, order: int) -> Turn:
    return Turn(
        step=step,
        order=order,
        id=f"M{step}.{order}",
        seat="s",
        round=0,
        stage="speak",
        role="statement",
        state="valid",
        text="so",
        call="c0.0",
    )


records = st.lists(
    st.builds(
        lambda make, step, order: make(step, order),
        st.sampled_from([reply, turn]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=8,
    unique_by=key,
).map(lambda found: tuple(sorted(found, key=key)))


@settings(deadline=None, max_examples=60)
@given(records, records, records)
def test_merging_is_associative_commutative_and_idempotent(a, b, c):
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(a, b) == merge(b, a)
    assert merge(a, a) == a
    assert merge(a, ()) == a == merge((), a)


@settings(deadline=None, max_examples=60)
@given(records, records)
def test_nothing_is_lost_nothing_comes_twice_and_all_is_in_order(a, b):
    merged = merge(a, b)
    assert set(map(key, merged)) == {*map(key, a), *map(key, b)}
    assert list(map(key, merged)) == sorted(set(map(key, merged)))


def test_what_arrives_out_of_order_is_sorted():
    late: tuple[Record, ...] = (turn(1, 0), reply(1, 1), reply(1, 0))
    assert merge((reply(0, 0),), late) == (reply(0, 0), reply(1, 0), reply(1, 1), turn(1, 0))


def test_two_different_records_under_one_key_are_refused_and_both_are_shown():
    with pytest.raises(MergeError, match=r"two different records under Key\(step=0") as fault:
        merge((reply(0, 0, "one"),), (reply(0, 0, "two"),))
    assert "'one'" in fault.value.message
    assert "'two'" in fault.value.message
    assert merge((reply(0, 0, "one"),), (reply(0, 0, "one"),)) == (reply(0, 0, "one"),)
    with pytest.raises(MergeError):
        merge((), (reply(0, 0, "one"), reply(0, 0, "two")))
