"""Wording: whether two texts say the same in the same words.

Two candidates of the same words are one position. What may be left out of the comparison is only what
no reader can take for another meaning: a figure, a sign or a question mark is kept.
"""

import unicodedata
from typing import Final

_KEPT_FORMS: Final = ("<super>", "<sub>", "<fraction>")
"""Compatibility forms that say something else when they are evened out: 10² is not 102."""

# Escapes: curly and angled quotation marks, ellipsis, ideographic comma and full stop, bullet, dashes.
_ENDS: Final = ".,;:!\"'`*_()[]{}\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026\u3001\u3002\u300c\u300d\u2022\u2013\u2014"
"""Marks that say nothing at either end of a word: 3.5 keeps its point."""

_BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""What shows nothing, and is a letter or a mark to Unicode: joiners and fillers."""


def wording(text: str) -> str:
    """The words of a text as they are compared.

    Composed (NFC), compatibility forms evened out (NFKC, but for raised and lowered figures and
    fractions), in small letters, one blank between words; hidden characters, variation selectors and
    the marks around words are left out. Where nothing would be left, the text without its blanks.
    """
    words = "".join(map(_even, text)).casefold().split()
    shown = ["".join(each for each in word if not hidden(each)) for word in words]
    kept = [bare for word in shown if (bare := word.strip(_ENDS))]
    return unicodedata.normalize("NFC", " ".join(kept or [word for word in shown if word]))


def hidden(letter: str) -> bool:
    """Whether a character shows nothing: controls, joiners, selectors, fillers."""
    selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return selector or letter in _BLANK_LETTERS or unicodedata.category(letter) in ("Cc", "Cf")


def _even(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith(_KEPT_FORMS):
        return letter
    return unicodedata.normalize("NFKC", letter)
