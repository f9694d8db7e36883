"""Texts of the same words: nothing that shows nothing sets them apart, and nothing that says something
makes them one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records.wording import wording

SAME = [
    ("We should go.", "We should go.\u200b"),
    ("We should go.", "\ufeffWe should\u00ad  go!"),
    ("We should go.", "WE SHOULD GO"),
    ("We should go.", "\uff37\uff45 should go\u3164"),
    ("Caf\u00e9 is it.", "Cafe\u0301 is it."),
    ("\u2764", "\u2764\ufe0f"),
    ("“We go.”", "*We go*"),
    ("\u6211\u4eec\u8d70\u3002", "\u6211\u4eec\u8d70"),
]
APART = [
    ("Pay 3.5 for it.", "Pay 35 for it."),
    ("10\u00b2 of them", "102 of them"),
    ("\U0001f44d", "\U0001f44e"),
    ("-5 degrees", "5 degrees"),
    ("We go?", "We go."),
    ("C++", "C#"),
    ("1 < 2", "1 > 2"),
    ("cafe", "caf\u00e9"),
    ("!!!", "?"),
    ("We go.", "They go."),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_shows_nothing_sets_nothing_apart(one, other):
    assert wording(one) == wording(other) != ""


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_says_something_else_is_something_else(one, other):
    assert wording(one) != wording(other)


@given(st.text())
def test_the_words_of_words_are_themselves(text):
    assert wording(wording(text)) == wording(text)


@given(st.text(), st.integers(0), st.sampled_from("\u200b\u200d\u2060\u202e\ufeff\u00ad"))
def test_a_hidden_character_anywhere_changes_nothing(text, at, hidden):
    place = at % (len(text) + 1)
    assert wording(text[:place] + hidden + text[place:]) == wording(text)
