"""Conflicts as a reader meets them: in fair order, both sides in their own words, and the end."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from folkmoot.agents.values import SCHWARTZ_20
from folkmoot.header import labelled
from folkmoot.records import Dissent, Event, Outcome, Position, Span, Tension, Transcript
from folkmoot.records.acts import QUESTION
from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.standing import history
from folkmoot.visible import visible

_FIRST, _SHOWN = 3, 5
"""Conflicts that a report shows when it is not to show all: the first ones of the record, which no
flood fills, and as many as are left of the gravest others."""

_COLOURS = {
    "open": "red",
    "outvoted": "yellow",
    "went_along": "yellow",
    "narrowed": "yellow",
    "conceded": "green",
    "resolved": "green",
}
RATIFIED = {
    "confirmed": "confirmed as its own",
    "corrected": "corrected by itself",
    "unreadable": "not ratified, its reply could not be read",
    "unavailable": "not ratified, it did not reply",
}
"""What a dissenter said when it was asked whether the statement of its dissent is its own."""
_STATUS, _SIDE = 12, 11
"""Columns of a conflict's status and of the labels in its card."""


def cards(outcome: Outcome, whole: bool) -> list[RenderableType]:
    """The conflicts of a run under a line that counts them."""
    found = outcome.conflicts
    words = _first_answers(outcome)
    unread = "".join(f" · {each}" for each in (*_judged(outcome, whole=False), *words))
    if not found:
        return [labelled("Conflicts", "; ".join((_why_none(outcome), *_judged(outcome), *words)))]
    counts = Counter(each.status.replace("_", " ") for each in found)
    summary = " · ".join(f"{count} {status}" for status, count in counts.items())
    shown = found if whole else _shown(found)
    numbers = {each.id: number for number, each in enumerate(found, 1)}
    parts: list[RenderableType] = [labelled("Conflicts", f"{len(found)}: {summary}{unread}")]
    # Values that were read off texts are of the library's vocabulary, which no seat need declare.
    labels = {**SCHWARTZ_20.labels, **outcome.transcript.opening.labels}
    parts += [_card(each, numbers, labels) for each in shown]
    if len(shown) < len(found):
        parts.append(Text(f"  and {_rest(found, shown)}", "dim"))
    return parts


def _shown(found: Sequence[ConflictEntry]) -> Sequence[ConflictEntry]:
    """In the order of the record; of the gravest, those that are not moot before those that are."""
    others = range(_FIRST, len(found))
    gravest = sorted(others, key=lambda at: (-found[at].severity.level, found[at].status == "moot"))
    places = [*range(len(found))[:_FIRST], *sorted(gravest[: _SHOWN - _FIRST])]
    return [found[at] for at in places]


def _rest(found: Sequence[ConflictEntry], shown: Sequence[ConflictEntry]) -> str:
    """How many are not shown, and how severe they are."""
    rest = Counter(each.severity.level for each in found)
    rest.subtract(each.severity.level for each in shown)
    levels = [f"{rest[level]} of severity {level}" for level in sorted(+rest, reverse=True)]
    return f"{len(found) - len(shown)} more: {', '.join(levels)}"


def _why_none(outcome: Outcome) -> str:
    seen = outcome.transcript
    if outcome.decision is None and seen.opening.imported is None:
        return "none so far: the run has not come to its decision"
    # On a choice question ballots only count the stances, where there are any.
    what = [name for name, any_ in (("stance", seen.stances), ("ballot", seen.ballots)) if any_]
    taken = " or ".join(what[:1] if seen.opening.options is not None else what)
    if not taken:
        return "none: no stance was taken and no ballot cast"
    valid = [each for each in (*seen.stances, *seen.ballots) if each.state == "valid"]
    seats = {each.seat for each in valid}
    if not valid:
        return f"none: no {taken} was valid"
    if len(seats) == 1:
        return f"none: no seat but {visible(*seats)} had a valid {taken}"
    over_question = _differed(seen)
    if not over_question and not _differed_over_claims(seen):
        return f"none: no {taken} differed from another"
    if "rule" not in (seen.opening.protocol.log or {}).get("layers", ("rule",)):
        where = "over the question" if over_question else "over single messages"
        return f"none: {taken}s differed {where}, and the rules that compare them were switched off"
    return "none: stances differed over single messages only, not surely or not to the end"


def _first_answers(outcome: Outcome) -> list[str]:
    """How many first answers to an open question nothing on record compares."""
    found = outcome.conflict_log.coverage.first_answers
    if found is None or not found.not_compared:
        return []
    return [
        f"{found.not_compared} of {found.given} first answers differ in words, and nothing on record "
        "compares them"
    ]


def _judged(outcome: Outcome, *, whole: bool = True) -> list[str]:
    """How many pairs of claims each model judged that was asked, or of those that judged not all."""
    coverage = outcome.conflict_log.coverage
    layers = (("the clerk", coverage.clerk), ("the large model", coverage.llm))
    return [
        f"{who} judged {each.judged or 'none'} of {each.asked} pairs"
        for who, each in layers
        if each is not None and (whole or each.judged < each.asked)
    ]


def _differed(seen: Transcript) -> bool:
    """Whether stands on the question ever differed before the decision."""
    before = seen.decision.step if seen.decision is not None else None
    return any(len(set(each.held.values())) > 1 for each in history(seen, before))


def _differed_over_claims(seen: Transcript) -> bool:
    held: dict[str, set[str | None]] = {}
    for stance in seen.stances:
        if stance.state == "valid" and stance.about != QUESTION:
            held.setdefault(stance.about, set()).add(stance.choice)
    return any(len(choices) > 1 for choices in held.values())


