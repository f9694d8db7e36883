"""Words of a message, found wherever they stand in another text, and masked there.

What is looked for is the message as it was said, as an answer quotes it and as a prompt lays it out: runs of it
of 24 codepoints and more, and its sentences of 12 and more. Shorter words are anybody's.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from folkmoot.records.afterwards import MASK
from folkmoot.records.quotations import legible
from folkmoot.records.spans import sentences

SHORTEST: Final = 24
"""Codepoints of a run that counts as the message's words."""

SHORTEST_SENTENCE: Final = 12
"""Codepoints of a whole sentence, or of a whole message, that does."""

_SEED: Final = SHORTEST // 2
"""A run of twice this length holds one aligned piece of this length, wherever it begins."""

_BREAKS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def masked(text: str) -> str:
    """A text of the same length that says nothing: its line breaks stay, so that lines stay lines."""
    return "".join(each if each in _BREAKS else MASK for each in text)


class Words:
    """What to look for: the words of one message that were not on record before it was said.

    Args:
        text: the message.
        before: every text that stood on record before it. Words of these are not its own; where it
            repeats them, they are taken only together with words that are.
    """

    def __init__(self, text: str, before: Iterable[str]) -> None:
        forms = {text: None, legible(text): None, " ".join(text.split()): None}
        self._forms = tuple(form for form in forms if form)
        places: dict[str, list[tuple[int, int]]] = {}
        for number, form in enumerate(self._forms):
            for at in range(len(form) - _SEED + 1):
                places.setdefault(form[at : at + _SEED], []).append((number, at))
        whole = {form for form in self._forms if len(form) >= SHORTEST_SENTENCE}
        for form in self._forms:
            cut = (form[start:end] for start, end in sentences(form))
            whole |= {each for each in cut if len(each) >= SHORTEST_SENTENCE}
        for earlier in set(before):
            for piece in _pieces(earlier):
                places.pop(piece, None)
            whole = {each for each in whole if each not in earlier}
        self._places = places
        self.whole = tuple(sorted(whole))
        """The message and its sentences, as far as they are its own and long enough."""

    def mask(self, text: str) -> str:
        """The text without these words; the same where it has none."""
        covered = sorted({*self._runs(text), *self._sentences(text)})
        if not covered:
            return text
        parts: list[str] = []
        end = 0
        for start, stop in covered:
            if stop <= end:
                continue
            parts += [text[end:start], masked(text[max(start, end) : stop])]
            end = stop
        return "".join((*parts, text[end:]))

    def _sentences(self, text: str) -> Iterator[tuple[int, int]]:
        for each in self.whole:
            at = text.find(each)
            while at >= 0:
                yield at, at + len(each)
                at = text.find(each, at + len(each))

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        end = 0
        for at in range(0, len(text) - _SEED + 1, _SEED):
            if at + _SEED <= end:
                continue  # Inside a run that was found.
            found = self._places.get(text[at : at + _SEED])
            if found:
                start, stop = max((self._grown(text, at, *each) for each in found), key=_length)
                if stop - start >= SHORTEST:
                    yield start, stop
                    end = max(end, stop)

    def _grown(self, text: str, at: int, number: int, place: int) -> tuple[int, int]:
        """The longest run around a piece of a form that stands in a text."""
        form = self._forms[number]
        start, stop = at, at + _SEED
        back, on = place, place + _SEED
        while start > 0 and back > 0 and text[start - 1] == form[back - 1]:
            start, back = start - 1, back - 1
        while stop < len(text) and on < len(form) and text[stop] == form[on]:
            stop, on = stop + 1, on + 1
        return start, stop


def _length(run: tuple[int, int]) -> int:
    return run[1] - run[0]


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + _SEED] for at in range(len(text) - _SEED + 1))
