"""From tokens to text, whole and piece by piece."""

from collections.abc import Sequence
from typing import Any

_BROKEN = "\ufffd"
"""What bytes that are no whole character decode to."""


def detokenise(tokenizer: Any, tokens: Sequence[int]) -> str:
    """The text of tokens, control tokens left out."""
    return tokenizer.decode(
        list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
    )


class Pieces:
    """Cuts a growing reply into pieces that never end inside a character.

    The pieces joined are the text of the reply, but for white space at its end.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._sent = 0

    def new(self, tokens: Sequence[int], last: bool = False) -> str:
        """What has become readable since the last time; `last`: nothing will follow."""
        text = detokenise(self._tokenizer, tokens).lstrip()
        if text.endswith(_BROKEN) and not last:
            return ""  # the rest of the character has not come yet
        piece, self._sent = text[self._sent :], max(self._sent, len(text))
        return piece
