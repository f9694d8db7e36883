"""Names that look the same: nothing that shows nothing sets them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.agents.looks import looks

SAME = [
    ("Ann", "ann."),
    ("Ann", "An\u00adn\u200b"),
    ("Ann", "\uff21nn\u3164"),
    ("Caf\u00e9", "Cafe\u0301"),
    ("\u2764", "\u2764\ufe0f"),
    ("\u201cAnn\u201d", "*Ann*"),
]
APART = [
    ("Ann 3.5", "Ann 35"),
    ("10\u00b2", "102"),
    ("\U0001f44d", "\U0001f44e"),
    ("C++", "C#"),
    ("cafe", "caf\u00e9"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_shows_nothing_sets_no_names_apart(one, other):
    assert looks(one) == looks(other) != ""


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_shows_sets_names_apart(one, other):
    assert looks(one) != looks(other)


@given(st.text())
def test_what_looks_so_looks_the_same_again(name):
    assert looks(looks(name)) == looks(name)


@given(st.text(), st.integers(0), st.sampled_from("\u200b\u200d\u2060\u202e\ufeff\u00ad"))
def test_a_hidden_character_anywhere_changes_nothing(name, at, hidden):
    place = at % (len(name) + 1)
    assert looks(name[:place] + hidden + name[place:]) == looks(name)
