"""How alike two texts are: by embeddings where an `Embed` stage has put them on record, else by words.

By words is the Jaccard index of the sets of k words in a row, case and punctuation aside; a text of
fewer words is one such run. Both measures are 1 for equal texts.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from folkmoot.protocols.embed import vectors
from folkmoot.records import QUESTION, Transcript, Turn

Measure = Literal["auto", "embeddings", "words"]
"""auto: embeddings where every text compared has one, else words. embeddings: what has none is like
nothing."""

_WORDS = re.compile(r"\w+")


class Likeness(NamedTuple):
    """A measure over the texts of one hearing."""

    by: str
    """"embeddings" or "words"."""
    vectors: Mapping[str, Sequence[float]]
    texts: Mapping[str, frozenset[tuple[str, ...]]]

    @classmethod
    def over(
        cls, seen: Transcript, messages: Sequence[Turn], measure: Measure, run: int
    ) -> "Likeness":
        """The measure over some messages and the question; `run`: words in a row."""
        known = vectors(seen)
        needed = {QUESTION, *(turn.id for turn in messages)}
        by = measure
        if measure == "auto":
            by = "embeddings" if needed <= set(known) else "words"
        texts = {QUESTION: seen.opening.question, **{turn.id: turn.text for turn in messages}}
        runs = {name: _runs(text, run) for name, text in texts.items()}
        return cls(by, known, runs)

    def __call__(self, one: str, other: str) -> float:
        """How alike two messages are, by id; "question" is the question."""
        if self.by == "words":
            a, b = self.texts[one], self.texts[other]
            return len(a & b) / len(a | b) if a | b else 1.0
        if one not in self.vectors or other not in self.vectors:
            return 0.0
        return cosine(self.vectors[one], self.vectors[other])


def _runs(text: str, length: int) -> frozenset[tuple[str, ...]]:
    words = _WORDS.findall(text.casefold())
    if len(words) <= length:
        return frozenset([tuple(words)] if words else [])
    return frozenset(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors; 0 where they are of different lengths, or one is zero."""
    size = math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))
    if size == 0 or len(one) != len(other):
        return 0.0
    # Rounded, so that the order of summing cannot decide.
    return round(sum(a * b for a, b in zip(one, other, strict=True)) / size, 6)
