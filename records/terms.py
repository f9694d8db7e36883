"""The words of the conflict log: one list for each, used everywhere."""

from typing import Final, Literal

ConflictKind = Literal[
    "factual", "value", "preference", "interpretive", "definitional", "procedural"
]
"""What a conflict is over: what is so, what matters more, what is liked better, how something is to
be read, what a word means, how to go on (after stasis theory: fact, quality, definition, procedure)."""

ConflictStatus = Literal[
    "open", "narrowed", "conceded", "went_along", "outvoted", "resolved", "dropped", "moot"
]
"""conceded: who moved gave a reason. went_along: somebody moved without one. outvoted: decided, by
a vote or by a judge who may not resolve it, over those who still differ. moot: it was about an answer that was not adopted."""

EventName = Literal[
    "opened",
    "sharpened",
    "narrowed",
    "split",
    "merged",
    "conceded",
    "withdrawn",
    "reframed",
    "resolved",
    "reopened",
    "dropped",
]
"""conceded: a seat moved for a reason that it gave. withdrawn: it moved without one. dropped: it
abstains, or its position is no longer on offer; who is merely not heard any more keeps its position."""

Reason = Literal[
    "new_evidence",
    "argument",
    "majority",
    "authority",
    "instruction",
    "self_reflection",
    "format_error",
    "unexplained",
]
"""Why a stance changed. Every one but the last is shown: by a message that the seat named, by a
quotation, or, of a format error, by a stance that could not be read."""

ActName = Literal["claim", "support", "attack", "concede", "hold", "qualify"]
"""What a seat does with a message: it makes a claim; supports, attacks, concedes or qualifies
another's; or holds to what it said."""

Layer = Literal["protocol_act", "rule", "clerk", "llm"]
"""What found a conflict, cheapest first: what seats declared, a rule over stances and ballots, a small
relation model, or a large model's votes."""

RELATIONS: Final = "relations/3"
"""The rule by which a clerk's judgements put seats on sides, which bear no option's name."""

Ratified = Literal["confirmed", "corrected", "unreadable", "unavailable"]
"""What a dissenter said of the statement of its dissent. Of the last two its verbatim words stand."""
