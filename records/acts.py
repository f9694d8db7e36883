"""What seats do: they speak (`Turn`), take a stand (`Stance`), raise issues and cast ballots.

Four ways not to vote are four states, never filled in: valid, abstained, unreadable, unavailable.
"""

from typing import Literal

from folkmoot.records.base import Frozen
from folkmoot.records.opening import StanceSource
from folkmoot.records.terms import ActName, ConflictKind, Reason

VoteState = Literal["valid", "abstained", "unreadable", "unavailable"]

TurnState = Literal["valid", "cut_off", "empty", "unavailable"]
"""cut_off: the token limit ended the text; what there is of it stands."""

TurnRole = Literal[
    "statement",
    "draft",
    "critique",
    "revision",
    "candidate",
    "summary",
    "refutation",
    "dissent",
    "condition",
    "act",
]
"""summary: stands in for the messages that it answers, where a hearing says so. refutation: says what
is mistaken in the message that it answers. dissent: a dissenter's own statement of its dissent.
condition: what would have to be shown for a conflict to be taken up again. act: says what the seat
does with the message that it answers."""

QUESTION = "question"
"""What a stance is about when it is about the question itself and not about a message."""

STOP = "stop"
"""What a stance is about when it is about whether the exchange may end."""

NEXT = "next"
"""What a stance is about when it is about who acts next."""

PROCEDURE = (STOP, NEXT)
"""What stances on how to go on are about."""


class Turn(Frozen):
    """A message, as everyone may hear it. Its text is the model's, to the codepoint."""

    record: Literal["turn"] = "turn"
    step: int
    order: int
    id: str
    """`M1`, `M2`, … in the order of the record."""
    seat: str
    round: int
    stage: str
    role: TurnRole
    state: TurnState
    text: str = ""
    answer: str | None = None
    """The option that the text is the reason for, on a choice question."""
    replies_to: tuple[str, ...] = ()
    """Ids of the messages that it answers: the draft criticised, the draft revised."""
    call: str
    """The id of the call that produced it."""

    @property
    def heard(self) -> bool:
        """Whether there is any text to hear."""
        return self.state in ("valid", "cut_off")


class Stance(Frozen):
    """Where a seat stands: on the question (`about` is "question") or on a message's claim."""

    record: Literal["stance"] = "stance"
    step: int
    order: int
    seat: str
    round: int
    stage: str
    about: str = QUESTION
    options: tuple[str, ...]
    state: VoteState
    choice: str | None = None
    probabilities: dict[str, float] | None = None
    """Of each option, the mean over the orders in which the options were shown; sums to 1."""
    source: StanceSource


class Move(Frozen):
    """A seat changed its stance. Whether it named what moved it is the audit question."""

    record: Literal["move"] = "move"
    step: int
    order: int
    seat: str
    round: int
    about: str = QUESTION
    from_choice: str
    to_choice: str
    because: Reason
    cites: tuple[str, ...] = ()
    """Ids of the messages that moved it, as it named them; empty where it named none."""


class Act(Frozen):
    """What a seat says that it does with its message: layer 1 of conflict detection.

    A seat declares acts of its own alone: what a text says of others' acts is text.
    """

    record: Literal["act"] = "act"
    step: int
    order: int
    id: str
    """`A1`, `A2`, …"""
    seat: str
    round: int
    act: ActName
    message: str
    """The id of the message that says it."""
    about: str | None = None
    """The id of the message that it supports, attacks, concedes, qualifies or holds to; None for a
    claim."""
    kind: ConflictKind | None = None
    """What the seat says that the difference is over, of an attack."""


class Issue(Frozen):
    """A typed objection to a message."""

    record: Literal["issue"] = "issue"
    step: int
    order: int
    id: str
    """`I1`, `I2`, …"""
    seat: str
    round: int
    about: str
    """The id of the message objected to."""
    type: str
    message: str
    """The id of the message that states the objection."""


class Ballot(Frozen):
    """A vote: best first. A ballot that is not valid ranks nothing."""

    record: Literal["ballot"] = "ballot"
    step: int
    order: int
    id: str
    """`b1`, `b2`, …"""
    seat: str
    round: int
    options: tuple[str, ...]
    state: VoteState
    ranking: tuple[str, ...] = ()
    """Options, best first; one alone for a single-choice vote. Those left out rank below, tied."""
    scores: dict[str, float] | None = None
    """What the ranking was read from: the probability of each option, or the score it was given."""
    approvals: tuple[str, ...] | None = None
    """The options that the seat could live with, in the order of `options`."""
    points: dict[str, int] | None = None
    """How it spreads the points that every seat has the same number of."""
    grades: dict[str, int] | None = None
    """A grade for each option, 0 the worst of six."""
    confidence: float | None = None
    """In its first choice, from 0 to 1."""
    held: tuple[str | None, ...] | None = None
    """What the seat held round by round, from the first; None in a round without a valid stance."""
    blocks: tuple[str, ...] | None = None
    """Options that the seat strikes out: those that cross a red line that it has declared (its veto),
    or, where the rule counts refuters, those that it refutes. None where it had none to cast, or was
    not asked."""

    @property
    def choice(self) -> str | None:
        """The first of its ranking."""
        return self.ranking[0] if self.ranking else None
