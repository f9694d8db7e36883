"""Filters by what messages say: near-duplicates, the most different ones, those nearest the question.

All choose the same for all readers who are offered the same. The reason says which measure was used.
"""

from collections.abc import Sequence

from pydantic import Field

from folkmoot.protocols.filters.filter import Kept
from folkmoot.protocols.filters.likeness import Likeness, Measure
from folkmoot.records import QUESTION, Transcript, Turn
from folkmoot.records.base import Frozen


class NoDuplicates(Frozen):
    """A message that is like an earlier one, shown already, is not shown (S2-MAD, arXiv 2502.04790)."""

    at_least: float = Field(default=0.9, gt=0, le=1)
    """The likeness from which two messages are duplicates."""
    by: Measure = "auto"
    run: int = Field(default=3, ge=1)
    """Words in a row, where words are compared."""
    name: str = "no-duplicates"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Of messages that are alike the first is shown."""
        like = Likeness.over(seen, messages, self.by, self.run)
        shown: list[str] = []
        held: dict[str, str] = {}
        for turn in messages:
            near = next((each for each in shown if like(turn.id, each) >= self.at_least), None)
            if near is None:
                shown.append(turn.id)
            else:
                held[turn.id] = f"like {near}: {like(turn.id, near):.2f} by {like.by}"
        return Kept(held)


class Diverse(Frozen):
    """Of each round, k messages that differ the most from each other.

    The first is the one least like the others on average, each next one that whose nearest kept
    message is farthest; of equals the earlier. After the diversity pruning of Estornell and Liu
    (NeurIPS 2024), which maximises the information in the messages kept.
    """

    k: int = Field(default=2, ge=1)
    by: Measure = "auto"
    run: int = Field(default=1, ge=1)
    name: str = "diverse"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """All but k of each round are held back."""
        like = Likeness.over(seen, messages, self.by, self.run)
        held: dict[str, str] = {}
        for round in {turn.round for turn in messages}:
            ids = [turn.id for turn in messages if turn.round == round]
            kept = self._spread(ids, like)
            for each in (each for each in ids if each not in kept):
                near = max(kept, key=lambda other: like(each, other))
                held[each] = f"nearest to {near}: {like(each, near):.2f} by {like.by}"
        return Kept(held)

    def _spread(self, ids: Sequence[str], like: Likeness) -> list[str]:
        first = min(ids, key=lambda each: sum(like(each, other) for other in ids))
        kept = [first]
        while len(kept) < min(self.k, len(ids)):
            left = [each for each in ids if each not in kept]
            kept.append(min(left, key=lambda each: max(like(each, other) for other in kept)))
        return kept


class Nearest(Frozen):
    """Of each round, the k messages closest to the question (Estornell and Liu, NeurIPS 2024)."""

    k: int = Field(default=2, ge=1)
    by: Measure = "auto"
    run: int = Field(default=1, ge=1)
    name: str = "nearest"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """All but the k closest of each round are held back; of equals the earlier stays."""
        like = Likeness.over(seen, messages, self.by, self.run)
        close = {turn.id: like(turn.id, QUESTION) for turn in messages}
        held: dict[str, str] = {}
        for round in {turn.round for turn in messages}:
            ids = [turn.id for turn in messages if turn.round == round]
            for each in sorted(ids, key=lambda each: -close[each])[self.k :]:
                held[each] = f"farther from the question: {close[each]:.2f} by {like.by}"
        return Kept(held)
