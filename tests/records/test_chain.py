import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import JournalError, canonical
from folkmoot.records.chain import GENESIS, Head, seal, unseal

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-0.001, 0.001)
    | st.sampled_from([0.0, -0.0, 1.0, -9999.0, 1e-6, 1e-7, 2.0**53, 1e16, 1e20, 1e21, 5e-324])
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_is_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_sort_by_utf_16_code_units():
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3}
    assert canonical(value) == rfc8785.dumps(value)
    assert list(value) != sorted(value, key=lambda name: name.encode("utf-16-be"))
    assert canonical(value).index("\U0001f600".encode()) < canonical(value).index(b"\xef\xac\xb3")


@given(TEXT, st.integers(1, 10**6), st.sampled_from(["text", "call", "reply"]), JSON)
def test_a_spliced_line_is_the_canonical_form_of_the_whole(text, n, kind, value):
    data = {"text": text, "value": value}
    raw, own = seal(canonical(data), kind, n, GENESIS)
    whole = {"data": data, "hash": own, "kind": kind, "n": n, "prev": GENESIS}
    assert raw == canonical(whole) + b"\n"
    line = unseal(raw[:-1], n, GENESIS)
    assert (line.n, line.kind, line.hash, line.body) == (n, kind, own, canonical(data))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"data":{},"kind":"text","n":1,"prev":""}', "not an object of"),
        (b'{"data":NaN,"hash":"","kind":"text","n":1,"prev":""}', "no canonical form"),
        (b'{"data":"\\ud800","hash":"","kind":"text","n":1,"prev":""}', "lone surrogate"),
        (b'{"data":' + b"[" * 100_000 + b"}", "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
def test_what_is_no_line_is_refused(raw, why):
    with pytest.raises(JournalError, match=why) as caught:
        unseal(raw, 4, GENESIS)
    assert caught.value.line == 4


def test_another_spelling_of_the_same_line_is_refused():
    raw, _ = seal(canonical({"a": 1}), "text", 1, GENESIS)
    for other in (
        raw[:-1] + b" ",
        raw[:-1].replace(b'{"a":1}', b'{"a":1.0}'),
        raw[:-1].replace(b'{"a":1}', b'{"a":1,"a":1}'),
        raw[:-1].replace(b'"a"', b'"\\u0061"'),
    ):
        with pytest.raises(JournalError, match="canonical form"):
            unseal(other, 1, GENESIS)


def test_the_message_says_what_is_wrong_with_a_line():
    first, one = seal(canonical("a"), "text", 1, GENESIS)
    second, _ = seal(canonical("b"), "text", 2, one)
    with pytest.raises(JournalError, match="missing, repeated or out of order"):
        unseal(second[:-1], 3, one)
    with pytest.raises(JournalError, match="does not follow"):
        unseal(second[:-1], 2, GENESIS)
    with pytest.raises(JournalError, match="hash was taken over"):
        unseal(first[:-1].replace(b'"a"', b'"b"'), 1, GENESIS)


def test_a_head_never_gets_shorter():
    sizes = [len(Head(count, GENESIS).encode()) for count in range(0, 12_000, 7)]
    assert sizes == sorted(sizes)
