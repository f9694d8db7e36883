"""The report of a run in Markdown, to be read, sent and kept: question, answer, conflicts, dissent, costs.

What models and people wrote stands in it as text: nothing in it is a heading, a link or HTML, and what hides
in it (controls, overrides, characters without width) is written out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from folkmoot.records.acts import Turn
from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.conflicts import Event, Span
from folkmoot.records.decisions import Decision
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.exports.source import Source, read_source
from folkmoot.records.files import replace
from folkmoot.records.ledger import Ledger
from folkmoot.records.outcome import Outcome

_SPECIAL = re.compile(
    # Anywhere; then what would begin a heading, a list or a rule; then addresses, which become links.
    r"[\\`*_\[\]<>|~&$@]|^[#+=:-]|(?<=\w):(?=//)|(?<=www)\.",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def markdown(source: Source, *, messages: bool = True) -> str:
    """The report.

    Args:
        source: the record, as `source.read_source` reads it.
        messages: with every message in full at the end.
    """
    outcome = source.outcome
    parts = [
        *_head(source),
        *_answer(outcome),
        *_conflicts(outcome),
        *_dissents(outcome),
        *_moves(outcome),
        *_absences(outcome),
        *_costs(outcome.ledger),
        *(_messages(outcome.transcript.turns) if messages else ()),
        *_proof(source),
    ]
    return "\n\n".join(parts) + "\n"


def export(record: Path, to: Path, *, messages: bool = True) -> None:
    """Write the report of a record.

    Args:
        record: its folder.
        to: the file.
        messages: with every message in full at the end.

    Raises:
        RecordError: the record cannot be read, or the file not be written.
    """
    text = markdown(read_source(record), messages=messages)
    try:
        replace(to, text.encode())
    except OSError as error:
        raise cannot_write(to, error) from error


def plain(text: str) -> str:
    """A text on one line in which nothing is Markdown or HTML, and nothing hides."""
    flat = re.sub(r"[ \t\r\n\f\v]+", " ", text).strip()
    marked = _SPECIAL.sub(r"\\\g<0>", "".join(map(_seen, flat)))
    return _NUMBERED.sub(r"\1\\\2", marked)


def quoted(text: str) -> str:
    """A text of many lines as a quotation."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(f"> {plain(line)}".rstrip() + ("  " if line.strip() else "") for line in lines)


def _seen(character: str) -> str:
    hides = unicodedata.category(character) in _HIDDEN
    return f"<U+{ord(character):04X}>" if hides else character


def _head(source: Source) -> Iterator[str]:
    opening = source.opening
    yield f"# {plain(opening.question)}"
    rows = [("run", opening.run_id), ("protocol", opening.protocol.name)]
    if opening.options:
        rows.append(("options", " · ".join(opening.options)))
    if opening.imported is not None:
        rows.append(("imported from", f"{opening.imported.source} ({opening.imported.form})"))
    rows += [("began", opening.started), ("status", source.outcome.status)]
    yield "\n".join(f"- {name}: {plain(value)}" for name, value in rows)
    seats = [
        f"| {plain(party.seat)} | {plain(party.model)} | {plain(party.contributor or '')} "
        f"| {plain(party.statement)} |"
        for party in opening.parties
    ]
    yield "\n".join(("| seat | model | contributor | perspective |", "|---|---|---|---|", *seats))


def _answer(outcome: Outcome) -> Iterator[str]:
    yield "## Answer"
    yield quoted(outcome.answer)
    if outcome.decision is not None:
        yield _decision(outcome.decision)


def _decision(decision: Decision) -> str:
    how = f"{decision.status.replace('_', ' ')} by {decision.rule}"
    tally = sorted(decision.tally.items(), key=lambda each: -each[1])
    counts = ", ".join(f"{plain(option)} {count:g}" for option, count in tally)
    lines = [f"- decision: {plain(how)}", f"- tally: {counts or 'none'}"]
    if decision.pivotal is not None:
        seats = ", ".join(map(plain, decision.pivotal)) or "no seat alone"
        lines.append(f"- pivotal: {seats}")
    if decision.not_valid:
        silent = ", ".join(f"{plain(seat)} {state}" for seat, state in decision.not_valid.items())
        lines.append(f"- no valid ballot: {silent}")
    return "\n".join(lines)


