"""Conflicts: typed, about a named issue, quoted exactly, followed over the rounds.

A conflict is recorded in three frozen parts, in this order: `Conflict` (before the decision, so
that the winner cannot shape it), `Settlement` (what the decision did to it) and, inside `Answer`,
a `Treatment` (whether the answer says so). `conflict_log.py` folds them into one entry.
"""

from typing import Literal

from pydantic import Field

from folkmoot.records.base import Frozen

ConflictKind = Literal["factual", "value", "preference"]

ConflictStatus = Literal[
    "open", "narrowed", "conceded", "went_along", "outvoted", "resolved", "dropped", "moot"
]

EventName = Literal["opened", "narrowed", "conceded", "went_along", "dropped"]


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
    spans: tuple[Span, ...] = ()


class Tension(Frozen):
    """A value that its holders declared and the other side did not."""

    value: str
    position: str
    parties: tuple[str, ...]


class Event(Frozen):
    """One step in the life of a conflict."""

    round: int
    event: EventName
    by: str | None = None
    from_position: str | None = None
    to_position: str | None = None
    reason: Literal["argument", "unexplained"] | None = None
    cites: tuple[str, ...] = ()


class Severity(Frozen):
    """Rubric sev/1. `breadth`: twice the share of the smaller side, 0 to 1. `intensity`: the mean
    certainty of the parties, 0 to 1, where stances carry probabilities."""

    level: int = Field(ge=1, le=3)
    breadth: float
    intensity: float | None = None
    rubric: Literal["sev/1"] = "sev/1"


class Detection(Frozen):
    """Which layer found the conflict, and by which rule."""

    method: Literal["protocol_act", "rule"]
    rule: str


class Conflict(Frozen):
    """A difference of position, as it stood before the decision."""

    record: Literal["conflict"] = "conflict"
    step: int
    order: int
    id: str
    """`cf1`, `cf2`, … worst first."""
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


class Resolution(Frozen):
    """By which rule a conflict ended. A vote never looks like agreement."""

    rule: Literal["concession", "vote", "judge", "none"]
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
