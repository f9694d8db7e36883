"""Wording: whether two texts say the same in the same words.

Two candidates of the same words are one position, and who prefers the one does not dissent from the other. So
nothing counts as the same but what differs in the layout, and where in doubt two texts are two.
"""

import unicodedata
from typing import Final

_NOTHING: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
"""Soft hyphen, zero-width space, word joiner, byte order mark: what says where a line may break, and shows
nothing. Other hidden characters join emoji, make flags or turn the order of reading."""

_STOPS: Final = (".", "\u3002")


def wording(text: str) -> str:
    """The words of a text as they are compared: composed (NFC), one blank for white space, without
    the characters that only say where a line may break, and without one full stop at the end. Capitals,
    signs, quotation marks, figures and forms of a letter are kept."""
    words = unicodedata.normalize("NFC", " ".join(text.translate(_NOTHING).split()))
    bare = words[:-1].rstrip() if words.endswith(_STOPS) else words
    return words if not bare or bare.endswith(_STOPS) else bare