def _conflicts(outcome: Outcome) -> Iterator[str]:
    yield f"## Conflicts ({len(outcome.conflicts)})"
    if not outcome.conflicts:
        yield "None is in the log."
    for entry in outcome.conflicts:
        yield f"### {entry.id}: {plain(entry.issue)}"
        yield "\n".join(_facts(entry))
        for side in entry.positions:
            who = ", ".join(map(plain, side.parties)) or "nobody any more"
            yield f"**{plain(side.summary)}**: {who}"
            yield from map(_quotation, side.spans)
        if entry.history:
            yield "\n".join(f"- {_event(each)}" for each in entry.history)


def _facts(entry: ConflictEntry) -> Iterator[str]:
    kind = f"{entry.kind} conflict, " if entry.kind else ""
    yield f"- {kind}severity {entry.severity.level} of 3, {entry.status.replace('_', ' ')}"
    yield f"- found by {entry.detection.method}, rule {plain(entry.detection.rule)}"
    if entry.resolution is not None:
        yield f"- ended by: {entry.resolution.rule}"
    if entry.treatment is not None:
        flag = " (flagged)" if entry.treatment.flagged else ""
        yield f"- the answer: {entry.treatment.treatment}{flag}"
        yield from (f"- not so: {plain(each)}" for each in entry.treatment.misstatements)


def _quotation(span: Span) -> str:
    return f"{quoted(span.exact).rstrip()} ({span.message})"


def _event(event: Event) -> str:
    who = f" by {plain(event.by)}" if event.by else ""
    why = f", {event.reason.replace('_', ' ')}" if event.reason else ""
    named = f", naming {', '.join(event.cites)}" if event.cites else ""
    return f"round {event.round}: {event.event}{who}{why}{named}"


def _dissents(outcome: Outcome) -> Iterator[str]:
    if not outcome.dissents:
        return
    yield f"## Dissent ({len(outcome.dissents)})"
    for each in outcome.dissents:
        state = f", {each.ratified}" if each.ratified else ""
        yield f"**{plain(each.seat)}**, {plain(each.position)}{state}"
        yield (
            "It has no words of its own on record." if each.span is None else _quotation(each.span)
        )


def _moves(outcome: Outcome) -> Iterator[str]:
    moves = outcome.transcript.moves
    if not moves:
        return
    yield f"## Changes of stance ({len(moves)})"
    lines = (
        f"- {plain(each.seat)}, round {each.round}: {plain(each.from_choice)} → "
        f"{plain(each.to_choice)}, {each.because.replace('_', ' ')}"
        + (f", naming {', '.join(each.cites)}" if each.cites else "")
        for each in moves
    )
    yield "\n".join(lines)


def _absences(outcome: Outcome) -> Iterator[str]:
    if not outcome.absences:
        return
    yield f"## Missing replies ({len(outcome.absences)})"
    yield "\n".join(
        f"- {plain(each.seat)}, {plain(each.purpose)} ({each.call}): {each.state.replace('_', ' ')}"
        + (f", {plain(each.error)}" if each.error else "")
        for each in outcome.absences
    )


def _costs(ledger: Ledger) -> Iterator[str]:
    yield "## Cost"
    lines = [*((plain(seat), line) for seat, line in ledger.seats.items()), ("total", ledger.total)]
    rows = (
        f"| {name} | {line.calls} | {_figures((line.prompt, line.cached, line.completion))} |"
        for name, line in lines
    )
    yield "\n".join(
        ("| seat | calls | prompt | cached | completion |", "|---|--:|--:|--:|--:|", *rows)
    )
    yield "A figure that was not measured is left out."


def _figures(figures: Iterable[int | None]) -> str:
    return " | ".join("" if figure is None else str(figure) for figure in figures)


def _messages(turns: Iterable[Turn]) -> Iterator[str]:
    yield "## Messages"
    for turn in turns:
        stands = f", for {plain(turn.answer)}" if turn.answer else ""
        answers = f", to {', '.join(turn.replies_to)}" if turn.replies_to else ""
        state = "" if turn.state == "valid" else f" ({turn.state.replace('_', ' ')})"
        yield f"**{turn.id}** {plain(turn.seat)}, round {turn.round}, {turn.role}{stands}{answers}{state}"
        if turn.text.strip():
            yield quoted(turn.text)


def _proof(source: Source) -> Iterator[str]:
    yield "## How to check it"
    record = source.outcome.record
    where = plain(str(record.name)) if record else "RECORD"
    yield (
        f"`folkmoot verify RECORD` works all of this out again from the record {where} and compares it. "
        "The record is the one that this report is of where it prints this head:"
    )
    yield f"`{source.view.head}`"
    if source.opening.imported is not None:
        yield (
            "The record was imported. That the messages are the words of these speakers is not shown by "
            f"it; they are those of a file with SHA-256 `{source.opening.imported.sha256}`."
        )
