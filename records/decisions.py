"""How a run ends: `Decision`, `Answer` and how the answer treats each conflict."""

from typing import Any, Literal

from pydantic import Field

from folkmoot.records.base import Frozen

DecisionStatus = Literal["decided", "tied", "deadlock", "no_forced_winner"]
"""tied: two or more options lead equally. deadlock: the rule's bar was not reached, or too few
valid ballots. no_forced_winner: the protocol sets the positions out and picks none."""


class Decision(Frozen):
    """What the ballots came to under the rule."""

    record: Literal["decision"] = "decision"
    step: int
    order: int
    status: DecisionStatus
    rule: str
    params: dict[str, Any] = Field(default_factory=dict)
    options: tuple[str, ...]
    winner: str | None = None
    tied: tuple[str, ...] = ()
    """Options that led equally; `params` say how the tie was broken, if it was."""
    tally: dict[str, float] = Field(default_factory=dict)
    """Per option, what the rule counts: first choices, pairwise wins, points, …"""
    ballots: tuple[str, ...] = ()
    not_valid: dict[str, str] = Field(default_factory=dict)
    """Seat → state, for ballots that are not valid."""
    margin: float | None = None
    pivotal: tuple[str, ...] | None = None
    """Seats without whose ballot the outcome would have been another; None where it was drawn, or
    where one seat decided."""
    views: tuple[str, ...] | None = None
    """The options that a plural answer sets out side by side."""
    blocked: dict[str, tuple[str, ...]] | None = None
    """Option → the seats that blocked it for a red line, where the rule lets seats block."""
    decided_by: str | None = None
    """The seat that decided, where one did: the judge, or the chair under a rule that gives it to one."""
    reason: str = ""


class Sentence(Frozen):
    """A sentence of the answer; `start` and `end` in codepoints. `cites`: messages it quotes."""

    id: str
    start: int
    end: int
    cites: tuple[str, ...] = ()


class Treatment(Frozen):
    """How the answer treats a conflict (rule treat/4: what it says of it, held against the record).

    addressed: it voices every position. partial: some. silent: none. misstated: something that it
    says of the conflict is not so, whatever it voices.
    """

    conflict: str
    treatment: Literal["addressed", "partial", "silent", "misstated"]
    positions_voiced: tuple[str, ...] = ()
    misstatements: tuple[str, ...] = ()
    """What is not so, a line each; () unless it is misstated."""
    flagged: bool = False
    """The answer is silent on, or misstates, a serious conflict that agreement did not settle."""


class Answer(Frozen):
    """The one answer. Always text; where nothing was decided it sets the positions out."""

    record: Literal["answer"] = "answer"
    step: int
    order: int
    text: str
    author: str
    """The seat that wrote it, or "composed" where it was put together from the record by rule."""
    sentences: tuple[Sentence, ...] = ()
    treatments: tuple[Treatment, ...] = ()
