"""The report of a run: who disagreed with whom about what, why it ended so, where the proof is."""

import shlex
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.conflict_cards import RATIFIED, cards
from folkmoot.header import LABEL, header, labelled
from folkmoot.ledger_table import ledger_table
from folkmoot.records import Decision, Dissent, Move, Outcome, Turn
from folkmoot.visible import visible, visible_lines

_MISSING = 6
"""Absent replies that are listed; the rest are counted."""


def report(
    outcome: Outcome, *, headed: bool = True, messages: bool = False, whole: bool = True
) -> list[RenderableType]:
    """The parts of a report, from the top.

    Args:
        outcome: what the run came to.
        headed: with the question, the panel and the protocol first.
        messages: with every message in full at the end.
        whole: with every conflict; else the worst ones, and how many more there are.
    """
    record = None if outcome.record is None else str(outcome.record)
    parts: list[RenderableType] = []
    if headed:
        parts += [*header(outcome.transcript.opening, record), Text()]
    parts += [_answer(outcome), *_decision(outcome.decision), Text()]
    parts += [*cards(outcome, whole), Text()]
    for section in (_moves(outcome), _dissents(outcome), _absences(outcome)):
        parts += [*section, Text()] if section else []
    parts += [ledger_table(outcome.ledger), Text(_length(outcome), "dim"), Text()]
    if messages:
        parts += [*_messages(outcome), Text()]
    return [*parts, *_proof(outcome, record, messages)]


def _answer(outcome: Outcome) -> Table:
    lines = visible_lines(outcome.answer).splitlines() or [""]
    return labelled("Answer", Text(lines[0], "bold"), *map(Text, lines[1:]))


def _decision(decision: Decision | None) -> list[RenderableType]:
    if decision is None:
        return []
    how = decision.status.replace("_", " ")
    if decision.decided_by is not None:
        how += f" by the judge, {visible(decision.decided_by)}"
    elif decision.winner is not None:
        how += f" by {visible(decision.rule)}"
    counts = [(option, decision.tally.get(option)) for option in decision.options]
    ranked = sorted(((o, n) for o, n in counts if n is not None), key=lambda each: -each[1])
    tally = " · ".join(f"{visible(option)} {count:g}" for option, count in ranked)
    lines = [f"{how}: {tally}" if tally else how]
    if decision.reason and (decision.winner is None or decision.decided_by is not None):
        lines.append(visible(decision.reason))
    if decision.not_valid:
        silent = (f"{visible(seat)} {state}" for seat, state in decision.not_valid.items())
        lines.append(f"no valid ballot: {' · '.join(silent)}")
    return [labelled("Decision", *map(Text, lines))]


def _moves(outcome: Outcome) -> list[RenderableType]:
    moves = outcome.transcript.moves
    return [labelled("Moved", *map(_move, moves))] if moves else []


def _move(move: Move) -> Text:
    line = f"{visible(move.seat)}, round {move.round}: "
    line += f"{visible(move.from_choice)} → {visible(move.to_choice)}, "
    named = " ".join(f"[{cite}]" for cite in move.cites)
    return Text(line + (f"naming {named}" if named else "naming nothing that moved it"))


def _dissents(outcome: Outcome) -> list[RenderableType]:
    if not outcome.dissents:
        return []
    issues = {p.id: (c.issue, p.summary) for c in outcome.conflicts for p in c.positions}
    about_question = outcome.transcript.opening.question
    return [
        labelled("Dissent", *(_dissent(each, issues, about_question) for each in outcome.dissents))
    ]


def _dissent(dissent: Dissent, issues: dict[str, tuple[str, str]], question: str) -> Text:
    issue, side = issues.get(dissent.position, ("", dissent.position))
    where = "" if issue in ("", question) else f" on “{visible(issue)}”"
    ratified = f", {RATIFIED[dissent.ratified]}" if dissent.ratified else ""
    line = Text(f"{visible(dissent.seat)} ({visible(side)}{where}){ratified}: ")
    if dissent.span is None:
        return line.append("has no words of its own on record", "dim")
    return line.append(f"“{visible(dissent.span.exact)}” [{dissent.span.message}]")


def _absences(outcome: Outcome) -> list[RenderableType]:
    found = outcome.absences
    if not found:
        return []
    lines = [
        f"{visible(each.seat)}, {each.purpose} ({each.call}): {each.state.replace('_', ' ')}"
        + (f", {visible(each.error)}" if each.error else "")
        for each in found[:_MISSING]
    ]
    if len(found) > _MISSING:
        lines.append(f"and {len(found) - _MISSING} more")
    return [labelled("Missing", *map(Text, lines))]


def _length(outcome: Outcome) -> str:
    run, retries = outcome.conflict_log.run, outcome.ledger.total.retries
    end = f"replay: {run.replay}"
    if retries:
        end += f" · asked {retries} times again after an engine was gone"
    if run.finished is None:
        return f"not ended · {end}"
    took = datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)
    return f"{took.total_seconds():.0f} s from start to end · {end}"


def _messages(outcome: Outcome) -> list[RenderableType]:
    turns = outcome.transcript.turns
    return [_message(turn) for turn in turns] if turns else [labelled("Messages", "none")]


def _message(turn: Turn) -> Table:
    head = f"{visible(turn.seat)}, round {turn.round}, {turn.role}"
    head += "" if turn.answer is None else f", for {visible(turn.answer)}"
    head += "" if turn.state == "valid" else f" ({turn.state.replace('_', ' ')})"
    text = visible_lines(turn.text).splitlines()
    return labelled(f"[{turn.id}]", Text(head, "dim"), *map(Text, text))


def _proof(outcome: Outcome, record: str | None, messages: bool) -> list[RenderableType]:
    if record is None:
        return [labelled("Record", "none was kept")]
    folder = shlex.quote(visible(record))
    rows = [("Read it", f"folkmoot show {folder}" + ("" if messages else " --messages"))]
    rows.append(("Check it", f"folkmoot verify {folder}"))
    if outcome.status != "complete":
        engines = outcome.transcript.opening.engines
        elsewhere = any(engine.get("kind") != "embedded" for engine in engines)
        rows.append(("Go on", f"folkmoot resume {folder}" + (" --pool FILE" if elsewhere else "")))
    shown = [("Record", visible(record)), *rows]
    return [Text.assemble((f"{label:<{LABEL}}", "bold"), text) for label, text in shown]
