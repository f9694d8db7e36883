"""Records as transcripts for Inspect Scout: a row for each run, in a folder that Scout takes as its database.

The columns are those of Scout's transcript database (inspect-scout 0.6.1); others are metadata, which
Scout's filters and its viewer show too. Its language models read the messages alone, so that what is on
record of the conflicts stands there as a last message. For the events of a run, export an Inspect log:
Scout reads those as well.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from folkmoot.records.canonical import canonical, text_digest
from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.ends import UNSETTLED
from folkmoot.records.errors import RecordError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.form import new_folder
from folkmoot.records.exports.source import Source, read_source
from folkmoot.records.found import Fault, Found, find_records
from folkmoot.records.outcome import Outcome
from folkmoot.records.tables.runs import seconds

_arrow: Any = Extra("pyarrow", "query")
_parquet: Any = Extra("pyarrow.parquet", "query")

FILE: Final = "transcripts.parquet"
"""In the folder that is made."""

_TEXTS: Final = (
    "transcript_id",
    "source_type",
    "source_id",
    "date",
    "task_set",
    "task_id",
    "agent",
    "agent_args",
    "model",
    "model_options",
    "score",
    "score_explanation",
    "error",
    "messages",
    "record",
    "question",
    "status",
    "decided",
    "winner",
    "head",
)
_WHOLE: Final = ("task_repeat", "message_count", "total_tokens", "seed", "seats", "rounds")
_COUNTS: Final = ("worst", "standing", "all", "dissents", "flagged")
"""As the score `conflicts` of an Inspect log counts them."""
_BATCH: Final = 16 * 2**20
"""Characters of messages after which rows are written out."""


def export(folder: Path, to: Path, *, conflicts: bool = True) -> Sequence[Fault]:
    """Write the records in `folder` as a transcript database of Inspect Scout; the same records give the
    same bytes.

    Args:
        folder: a record, or a folder of many.
        to: the new folder.
        conflicts: whether a last message says what is on record of the conflicts.

    Returns:
        The records that cannot be read, which are left out.

    Raises:
        InputError: there is no record, or pyarrow is not installed.
        RecordError: the folder cannot be written.
    """
    found = find_records(folder)
    faults: list[Fault] = []
    schema = _schema()
    with (
        new_folder(to) as passing,
        _parquet.ParquetWriter(str(passing / FILE), schema, compression="zstd") as file,
    ):
        rows: list[dict[str, Any]] = []
        size = 0
        for row in _rows(found, conflicts, faults):
            rows.append(row)
            size += len(row["messages"])
            if size > _BATCH:
                file.write_batch(_arrow.RecordBatch.from_pylist(rows, schema=schema))
                rows, size = [], 0
        if rows:
            file.write_batch(_arrow.RecordBatch.from_pylist(rows, schema=schema))
    return faults


def _schema() -> Any:
    return _arrow.schema(
        [(name, _arrow.large_string()) for name in _TEXTS]
        + [(name, _arrow.int64()) for name in (*_WHOLE, *map(_column, _COUNTS))]
        + [("total_time", _arrow.float64()), ("success", _arrow.bool_())]
        # Scout then shows what models wrote as plain text.
        + [("trust_content", _arrow.bool_())]
    )


def _column(count: str) -> str:
    return f"conflicts_{count}"


def _rows(found: Sequence[Found], conflicts: bool, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    repeats: dict[str, int] = {}
    for each in found:
        try:
            source = read_source(each.folder)
        except RecordError as error:
            faults.append(Fault(each.name, error.message, getattr(error, "line", None)))
            continue
        task = text_digest(source.opening.question)[:16]
        repeats[task] = repeats.get(task, 0) + 1
        yield {**_row(source, conflicts), "record": each.name, "task_repeat": repeats[task]}


def _row(source: Source, conflicts: bool) -> dict[str, Any]:
    opening, outcome = source.opening, source.outcome
    total, decision = outcome.ledger.total, outcome.decision
    messages = list(_messages(source, conflicts))
    counts = conflict_counts(outcome)
    known = total.prompt is not None and total.completion is not None
    return {
        "transcript_id": source.named("sample"),
        "source_type": "folkmoot",
        "source_id": opening.run_id,
        "date": opening.started,
        "task_set": f"folkmoot/{opening.protocol.name}",
        "task_id": text_digest(opening.question)[:16],
        "agent": opening.protocol.name,
        "agent_args": _json(opening.protocol.params),
        "model": "+".join(dict.fromkeys(party.model for party in opening.parties)),
        "model_options": _json({p.seat: p.sampling.plain() for p in opening.parties}),
        "score": _json(counts),
        "score_explanation": "\n".join(map(_line, outcome.conflicts)) or None,
        "error": None if source.view.close else "the run has not ended",
        "messages": _json(messages),
        "question": opening.question,
        "status": outcome.status,
        "decided": decision and decision.status,
        "winner": decision and decision.winner,
        "head": source.view.head,
        "message_count": len(messages),
        "total_tokens": (total.prompt or 0) + (total.completion or 0) if known else None,
        "total_time": seconds(source.view),
        "trust_content": False,
        "seed": opening.seed,
        "seats": len(opening.seats),
        "rounds": outcome.conflict_log.run.rounds,
        **{_column(name): count for name, count in counts.items()},
    }


def conflict_counts(outcome: Outcome) -> dict[str, int]:
    """The level of the worst conflict that agreement did not settle (0: none), how many such conflicts
    there are, how many in all, dissents, and serious ones that the answer is silent on or misstates."""
    standing = [each for each in outcome.conflicts if each.status in UNSETTLED]
    return {
        "worst": max((each.severity.level for each in standing), default=0),
        "standing": len(standing),
        "all": len(outcome.conflicts),
        "dissents": len(outcome.dissents),
        "flagged": outcome.conflict_log.coverage.flagged,
    }


def _messages(source: Source, conflicts: bool) -> Iterator[dict[str, Any]]:
    """Chat messages of Inspect: the question, what everyone could hear, and the answer. Their ids are those
    of the record, so that what is quoted can be found."""
    opening, outcome = source.opening, source.outcome
    models = {party.seat: party.model for party in opening.parties}
    yield {"role": "user", "id": "question", "content": opening.question, "source": "input"}
    for turn in (each for each in outcome.transcript.turns if each.heard):
        said = {"seat": turn.seat, "round": turn.round, "stage": turn.stage, "role": turn.role}
        yield _said(turn.id, turn.text, models.get(turn.seat, turn.seat), said)
    answer = outcome.transcript.answer
    if answer is not None:
        author = models.get(answer.author, answer.author)
        yield _said("answer", answer.text, author, {"seat": answer.author, "role": "answer"})
    if conflicts and outcome.conflicts:
        text = "On record of the conflicts:\n" + "\n".join(map(_line, outcome.conflicts))
        yield {"role": "user", "id": "conflicts", "content": text, "source": "input"}


def _said(id: str, text: str, model: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "id": id,
        "content": text,
        "source": "generate",
        "model": model,
        "metadata": metadata,
    }


def _line(entry: ConflictEntry) -> str:
    sides = " / ".join(
        f"{side.summary} ({', '.join(side.parties) or 'nobody any more'})"
        + "".join(f" [{each}]" for each in dict.fromkeys(span.message for span in side.spans))
        for side in entry.positions
    )
    kind = f"{entry.kind}, " if entry.kind else ""
    return f"{entry.id}, {kind}level {entry.severity.level}, {entry.status}: {entry.issue} {sides}"


def _json(value: object) -> str:
    return canonical(value).decode()
