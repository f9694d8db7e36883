"""Letters: which characters show nothing."""

import unicodedata
from typing import Final

BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""What shows nothing, and is a letter, a mark or a symbol to Unicode: joiners, fillers, blank patterns."""


def hidden(letter: str) -> bool:
    """Whether a character shows nothing: controls, joiners, selectors, fillers."""
    selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return selector or letter in BLANK_LETTERS or unicodedata.category(letter) in ("Cc", "Cf")
