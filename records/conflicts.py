"""Conflicts: typed, about a named issue, quoted exactly, followed over the rounds.

A conflict is recorded in three frozen parts, in this order: `Conflict` (before the decision, so
that the winner cannot shape it), `Settlement` (what the decision did to it) and, inside `Answer`,
a `Treatment` (whether the answer says so). `conflict_log.py` folds them into one entry.
"""

from typing import Final, Literal

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.terms import ConflictKind, ConflictStatus, EventName, Layer, Ratified, Reason

_SEVERE: Final = 0.5
"""The score from which a conflict is of level 3."""
_NOTABLE: Final = 0.2
"""The score from which it is of level 2."""


class Span(Frozen):
    """An exact quotation: position, quotation and the message's digest together.

    `start` and `end` count Unicode codepoints from 0; `end` is exclusive.
    """

    message: str
    message_sha256: str
    start: int
    end: int
    exact: str


class Position(Frozen):
    """One side of a conflict, with those who hold it at the end of the exchange."""

    id: str
    summary: str
    parties: tuple[str, ...]
    held_first: tuple[str, ...] = ()
    """Those who held it when they first took a stand."""
    last_heard: dict[str, int] | None = None
    """Of the parties, those whose later stands did not come or cannot be read, so that they hold what
    they held: seat → the round in which they last said so. None where all were heard."""
    spans: tuple[Span, ...] = ()


class Tension(Frozen):
    """A value of one side that the other side does not share."""

    value: str
    position: str
    parties: tuple[str, ...]
    source: Literal["declared", "text"] = "declared"
    """declared: its holders declared it and the other side did not. text: nobody on either side
    declared any, and what was said for this position names it and what was said for others does not."""
    vocabulary: str | None = None
    """Where the value comes from, as `id/version`; None for a value of no vocabulary."""
    span: Span | None = None
    """The sentence that names it, of one read from the text."""


class Event(Frozen):
    """One step in the life of a conflict."""

    round: int
    event: EventName
    by: str | None = None
    from_position: str | None = None
    to_position: str | None = None
    reason: Reason | None = None
    cites: tuple[str, ...] = ()
    """Ids of the messages that moved it."""
    spans: tuple[Span, ...] = ()
    """The words that show the reason."""
    kind: ConflictKind | None = None
    """Of `reframed`: what the seat says that the difference is over, other than what was said last."""


class Severity(Frozen):
    """How severe a conflict is, on three levels, from what was measured. A part that was not measured
    is None.

    Rubric sev/2: the score is 1 - (1 - breadth x intensity) (1 - stakes / 2) (1 - sensitivity / 4),
    each part that is None left out; level 3 from 0.5, level 2 from 0.2. Under sev/1 it was
    breadth x intensity alone.
    """

    level: int = Field(ge=1, le=3)
    breadth: float
    """Twice the share of the seats outside the largest side, at most 1."""
    intensity: float | None = None
    """The mean gap between the two leading probabilities, 0 to 1, where stances carry them."""
    stakes: float | None = None
    """What the parties have at stake, 0 to 1, on average: 1 for one whose red line a position touches,
    else the largest weight of its declared values in tension. None where nothing declared is touched."""
    answer_sensitivity: float | None = None
    """The share of seats without whose stance another option would lead, or tie: a recount of first
    choices by plurality over the stances as they stood when the conflict was drawn up, which is before
    the decision and whatever its rule."""
    rubric: Literal["sev/1", "sev/2"] = "sev/2"

    @property
    def score(self) -> float:
        """What the level follows from, 0 to 1, by the rubric's formula."""
        slack = 1 - self.breadth * (1.0 if self.intensity is None else self.intensity)
        if self.rubric == "sev/2":
            slack *= 1 - (self.stakes or 0.0) / 2
            slack *= 1 - (self.answer_sensitivity or 0.0) / 4
        return round(1 - slack, 6)

    @property
    def measured(self) -> int:
        """The level that the score alone comes to."""
        return 3 if self.score >= _SEVERE else 2 if self.score >= _NOTABLE else 1


class Detection(Frozen):
    """Which layer found the conflict, by which rule, and how sure it is."""

    method: Layer
    rule: str
    model: str | None = None
    """Of a clerk: which model."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Of a clerk: the probability that there is a conflict. None where there is nothing to be unsure
    of: what seats declared, and rules over it."""
    relations: tuple[str, ...] = ()
    """Of a clerk: the relations that it was drawn from, the surest first."""


class Conflict(Frozen):
    """A difference of position, as it stood before the decision."""

    record: Literal["conflict"] = "conflict"
    step: int
    order: int
    id: str
    """`cf1`, `cf2`, …: the question's own first or second, then those that seats opened, in turns."""
    issue: str
    """As a question."""
    about: str
    """`question`, or the id of the message whose claim is contested."""
    parent: str | None = None
    """The conflict that this one is a part of: a claim contested between the same sides."""
    kind: ConflictKind | None = None
    positions: tuple[Position, ...]
    values_in_tension: tuple[Tension, ...] = ()
    severity: Severity
    history: tuple[Event, ...]
    status: ConflictStatus
    detection: Detection


class Dissent(Frozen):
    """A party that does not hold what was decided, in its own words."""

    seat: str
    position: str
    span: Span | None = None
    """Its own words; absent where it has none on record."""
    ratified: Ratified | None = None
    """What the seat said of it; None where it was not asked."""


class Ratification(Frozen):
    """A dissenter looked at the statement of its own dissent."""

    record: Literal["ratification"] = "ratification"
    step: int
    order: int
    conflict: str
    seat: str
    position: str
    state: Ratified
    span: Span | None = None
    """The statement that stands: its correction, or the verbatim words that it was shown."""


class ReopenIf(Frozen):
    """What a dissenter says would have to be shown for the conflict to be taken up again."""

    record: Literal["reopen_if"] = "reopen_if"
    step: int
    order: int
    conflict: str
    seat: str
    span: Span
    """The condition, in its own words."""


class Resolution(Frozen):
    """By which rule a conflict ended. A vote never looks like agreement."""

    rule: Literal["concession", "merge", "fact_check", "vote", "judge", "veto", "timeout", "none"]
    decided_by: str | None = None
    margin: float | None = None


class Settlement(Frozen):
    """What became of a conflict at the decision."""

    record: Literal["settlement"] = "settlement"
    step: int
    order: int
    conflict: str
    status: ConflictStatus
    resolution: Resolution
    dissent: tuple[Dissent, ...] = ()
