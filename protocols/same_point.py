"""Same point: a clerk judges whether claims that go together make the same point.

What several seats say in words of their own is one point, not several: an attack on it is one
conflict, and a point that is repeated is not a second one.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from folkmoot.protocols.clerk import longest_pairs
from folkmoot.protocols.clerk_calls import SAME, Texts, clerk_calls, judgement
from folkmoot.records import Call, Record, Relation, Reply, Restatement, Transcript
from folkmoot.records.base import Frozen
from folkmoot.records.relations import SUPPORT

_YES = "yes"


class SamePoint(Frozen):
    """One model judges the pairs of claims of which it judged before that one supports the other.

    Claims that attack each other, or have nothing to do with each other, make different points: they
    are not asked about.
    """

    model: str
    """Who judges: the model that judged the relations."""
    votes: int = Field(default=0, ge=0, le=99)
    """On each pair; 0: it is weighed."""
    pairs: int = Field(default=40, ge=0, le=2000)
    """Pairs at most: as many as its relations were asked for."""
    name: str = "same_point"

    @property
    def layer(self) -> Literal["clerk", "llm"]:
        """Which layer it is: a clerk that votes is a large model."""
        return "llm" if self.votes else "clerk"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a pair; with votes so many `generate` calls."""
        pairs = [
            Texts(a.exact, each.second.exact, each.second.message)
            for each in self._supports(seen)
            if (a := each.first) is not None
        ]
        return clerk_calls(seen, SAME, self.model, self.votes, pairs)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every pair went together, and were of full length."""
        return clerk_calls(seen, SAME, self.model, self.votes, longest_pairs(seen)[: self.pairs])

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A restatement for each pair of which something could be read, however unlikely it is."""
        found: list[Record] = []
        for place, pair in enumerate(self._supports(seen)):
            read, calls = judgement(SAME, self.votes, replies, place)
            if read is None or pair.first is None:
                continue
            found.append(
                Restatement(
                    step=seen.place.step,
                    order=len(found),
                    id=seen.next_id("p", len(found)),
                    first=pair.first,
                    second=pair.second,
                    probability=round(read[_YES], 6),
                    layer=self.layer,
                    model=self.model,
                    calls=calls,
                )
            )
        return tuple(found)

    def _supports(self, seen: Transcript) -> Sequence[Relation]:
        """Each pair once, however often a protocol has it judged."""
        asked = {(p.first, p.second) for p in seen.restatements if p.layer == self.layer}
        found = {
            (each.first, each.second): each
            for each in seen.relations
            if each.layer == self.layer
            and each.first is not None
            and (each.first, each.second) not in asked
            and each.likeliest == SUPPORT
        }
        return tuple(found.values())[: self.pairs]
