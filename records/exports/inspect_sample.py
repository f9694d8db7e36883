"""One record as a sample of an Inspect log: public messages, scores, cost by seat, three timelines."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.inspect_events import CONFLICTS, Events, Told, assistant, of_turn
from folkmoot.records.exports.source import Clock, Source
from folkmoot.records.ledger import LedgerLine
from folkmoot.records.outcome import Outcome

if TYPE_CHECKING:
    from inspect_ai import event as inspect_event
    from inspect_ai import log as inspect_log
    from inspect_ai import model as inspect_model
    from inspect_ai import scorer as inspect_scorer
    from inspect_ai.event import Timeline
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatMessage, ModelUsage
    from inspect_ai.scorer import Score
else:
    inspect_event = Extra("inspect_ai.event", "inspect")
    inspect_log = Extra("inspect_ai.log", "inspect")
    inspect_model = Extra("inspect_ai.model", "inspect")
    inspect_scorer = Extra("inspect_ai.scorer", "inspect")

COUNTED = ("worst", "standing", "all", "dissents", "flagged")
"""What the score `conflicts` counts, in the order of the columns: the level of the worst conflict that
agreement did not settle (0: none), how many such conflicts there are, how many in all, dissents, and
serious ones that the answer is silent on or misstates."""

_SETTLED = ("conceded", "resolved", "moot")
"""Ends of a conflict that leave nobody against it."""


def sample(source: Source, id: str, epoch: int) -> "EvalSample":
    """A record as an `EvalSample`.

    Args:
        source: the record.
        id: which question it is.
        epoch: which repeat of it, from 1.
    """
    outcome, clock = source.outcome, Clock(source.view)
    opening, used = source.opening, role_usage(outcome)
    events = Events(source)
    events.run()
    # The decision first: its answer is what Inspect shows as that of the sample.
    scores = {**_decision_score(outcome), "conflicts": conflict_score(outcome)}
    events.begin("scorers", "scorers")
    for name, score in scores.items():
        events.score(name, score, used)
    events.end()
    started = clock.began.isoformat()
    total = round((clock.ended - clock.began).total_seconds(), 3)
    return inspect_log.EvalSample(
        id=id,
        epoch=epoch,
        input=opening.question,
        choices=list(opening.options) if opening.options else None,
        target="",
        messages=_messages(outcome),
        output=_output(outcome),
        scores=scores,
        metadata=_metadata(source),
        events=events.events,
        timelines=timelines(source, events.told),
        model_usage=_model_usage(source),
        role_usage=used,
        started_at=started,
        completed_at=clock.ended.isoformat() if source.view.close else None,
        total_time=total,
        working_time=total,
        uuid=source.named("sample"),
        turn_count=len(outcome.transcript.turns),
    )


def conflict_score(outcome: Outcome) -> "Score":
    """The conflicts in figures, with one line each in words, and links to the messages quoted."""
    entries = outcome.conflicts
    standing = [each for each in entries if each.status not in _SETTLED]
    figures = {
        "worst": max((each.severity.level for each in standing), default=0),
        "standing": len(standing),
        "all": len(entries),
        "dissents": len(outcome.dissents),
        "flagged": outcome.conflict_log.coverage.flagged,
    }
    quoted = dict.fromkeys(
        span.message for each in entries for side in each.positions for span in side.spans
    )
    references = [{"type": "message", "cite": f"[{each}]", "id": each} for each in quoted]
    return inspect_scorer.Score(
        value=figures,
        answer="none" if not entries else f"{len(standing)} of {len(entries)} stand",
        explanation="\n\n".join(map(_line, entries)) or "No stance differed from another.",
        metadata={
            "scanner_references": references,
            "by_status": dict(Counter(each.status for each in entries)),
        },
    )


def role_usage(outcome: Outcome) -> "dict[str, ModelUsage]":
    """Seat → tokens, of the seats whose tokens are known: the ledger's lines."""
    lines = {seat: _as_usage(line) for seat, line in outcome.ledger.seats.items() if line.calls}
    return {seat: each for seat, each in lines.items() if each is not None}


def timelines(source: Source, told: list[Told]) -> "list[Timeline]":
    """The same events in three orders: by round, by seat, and conflict by conflict."""
    rounds: dict[int | None, list[Told]] = {}
    seats: dict[str | None, list[Told]] = {seat: [] for seat in source.opening.seats}
    of_what: dict[str, list[int]] = {}
    for at, each in enumerate(told):
        if each.about:
            rounds.setdefault(each.round, []).append(each)
            seats.setdefault(each.seat, []).append(each)
        for name in each.about:
            of_what.setdefault(name, []).append(at)
    by_round = [(f"round {n}", rounds[n]) for n in rounds if n is not None]
    by_seat = [(seat, seats[seat]) for seat in seats if seat is not None]
    by_round.append(("outcome", rounds.get(None, [])))
    by_seat.append(("outcome", seats.get(None, [])))
    by_conflict: list[tuple[str, list[Told]]] = []
    for entry in source.outcome.conflicts:
        found = sorted({at for name in _names(entry) for at in of_what.get(name, ())})
        by_conflict.append((f"{entry.id} {entry.issue}"[:120], [told[at] for at in found]))
    return [
        _timeline(source, "by round", "What was said and decided, round by round.", by_round),
        _timeline(source, "by seat", "Each seat by itself.", by_seat, "agent"),
        _timeline(source, "by conflict", "What bears on each conflict, worst first.", by_conflict),
    ]


