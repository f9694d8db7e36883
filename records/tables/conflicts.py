"""Tables of conflicts, their sides, what happened in them, and what is quoted for them."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.conflicts import Dissent, Event, Position, Span, Tension
from folkmoot.records.relations import Relation
from folkmoot.records.tables.table import PLACE, Column, Read, column, listed, mapped, table

_CONFLICT = column("conflict", "text", "the conflict's id", "conflict.id")

CONFLICTS: Final = table(
    "conflicts",
    "A conflict with its end, as in the conflict log.",
    lambda run: run.outcome.conflicts,
    (
        column("id", "text", "`cf1`, `cf2`, …"),
        column("issue", "text", "what it is over, as a question"),
        column("about", "text", "`question`, or the message whose claim is contested"),
        column("parent", "text", "the conflict that it is a part of"),
        column(
            "kind", "text", "factual, value, preference, interpretive, definitional, procedural"
        ),
        column("status", "text", "what became of it"),
        column("contested_status", "text", "its status before the decision"),
        column("level", "integer", "how severe, 1 to 3", "severity.level"),
        column("score", "number", "what the level follows from, 0 to 1", "severity.score"),
        column("breadth", "number", "of its severity", "severity.breadth"),
        column("intensity", "number", "of its severity", "severity.intensity"),
        column("stakes", "number", "of its severity", "severity.stakes"),
        column("answer_sensitivity", "number", "of its severity", "severity.answer_sensitivity"),
        column("rubric", "text", "of its severity", "severity.rubric"),
        column("serious", "yes/no", "whether the answer may not be silent on it"),
        column(
            "method", "text", "what found it: protocol_act, rule, clerk, llm", "detection.method"
        ),
        column("rule", "text", "by which rule", "detection.rule"),
        column("model", "text", "of a clerk", "detection.model"),
        column("confidence", "number", "of a clerk, 0 to 1", "detection.confidence"),
        column("relations", "list of text", "it was drawn from", listed("detection.relations")),
        column(
            "resolution",
            "text",
            "the rule that ended it",
            lambda c: c.resolution and c.resolution.rule,
        ),
        column(
            "decided_by",
            "text",
            "the seat that decided, where one did",
            lambda c: c.resolution and c.resolution.decided_by,
        ),
        column("margin", "number", "of the vote", lambda c: c.resolution and c.resolution.margin),
        column(
            "treatment",
            "text",
            "in the answer: addressed, partial, silent or misstated",
            lambda c: c.treatment and c.treatment.treatment,
        ),
        column(
            "voiced",
            "list of text",
            "positions that the answer voices",
            lambda c: c.treatment and list(c.treatment.positions_voiced),
        ),
        column(
            "misstatements",
            "list of text",
            "what the answer says of it that is not so",
            lambda c: c.treatment and list(c.treatment.misstatements),
        ),
        column(
            "flagged",
            "yes/no",
            "whether it is serious and the answer silent on it, or wrong",
            lambda c: c.treatment and c.treatment.flagged,
        ),
        column("sides", "integer", "rows of `conflict_sides`", lambda c: len(c.positions)),
        column("dissents", "integer", "rows of `dissents`", lambda c: len(c.dissent)),
        *PLACE,
    ),
)


class _Side(NamedTuple):
    conflict: ConflictEntry
    position: Position


SIDES: Final = table(
    "conflict_sides",
    "A side of a conflict.",
    lambda run: (_Side(c, each) for c in run.outcome.conflicts for each in c.positions),
    (
        _CONFLICT,
        column("position", "text", "the side's id", "position.id"),
        column("summary", "text", "what it holds", "position.summary"),
        column("parties", "list of text", "who holds it in the end", listed("position.parties")),
        column("held_first", "list of text", "who held it at first", listed("position.held_first")),
        column(
            "last_heard",
            "text → integer",
            "seat → the round in which it last said so, where it is not heard any more",
            mapped("position.last_heard"),
        ),
        column(
            "quotations", "integer", "of it in `quotations`", lambda side: len(side.position.spans)
        ),
    ),
)


class _Happened(NamedTuple):
    conflict: ConflictEntry
    n: int
    event: Event


def _events(run: Read) -> Iterator[_Happened]:
    for conflict in run.outcome.conflicts:
        yield from (_Happened(conflict, n, each) for n, each in enumerate(conflict.history))


EVENTS: Final = table(
    "conflict_events",
    "A step in the life of a conflict.",
    _events,
    (
        _CONFLICT,
        column("n", "integer", "its place, from 0"),
        column("round", "integer", "round, from 0", "event.round"),
        column(
            "event", "text", "opened, narrowed, conceded, withdrawn, resolved, …", "event.event"
        ),
        column("seat", "text", "who did it", "event.by"),
        column("from_position", "text", "the side that it left", "event.from_position"),
        column("to_position", "text", "the side that it took", "event.to_position"),
        column("reason", "text", "why", "event.reason"),
        column("cites", "list of text", "messages that moved it", listed("event.cites")),
        column("kind", "text", "of `reframed`: what it is over now", "event.kind"),
    ),
)


class _Strained(NamedTuple):
    conflict: ConflictEntry
    tension: Tension


TENSIONS: Final = table(
    "tensions",
    "A value of one side that the other side does not share.",
    lambda run: (_Strained(c, e) for c in run.outcome.conflicts for e in c.values_in_tension),
    (
        _CONFLICT,
        column("value", "text", "the value", "tension.value"),
        column("position", "text", "the side", "tension.position"),
        column("parties", "list of text", "who holds it", listed("tension.parties")),
        column("source", "text", "declared or text", "tension.source"),
        column("vocabulary", "text", "`id/version`", "tension.vocabulary"),
    ),
)


class _Dissented(NamedTuple):
    conflict: ConflictEntry
    dissent: Dissent
    conditions: list[str]


def _dissents(run: Read) -> Iterator[_Dissented]:
    for conflict in run.outcome.conflicts:
        for each in conflict.dissent:
            asked = [c.span.exact for c in conflict.reopen_if if c.seat == each.seat]
            yield _Dissented(conflict, each, asked)


DISSENTS: Final = table(
    "dissents",
    "A seat that does not hold what was decided.",
    _dissents,
    (
        _CONFLICT,
        column("seat", "text", "who dissents", "dissent.seat"),
        column("position", "text", "the side that it holds", "dissent.position"),
        column(
            "message",
            "text",
            "where it says so",
            lambda d: d.dissent.span and d.dissent.span.message,
        ),
        column(
            "text", "text", "in its own words", lambda d: d.dissent.span and d.dissent.span.exact
        ),
        column("ratified", "text", "what it said of that, where it was asked", "dissent.ratified"),
        column("reopen_if", "list of text", "what would reopen it, in its words", "conditions"),
    ),
)


class _Quoted(NamedTuple):
    conflict: ConflictEntry
    of: str
    about: str
    span: Span


def _quotations(run: Read) -> Iterator[_Quoted]:
    for conflict in run.outcome.conflicts:
        for each in conflict.positions:
            yield from (_Quoted(conflict, "side", each.id, span) for span in each.spans)
        for each in conflict.values_in_tension:
            if each.span is not None:
                yield _Quoted(conflict, "tension", each.value, each.span)
        for n, each in enumerate(conflict.history):
            yield from (_Quoted(conflict, "event", str(n), span) for span in each.spans)
        for each in conflict.dissent:
            if each.span is not None:
                yield _Quoted(conflict, "dissent", each.seat, each.span)
        for each in conflict.reopen_if:
            yield _Quoted(conflict, "reopen_if", each.seat, each.span)


QUOTATIONS: Final = table(
    "quotations",
    "Words of a message that a conflict rests on, to the codepoint.",
    _quotations,
    (
        _CONFLICT,
        column("of", "text", "side, tension, event, dissent or reopen_if"),
        column("about", "text", "the side, the value, the number of the event, or the seat"),
        column("message", "text", "the message", "span.message"),
        column("starts", "integer", "where it begins", "span.start", "codepoints"),
        column("ends", "integer", "where it ends; exclusive", "span.end", "codepoints"),
        column("exact", "text", "the words", "span.exact"),
    ),
)


def _claim(which: str, meaning: str) -> tuple[Column, ...]:
    def part(field: str) -> str:
        return f"{which}_{field}"

    def get(field: str) -> Any:
        def found(item: Any) -> Any:
            return getattr(getattr(item, which), field, None)

        return found

    return (
        column(part("message"), "text", f"the message of the {meaning}", get("message")),
        column(part("starts"), "integer", "where it begins", get("start"), "codepoints"),
        column(part("ends"), "integer", "where it ends; exclusive", get("end"), "codepoints"),
        column(part("text"), "text", f"the {meaning}", get("exact")),
    )


def _share(relation: Relation, name: str) -> float | None:
    return relation.probabilities.get(name)


_BY = (
    column("layer", "text", "clerk or llm"),
    column("model", "text", "which model judged"),
    column("calls", "list of text", "what it was read from", listed("calls")),
)

RELATIONS: Final = table(
    "relations",
    "How a second claim stands to a first one, as a clerk judged it.",
    lambda run: run.transcript.relations,
    (
        column("id", "text", "`r1`, `r2`, …"),
        *PLACE,
        *_claim("first", "first claim; absent where it is the question's own"),
        *_claim("second", "second claim"),
        column("likeliest", "text", "attack, support or neither"),
        column("attack", "number", "probability, 0 to 1", lambda item: _share(item, "attack")),
        column("support", "number", "probability, 0 to 1", lambda item: _share(item, "support")),
        column("neither", "number", "probability, 0 to 1", lambda item: _share(item, "neither")),
        *_BY,
    ),
)

RESTATEMENTS: Final = table(
    "restatements",
    "Whether two claims of different seats make the same point, as a clerk judged it.",
    lambda run: run.transcript.restatements,
    (
        column("id", "text", "`p1`, `p2`, …"),
        *PLACE,
        *_claim("first", "first claim"),
        *_claim("second", "second claim"),
        column("probability", "number", "that they do, 0 to 1"),
        *_BY,
    ),
)
