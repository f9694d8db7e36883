"""Text that came from elsewhere, made safe to show: nothing in it can move, colour or reorder.

A model's reply, a question or a seat's name may hold terminal escapes, control characters,
right-to-left overrides or characters without width. Here each becomes a marker that can be seen:
`␛` for an escape, `<U+202E>` for an override. Letters of every script stay as they are.
"""

import re
import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, formats (bidi, zero width, tags), private use, surrogates, line and paragraph marks."""

_HIDDEN_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
"""Letters and marks that no terminal draws: fillers, inherent vowels, variation selectors."""

_VARIATION_SUPPLEMENT = range(0xE0100, 0xE01F0)
"""Variation selectors beyond the sixteen that emoji use: they can carry hidden bytes."""


def visible(text: str) -> str:
    """The text on one line: white space runs become one blank, what hides becomes a marker."""
    return _marked(re.sub(r"[ \t\r\n\f\v]+", " ", text).strip())


def visible_lines(text: str) -> str:
    """The text with its line breaks kept, tabs as four blanks, what hides as markers."""
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return "\n".join(_marked(line) for line in text.split("\n"))


def shortened(text: str, width: int) -> str:
    """The text on one line, cut to `width` characters with an ellipsis; `visible` comes first."""
    shown = visible(text)
    return shown if len(shown) <= width else shown[: max(width - 1, 0)].rstrip() + "…"


def _marked(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_mark, text))


def _mark(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    hides = (
        unicodedata.category(character) in _HIDDEN_CATEGORIES
        or character in _HIDDEN_LETTERS
        or code in _VARIATION_SUPPLEMENT
    )
    return f"<U+{code:04X}>" if hides else character
