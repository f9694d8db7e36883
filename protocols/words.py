"""Words: texts by the words that they share, each weighed by its rarity (tf-idf)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

WORD = re.compile(r"[^\W_]+")


class Words(NamedTuple):
    """Some texts as counts of words, whatever their case."""

    counts: Sequence[Mapping[str, int]]
    where: Mapping[str, Sequence[int]]
    """Word → the places of the texts that have it."""
    rarity: Mapping[str, float]
    sizes: Sequence[float]
    """Length of each text's vector."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Words":
        """Count the words of texts; a word is the rarer the fewer of them have it."""
        counts = [Counter(WORD.findall(text.casefold())) for text in texts]
        where: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(counts):
            for word in words:
                where[word].append(place)
        rarity = {word: math.log(1 + len(texts) / len(places)) for word, places in where.items()}
        sizes = [
            math.sqrt(sum((count * rarity[word]) ** 2 for word, count in words.items()))
            for words in counts
        ]
        return cls(counts, dict(where), rarity, sizes)

    def shared(self, word: str, one: int, other: int) -> float:
        """What a word adds to the product of two texts' vectors, by their places."""
        return self.counts[one][word] * self.counts[other][word] * self.rarity[word] ** 2

    def likeness(self, one: int, other: int, most: int) -> float:
        """The cosine of two texts' vectors, 0 to 1, over words that at most so many texts have.

        To six decimals, so that the order of summing cannot decide.
        """
        both = set(self.counts[one]) & set(self.counts[other])
        telling = [word for word in both if len(self.where[word]) <= most]
        size = self.sizes[one] * self.sizes[other]
        if not telling:
            return 0.0
        return round(math.fsum(self.shared(word, one, other) for word in telling) / size, 6)
