"""Quotations in an answer are found in one walk, and are the same as by trying every opening mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import quotations
from folkmoot.records.quotations import Quoted, legible, lines_of
from tests.protocols.threads import Threads
from tests.records.test_growth import work

PIECES = st.sampled_from(("“", "”", '"', "a", "b ", "” [M1]", '" [M2]', "” [M9]", " ", "“a” [M1]"))
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def tried(texts: dict[str, str], text: str) -> list[Quoted]:
    """Every opening mark before every attribution: the earliest from which its message says all."""
    found: list[Quoted] = []
    for mark in quotations._ATTRIBUTED.finditer(text):
        end, said = mark.start(), texts.get(mark[1])
        opener = "“" if text[end] == "”" else '"'
        openings = [at for at in range(end) if text[at] == opener]
        if openings:
            real = [
                at
                for at in openings
                if said is not None
                and (text[at + 1 : end] in said or text[at + 1 : end] in legible(said))
            ]
            start = min(real, default=openings[-1])
            words = text[start + 1 : end]
            found.append(Quoted(start, mark.end(), mark[1], words, bool(real)))
    return [
        each
        for each in found
        if not any(
            other.real and other.start <= each.start and each.end <= other.end
            for other in found
            if other is not each
        )
    ]


@given(TEXTS, TEXTS, TEXTS)
def test_each_is_the_longest_that_its_message_says(first, second, answer):
    threads = Threads("ann", "bo")
    threads.say("ann", first)
    threads.say("bo", second)
    expected = tried({"M1": first, "M2": second}, answer)
    assert quotations._quotations(threads.seen, answer) == expected


@pytest.mark.parametrize("piece", ["“x” [M1] ", "“”[M1]", '"x" [M1] ', "“x ", "x” [M1] "])
def test_marks_upon_marks_cost_in_proportion_to_their_number(piece):
    def cost(times: int) -> int:
        threads = Threads("ann", "bo")
        threads.say("ann", (piece * times).strip())
        answer = f"yes: ann. “{(piece * times).strip()}” [M1]"
        return work(lambda: lines_of(threads.seen, answer))

    assert cost(200) < 5 * cost(50)
