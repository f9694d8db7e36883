"""Looks: whether a reader may take one seat's name for another. More is alike here than is the same."""

import unicodedata
from typing import Final

from folkmoot.records.letters import hidden

_KEPT_FORMS: Final = ("<super>", "<sub>", "<fraction>")
"""Compatibility forms that say something else when they are evened out: 10² is not 102."""

# Escapes: curly and angled quotation marks, ellipsis, ideographic comma and full stop, bullet, dashes.
_ENDS: Final = ".,;:!\"'`*_()[]{}\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026\u3001\u3002\u300c\u300d\u2022\u2013\u2014"
"""Marks that say nothing at either end of a word."""


def looks(name: str) -> str:
    """What a name looks like at a glance.

    Composed (NFC), compatibility forms evened out (NFKC, but for raised and lowered figures and
    fractions), in small letters, one blank between words; hidden characters, variation selectors and
    the marks around words are left out. Where nothing would be left, the name without its blanks.
    """
    words = "".join(map(_even, name)).casefold().split()
    shown = ["".join(each for each in word if not hidden(each)) for word in words]
    kept = [bare for word in shown if (bare := word.strip(_ENDS))]
    return unicodedata.normalize("NFC", " ".join(kept or [word for word in shown if word]))


def _even(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith(_KEPT_FORMS):
        return letter
    return unicodedata.normalize("NFKC", letter)
