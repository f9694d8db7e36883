"""How claims stand to each other, as a clerk judged it: layers 3 and 4 of conflict detection."""

from typing import Literal

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.conflicts import Span

ATTACK, SUPPORT, NEITHER = "attack", "support", "neither"


class Relation(Frozen):
    """A clerk's judgement of how a second claim stands to a first one.

    The clerk sees the two texts and nothing else. Its replies are on record under `calls`.
    """

    record: Literal["relation"] = "relation"
    step: int
    order: int
    id: str
    """`r1`, `r2`, …"""
    first: Span | None = None
    """The first claim; None where it is the question's own, as a claim."""
    second: Span
    probabilities: dict[str, float]
    """Of attack, support and neither; they add up to 1. Of a clerk that votes: the shares."""
    layer: Literal["clerk", "llm"]
    model: str
    calls: tuple[str, ...]
    """The ids of the calls that it was read from."""

    @property
    def likeliest(self) -> str:
        """attack, support or neither; the weaker word of two that are as likely."""
        weakest_first = (NEITHER, SUPPORT, ATTACK)
        return max(weakest_first, key=lambda each: self.probabilities.get(each, 0.0))


class Restatement(Frozen):
    """A clerk's judgement of whether two claims of different seats make the same point.

    The clerk sees the two texts and nothing else. Its replies are on record under `calls`.
    """

    record: Literal["restatement"] = "restatement"
    step: int
    order: int
    id: str
    """`p1`, `p2`, …"""
    first: Span
    """The earlier claim."""
    second: Span
    probability: float = Field(ge=0, le=1)
    """That they make the same point. Of a clerk that votes: the share."""
    layer: Literal["clerk", "llm"]
    model: str
    calls: tuple[str, ...]
    """The ids of the calls that it was read from."""
