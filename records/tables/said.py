"""Tables of what seats said and did: messages, stances, moves, objections, acts; and of how a run went on."""

from typing import Any, Final

from folkmoot.records.acts import Stance
from folkmoot.records.flow import Filtering
from folkmoot.records.tables.table import PLACE, column, listed, mapped, table

_SEAT = column("seat", "text", "whose")
_ROUND = column("round", "integer", "round, from 0")
_STAGE = column("stage", "text", "the stage of the protocol")


def _probability(stance: Stance) -> float | None:
    if stance.choice is None or stance.probabilities is None:
        return None
    return stance.probabilities.get(stance.choice)


TURNS: Final = table(
    "turns",
    "A message, as everyone may hear it.",
    lambda run: run.transcript.turns,
    (
        column("id", "text", "`M1`, `M2`, …"),
        *PLACE,
        _SEAT,
        _ROUND,
        _STAGE,
        column("role", "text", "statement, draft, critique, revision, candidate, summary, …"),
        column("state", "text", "valid, cut_off, empty or unavailable"),
        column("text", "text", "what it says"),
        column("characters", "integer", "of the text", lambda turn: len(turn.text), "codepoints"),
        column("answer", "text", "the option that it argues for"),
        column("replies_to", "list of text", "the messages that it answers", listed("replies_to")),
        column("call", "text", "the call that it came from"),
    ),
)

STANCES: Final = table(
    "stances",
    "Where a seat stood, on the question or on a message.",
    lambda run: run.transcript.stances,
    (
        *PLACE,
        _SEAT,
        _ROUND,
        _STAGE,
        column("about", "text", "`question`, the id of a message, `stop` or `next`"),
        column("options", "list of text", "what there was to choose from", listed("options")),
        column("state", "text", "valid, abstained, unreadable or unavailable"),
        column("choice", "text", "the option that it stood for"),
        column("probability", "number", "of that option, 0 to 1", _probability),
        column("probabilities", "text → number", "of each option", mapped("probabilities")),
        column("source", "text", "probabilities or stated"),
    ),
)

MOVES: Final = table(
    "moves",
    "A seat changed its stance.",
    lambda run: run.transcript.moves,
    (
        *PLACE,
        _SEAT,
        _ROUND,
        column("about", "text", "as of a stance"),
        column("from_choice", "text", "the option that it left"),
        column("to_choice", "text", "the option that it took"),
        column("because", "text", "the reason; `unexplained` where there is none"),
        column("cites", "list of text", "the messages that moved it", listed("cites")),
    ),
)

ISSUES: Final = table(
    "issues",
    "A typed objection to a message.",
    lambda run: run.transcript.issues,
    (
        column("id", "text", "`I1`, `I2`, …"),
        *PLACE,
        _SEAT,
        _ROUND,
        column("about", "text", "the message objected to"),
        column("type", "text", "of the objection"),
        column("message", "text", "the message that states it"),
    ),
)

ACTS: Final = table(
    "acts",
    "What a seat said that it does with its message.",
    lambda run: run.transcript.acts,
    (
        column("id", "text", "`A1`, `A2`, …"),
        *PLACE,
        _SEAT,
        _ROUND,
        column("act", "text", "claim, support, attack, concede, hold or qualify"),
        column("message", "text", "the message that says it"),
        column("about", "text", "the message that it is done to; absent of a claim"),
        column("kind", "text", "of an attack: what the difference is over"),
    ),
)

CHECKS: Final = table(
    "checks",
    "A condition was looked at: whether a repetition ends, which way a gate goes.",
    lambda run: run.transcript.checks,
    (
        *PLACE,
        _ROUND,
        column("rule", "text", "the rule"),
        column("holds", "yes/no", "whether it holds"),
        column("value", "number", "the figure that it looks at"),
        column("bar", "number", "what that is held against"),
        column("says", "text", "in words"),
    ),
)


def _why(field: str) -> Any:
    def get(filtering: Filtering) -> list[tuple[str, str]]:
        return [(each.message, each.why) for each in getattr(filtering, field)]

    return get


FILTERINGS: Final = table(
    "filterings",
    "What a filter let a seat hear.",
    lambda run: run.transcript.filterings,
    (
        *PLACE,
        column("seat", "text", "who hears"),
        _ROUND,
        column("filter", "text", "the filter"),
        column("offered", "list of text", "messages that could be heard", listed("offered")),
        column("shown", "list of text", "those that were shown", listed("shown")),
        column("held", "text → text", "message → why it was kept back", _why("held")),
        column("altered", "text → text", "message → why it was shown otherwise", _why("altered")),
    ),
)
