"""Which sentences a clerk compares, and which pairs of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols.claims import Claim, claims, messages, nearest, whole
from folkmoot.records import Span, Transcript, Turn


def turn(number: int, seat: str, text: str, round: int = 0, role: str = "statement") -> Turn:
    return Turn.model_validate(
        {
            "step": number,
            "order": 0,
            "id": f"M{number}",
            "seat": seat,
            "round": round,
            "stage": "speak",
            "role": role,
            "state": "valid",
            "text": text,
            "call": f"c{number}.0",
        }
    )


def claim(number: int, seat: str, text: str) -> Claim:
    return Claim(
        seat, Span(message=f"M{number}", message_sha256="", start=0, end=len(text), exact=text)
    )


def test_a_claim_is_a_sentence_that_says_enough():
    said = turn(
        1, "ann", "No. Cars kill people every day! Why? We 😀 should ban them all. And so on."
    )
    found = claims([said], 3)
    assert [each.span.exact for each in found] == [
        "Cars kill people every day!",
        "We 😀 should ban them all.",
    ]
    assert all(said.text[c.span.start : c.span.end] == c.span.exact for c in found)
    assert [each.span.exact for each in claims([said], 1)] == ["Cars kill people every day!"]


def test_who_says_little_is_compared_by_its_longest_sentence():
    assert [c.span.exact for c in claims([turn(1, "ann", "No. Not now.")], 3)] == ["Not now."]
    assert claims([turn(1, "ann", "?!")], 3) == ()
    assert whole(turn(1, "ann", "?!")) is None


def test_sentences_without_blanks_between_words_are_claims_too():
    said = turn(1, "ann", "车让城市的空气变脏。我们应该禁止汽车进入市中心。好。")
    found = [each.span.exact for each in claims([said], 8)]
    assert found == ["车让城市的空气变脏。", "我们应该禁止汽车进入市中心。"]


def test_the_first_and_the_latest_message_that_speak_for_a_seat(begin):
    turns = [
        turn(1, "ann", "One."),
        turn(2, "bo", "Two."),
        turn(3, "ann", "Three.", 1),
        turn(4, "ann", "Four.", 2),
        turn(5, "bo", "For all of us.", 2, "candidate"),
    ]
    assert [t.id for t in messages(Transcript(begin(["ann", "bo"]), turns))] == ["M1", "M2", "M4"]


def test_few_claims_are_all_compared_and_none_with_its_own_seat():
    found = nearest([claim(1, "ann", "x"), claim(2, "ann", "y"), claim(3, "bo", "z")], 40)
    assert [(a.seat, b.seat) for a, b in found] == [("ann", "bo"), ("ann", "bo")]


def test_of_many_the_nearest_by_words():
    said = [claim(n, f"s{n}", f"Claim {n} says nothing of number {n * 7}.") for n in range(40)]
    said += [
        claim(90, "ann", "Zebras eat grass daily."),
        claim(91, "bo", "No zebras ever eat grass."),
    ]
    assert nearest(said, 1) == ((said[-2], said[-1]),)


def test_of_many_the_nearest_by_vectors():
    said = [claim(n, f"s{n}", f"Word{n}") for n in range(6)]
    vectors = {each.id: (1.0, float(n)) for n, each in enumerate(said)}
    vectors[said[0].id] = (1.0, 4.1)
    assert nearest(said, 1, vectors) == ((said[0], said[4]),)
    missing = {name: each for name, each in vectors.items() if name != said[0].id}
    # By words: they share none, so that any are as good as others.
    assert len(nearest(said, 3, missing)) == 3


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.text("xyz ", max_size=12)), max_size=14),
    st.integers(0, 30),
)
def test_never_more_than_asked_for_each_once_and_across_seats(said, most):
    found = [claim(n, seat, text) for n, (seat, text) in enumerate(said)]
    pairs = nearest(found, most)
    assert len(pairs) <= most
    assert len({(a.id, b.id) for a, b in pairs}) == len(pairs)
    assert all(a.seat != b.seat for a, b in pairs)


@pytest.mark.parametrize("size", [200, 400])
def test_pairs_that_are_looked_at_grow_with_the_claims_not_with_their_square(size):
    """Each claim shares a rare word with one other alone, and a common one with all; of two seats
    that share no rare one a single pair is looked at."""
    said = [claim(n, f"s{n % 7}", f"the topic{n // 2} matters") for n in range(size)]
    pairs = nearest(said, size)
    near = [a.span.exact == b.span.exact for a, b in pairs]
    assert sum(near) <= size / 2
    assert near.count(False) <= 21
    assert near[: sum(near)] == [True] * sum(near)
