"""What a hostile text may not do to a terminal or to a reader's eye."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.visible import shortened, visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m", "<U+009B>31m"),
        ("abc\u202egpj.exe", "abc<U+202E>gpj.exe"),
        ("a\u2066b\u2069c", "a<U+2066>b<U+2069>c"),
        ("pa\u200btient", "pa<U+200B>tient"),
        ("\ufeffnurse", "<U+FEFF>nurse"),
        ("so\u00adft", "so<U+00AD>ft"),
        ("x\U000e0041y", "x<U+E0041>y"),
        ("x\U000e0100y", "x<U+E0100>y"),
        ("\u3164", "<U+3164>"),
        ("\ud800", "<U+D800>"),
        ("a\x00b\x7f", "a␀b␡"),
        ("one\u2028two", "one<U+2028>two"),
        ("back\x08\x08\x08\x08good", "back␈␈␈␈good"),
    ],
)
def test_what_hides_becomes_a_marker(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["Zürich", "東京", "сюда", "שלום", "नमस्ते", "❤️ 4:3", "[red]x[/]", "1 ≠ 2"]
)
def test_letters_of_every_script_stay(text: str) -> None:
    assert visible(text) == text


def test_one_line_and_many() -> None:
    assert visible("  a\r\n\tb\n\n c ") == "a b c"
    assert visible_lines("a\r\n\tb\rc\n") == "a\n    b␍c\n"


def test_shortening_never_cuts_into_what_it_has_not_marked() -> None:
    assert shortened("\x1b" * 9, 5) == "␛␛␛␛…"
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd efgh", 6) == "abcd…"


@given(st.text())
def test_nothing_that_hides_is_left(text: str) -> None:
    for character in visible(text) + visible_lines(text).replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        assert not 0xE0100 <= ord(character) < 0xE01F0
    assert "\n" not in visible(text)