def _names(entry: ConflictEntry) -> set[str]:
    """The ids of a conflict, and of the messages that it quotes, cites or is about."""
    spans = [span for side in entry.positions for span in side.spans]
    spans += [span for each in entry.history for span in each.spans]
    spans += [each.span for each in entry.dissent if each.span is not None]
    cited = {cite for each in entry.history for cite in each.cites}
    return {entry.id, *(span.message for span in spans), *cited} | {entry.about} - {"question"}


def _timeline(
    source: Source,
    name: str,
    description: str,
    rows: list[tuple[str, list[Told]]],
    kind: str | None = None,
) -> "Timeline":
    spans = [
        inspect_event.TimelineSpan(
            id=source.named(name, at),
            name=row,
            span_type=kind,
            content=[inspect_event.TimelineEvent(event=each.event) for each in found],
            # Explicit, so that a seat of one reply is not taken for a helper and passed over.
            tool_invoked=kind == "agent",
        )
        for at, (row, found) in enumerate(rows)
        if found
    ]
    root = inspect_event.TimelineSpan(id=source.named(name), name="main", content=list(spans))
    return inspect_event.Timeline(name=name, description=description, root=root)


def _messages(outcome: Outcome) -> "list[ChatMessage]":
    """The question, every message in the order of the record, and the answer."""
    opening, answer = outcome.transcript.opening, outcome.transcript.answer
    models = {party.seat: party.model for party in opening.parties}
    found: list[ChatMessage] = [
        inspect_model.ChatMessageUser(content=opening.question, id="question", source="input")
    ]
    found += [of_turn(turn, models[turn.seat]) for turn in outcome.transcript.turns if turn.heard]
    if answer is not None:
        metadata = {"author": answer.author, "role": "answer"}
        author = models.get(answer.author, answer.author)
        found.append(assistant(author, answer.text, "answer", metadata))
    return found


def _output(outcome: Outcome) -> Any:
    answer = outcome.transcript.answer
    if answer is None:
        return inspect_model.ModelOutput(error=outcome.answer)
    made = assistant(answer.author, answer.text, "answer", {"role": "answer"})
    choice = inspect_model.ChatCompletionChoice(message=made, stop_reason="stop")
    return inspect_model.ModelOutput(model=answer.author, choices=[choice], completion=answer.text)


def _decision_score(outcome: Outcome) -> "dict[str, Score]":
    decision = outcome.decision
    if decision is None:
        return {}
    return {
        "decision": inspect_scorer.Score(
            value=decision.status,
            answer=decision.winner,
            explanation=outcome.answer,
            metadata={"rule": decision.rule, "tally": decision.tally, "margin": decision.margin},
        )
    }


def _metadata(source: Source) -> dict[str, Any]:
    """Small and flat: Inspect's list of samples drops what is long."""
    opening, outcome = source.opening, source.outcome
    found: dict[str, Any] = {
        "run_id": opening.run_id,
        "protocol": f"{opening.protocol.name} {opening.protocol.version}",
        "seed": opening.seed,
        "seats": len(opening.parties),
        "status": outcome.status,
        "replay": opening.replay,
        "head": source.view.head,
        "calls": outcome.ledger.total.calls,
        "absent": len(outcome.absences),
    }
    if outcome.ledger.aborted is not None:
        found["aborted"] = outcome.ledger.aborted.calls
    if outcome.ledger.lost is not None:
        found["lost"] = outcome.ledger.lost
    return found


def _line(entry: ConflictEntry) -> str:
    kind = f"{entry.kind}, " if entry.kind else ""
    sides = " / ".join(
        f"{side.summary} ({', '.join(side.parties) or 'nobody any more'})"
        + "".join(f" [{each}]" for each in dict.fromkeys(span.message for span in side.spans))
        for side in entry.positions
    )
    treated = f" The answer: {entry.treatment.treatment}." if entry.treatment else ""
    return f"{entry.id}, {kind}level {entry.severity.level}, {entry.status}: {entry.issue} {sides}.{treated}"


def _model_usage(source: Source) -> "dict[str, ModelUsage]":
    """Model → tokens, of the models whose every answered call reported them."""
    models = {call.id: call.model for call in source.view.calls}
    found: dict[str, ModelUsage] = {}
    unknown: set[str] = set()
    for reply in source.view.replies.values():
        model = models[reply.call]
        if reply.usage is None:
            if reply.state not in ("refused", "unavailable"):
                unknown.add(model)
            continue
        line = inspect_model.ModelUsage(
            input_tokens=reply.usage.prompt - (reply.usage.cached or 0),
            input_tokens_cache_read=reply.usage.cached,
            output_tokens=reply.usage.completion,
            total_tokens=reply.usage.prompt + reply.usage.completion,
        )
        found[model] = found[model] + line if model in found else line
    return {model: each for model, each in found.items() if model not in unknown}


def _as_usage(line: LedgerLine) -> "ModelUsage | None":
    if line.prompt is None or line.completion is None:
        return None
    return inspect_model.ModelUsage(
        input_tokens=line.prompt - (line.cached or 0),
        input_tokens_cache_read=line.cached,
        output_tokens=line.completion,
        total_tokens=line.prompt + line.completion,
    )


__all__ = ["CONFLICTS", "COUNTED", "conflict_score", "role_usage", "sample", "timelines"]