def _card(
    entry: ConflictEntry, numbers: dict[str, int], labels: Mapping[str, str]
) -> RenderableType:
    head = Table.grid(padding=(0, 1))
    head.add_column(width=2, justify="right")
    head.add_column(width=_STATUS, no_wrap=True)
    head.add_column(ratio=1)
    status = entry.status.replace("_", " ")
    issue = Text(visible(entry.issue), "bold")
    head.add_row(str(numbers[entry.id]), Text(status, _COLOURS.get(entry.status, "")), issue)

    body = Table.grid(padding=0)
    body.add_column(width=_SIDE)
    body.add_column(ratio=1)
    for position in entry.positions:
        body.add_row(Text(visible(position.summary), "bold"), _side(position))
    for label, line in (
        ("values", _tensions(entry, labels)),
        ("rounds", _history(entry)),
        ("answer", _treatment(entry)),
        ("dissent", _ratified(entry)),
        ("reopen if", _reopen_if(entry)),
        ("about", _about(entry, numbers)),
    ):
        if line:
            body.add_row(Text(label, "dim"), line)
    return Group(head, Padding(body, (0, 0, 0, _STATUS + 4)))


def _side(position: Position) -> Text:
    unheard = position.last_heard or {}
    seats = ", ".join(
        visible(seat) + (f" (last heard in round {unheard[seat]})" if seat in unheard else "")
        for seat in position.parties
    )
    line = Text(seats or f"no one any more (first: {', '.join(map(visible, position.held_first))})")
    for span in position.spans:
        line.append(f"\n{_quoted(span)}", "italic")
    return line


def _tensions(entry: ConflictEntry, labels: Mapping[str, str]) -> str:
    """`benevolence: caring (yes) ↔ self-direction: action (no)`: what each side holds alone."""
    sides = [
        ", ".join(_value(tension, labels) for tension in mine) + f" ({visible(position.summary)})"
        for position in entry.positions
        if (mine := [t for t in entry.values_in_tension if t.position == position.id])
    ]
    return " ↔ ".join(sides) if len(sides) > 1 else ""


def _value(tension: Tension, labels: Mapping[str, str]) -> str:
    return visible(labels.get(tension.value, tension.value))


def _history(entry: ConflictEntry) -> str:
    """`0 opened · 1 nurse conceded [M6] · 1 narrowed`; nothing where it only opened. A reason is named
    where it is another than an argument."""
    if len(entry.history) < 2:
        return ""
    return " · ".join(_event(event) for event in entry.history)


def _event(event: Event) -> str:
    who = f"{visible(event.by)} " if event.by else ""
    cites = "".join(f" [{cite}]" for cite in event.cites)
    why = "" if event.reason in (None, "argument") else f" ({event.reason.replace('_', ' ')})"
    what = "withdrew" if who and event.event == "withdrawn" else event.event
    over = "" if event.kind is None else f" as {event.kind}"
    return f"{event.round} {who}{what}{over}{cites}{why}"


def _treatment(entry: ConflictEntry) -> Text:
    treatment = entry.treatment
    if treatment is None:
        return Text()
    said = {
        "addressed": "voices both sides" if len(entry.positions) == 2 else "voices every side",
        "partial": "voices one side" if len(entry.positions) == 2 else "voices some sides",
        "silent": "is silent",
        "misstated": f"misstates this: {visible('; '.join(treatment.misstatements))}",
    }
    line = Text(said[treatment.treatment])
    if treatment.flagged:
        line.append("  (flagged: no agreement settled this)", "red")
    return line


def _ratified(entry: ConflictEntry) -> Text:
    """The dissents whose seats were asked whether the statement is theirs."""
    lines = [_statement(each) for each in entry.dissent if each.ratified is not None]
    return Text("\n").join(lines)


def _statement(dissent: Dissent) -> Text:
    line = Text(f"{visible(dissent.seat)}, {RATIFIED[dissent.ratified or 'unavailable']}: ")
    if dissent.span is None:
        return line.append("has no words of its own on record", "dim")
    return line.append(_quoted(dissent.span), "italic")


def _reopen_if(entry: ConflictEntry) -> Text:
    """What would have to be shown, as dissenters say it."""
    lines = [
        Text(f"{visible(each.seat)}: ").append(_quoted(each.span), "italic")
        for each in entry.reopen_if
    ]
    return Text("\n").join(lines)


def _quoted(span: Span) -> str:
    return f"“{visible(span.exact)}” [{span.message}]"


def _about(entry: ConflictEntry, numbers: dict[str, int]) -> str:
    kind = f"{entry.kind} conflict" if entry.kind else ""
    severity = f"severity {entry.severity.level} of 3"
    part = f"part of {numbers[entry.parent]}" if entry.parent in numbers else ""
    ended = ""
    if entry.resolution is not None and entry.resolution.rule != "none":
        ended = f"ended by {entry.resolution.rule}"
    return " · ".join(each for each in (kind, severity, part, ended, _found(entry)) if each)


def _found(entry: ConflictEntry) -> str:
    """What found it; of a model also how sure it is."""
    found = entry.detection
    if found.method == "protocol_act":
        return "found by what seats declared"
    if found.model is None:
        return f"found by rule {visible(found.rule)}"
    who = "clerk" if found.method == "clerk" else "large model"
    sure = "" if found.confidence is None else f" (probability {found.confidence:.2f})"
    return f"found by {who} {visible(found.model)}{sure}"
