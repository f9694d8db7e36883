"""Texts of the same words: layout sets none apart, and nothing that may say something makes two one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records.wording import wording

SAME = [
    ("We should go.", "We should go.\u200b"),
    ("We should go.", "\ufeffWe should\u00ad  go\n"),
    ("We should\ngo.", "We should\u00a0go"),
    ("Caf\u00e9 is it.", "Cafe\u0301 is it."),
    ("\u6211\u4eec\u8d70\u3002", "\u6211\u4eec\u8d70"),
]
APART = [
    ("Pay 3.5 for it.", "Pay 35 for it."),
    ("Give .5 mg.", "Give 5 mg."),
    ("10\u00b2 of them", "102 of them"),
    ("\U0001f44d", "\U0001f44e"),
    ("-5 degrees", "5 degrees"),
    ("Set it to \u20135 \u00b0C.", "Set it to 5 \u00b0C."),
    ("Trinkt in Ma\u00dfen.", "Trinkt in Massen."),
    ("Make it 5'.", 'Make it 5".'),
    ("Use 1 MW.", "Use 1 mW."),
    ("Let US decide.", "Let us decide."),
    ("x = 3*", "x = 3"),
    ("\uff15 of them", "5 of them"),
    ("Pay (5).", "Pay 5."),
    (
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ),
    ("We go?", "We go."),
    ("We go...", "We go."),
    ("C++", "C#"),
    ("1 < 2", "1 > 2"),
    ("1 < 2", "\u202e1 < 2"),
    ("cafe", "caf\u00e9"),
    ("!!!", "?"),
    (".", "..."),
    ("We go.", "They go."),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_sets_nothing_apart(one, other):
    assert wording(one) == wording(other) != ""


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_says_something_else_is_something_else(one, other):
    assert wording(one) != wording(other)


@given(st.text(alphabet=st.sampled_from(". \u3002\u200b\u0301a1") | st.characters()))
def test_the_words_of_words_are_themselves(text):
    assert wording(wording(text)) == wording(text)


@given(st.text(), st.integers(0), st.sampled_from("\u200b\u2060\ufeff\u00ad"))
def test_where_a_line_may_break_changes_nothing(text, at, hidden):
    place = at % (len(text) + 1)
    assert wording(text[:place] + hidden + text[place:]) == wording(text)


@given(st.text(alphabet="aA15.,-\u2013'\"*()!?\u00df\u00b2", max_size=8), st.data())
def test_no_character_that_is_seen_is_left_out_but_one_stop(text, data):
    """Two texts of visible characters are the same where they are, but for a full stop."""
    other = data.draw(st.text(alphabet="aA15.,-\u2013'\"*()!?\u00df\u00b2", max_size=8))
    if wording(text) == wording(other):
        assert text == other or text.removesuffix(".") == other.removesuffix(".")
