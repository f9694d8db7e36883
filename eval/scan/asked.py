"""Asked: a question to a model about each of many records, every call on record beside the run."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.question import SEAT, VERSION, Part, Question, part, read
from folkmoot.eval.scan.scanning import Heard, Row, Scan, as_stored, open_record, taken
from folkmoot.eval.scan.stored import SCANS, place, store, stored_in
from folkmoot.eval.scan.subject import Subject
from folkmoot.graphs.run import versions
from folkmoot.pool import Pool
from folkmoot.records import (
    Call,
    FolkmootError,
    Journal,
    Opening,
    Party,
    ProtocolRef,
    RecordError,
    Reply,
    Turn,
    canonical,
    digest,
    outcome_of,
    write_derived,
)

_RECORDS: Final = 16
"""Records that are asked about at a time; the pool orders their calls."""

_ROOM: Final = 320
"""Tokens of the context that are left for an answer and for what a template adds."""


async def ask(
    records: Sequence[Path | str],
    question: Question,
    pool: Pool,
    *,
    fresh: bool = False,
    heard: Heard | None = None,
) -> tuple[Row, ...]:
    """Ask a model about records; a row for each, in their order, as `scan` gives.

    Every call and reply of a record stands in a journal of its own, a folder in `scans/` of the record:
    a scan that was stopped asks only for what it has no reply to. What was found is stored as `scan`
    stores it, and not asked again as long as journal, question and model are the same.

    Args:
        records: their folders. They must be writable: nothing is asked off the record.
        question: what is asked.
        pool: answers.
        fresh: ask again, whatever is stored.
        heard: hears of each row when it is there, in any order.

    Raises:
        PoolError: the pool does not know the question's model, or cannot be opened.
    """
    free = asyncio.Semaphore(_RECORDS)

    async def one(folder: Path) -> Row:
        async with free:
            row = await _row(folder, question, asker, pool, fresh)
        if heard is not None:
            heard(row)
        return row

    async with pool.held([question.model]):
        asker = scanner_of(question, pool)
        return tuple(await asyncio.gather(*(one(Path(each)) for each in records)))


def scanner_of(question: Question, pool: Pool) -> Scanner:
    """A question as a scanner, with all that its answers follow from: the model's digests, too."""
    reference = pool.references([question.model])[0].plain()
    params = {"question": question.plain(), "model": reference}
    return Scanner("question", VERSION, lambda _: (), params, question.text)


async def _row(folder: Path, question: Question, asker: Scanner, pool: Pool, fresh: bool) -> Row:
    try:
        opened = open_record(folder)
        known = None if fresh else stored_in(folder, asker.name, asker.digest, opened.sha256)
        if known is not None:
            scans = (taken(known),)
            return Row(record=str(folder), run_id=known.run_id, head=known.head, scans=scans)
        subject = Subject(folder, opened.view())
    except FolkmootError as fault:
        return Row(record=str(folder), fault=fault.message)
    made = Scan(scanner=asker.name, version=asker.version)
    row = Row(record=str(folder), run_id=subject.opening.run_id, head=subject.view.head)
    try:
        found, unread, gone = await _asked(subject, question, asker, pool, fresh)
    except FolkmootError as fault:
        return row.model_copy(update={"scans": (made.model_copy(update={"fault": fault.message}),)})
    made = made.model_copy(update={"found": found, "unread": unread})
    if gone:
        made = made.model_copy(update={"fault": f"no reply to {gone} calls: {question.model}"})
    else:
        store(folder, as_stored(asker, subject, opened.sha256, found, unread))
    return row.model_copy(update={"scans": (made,)})


async def _asked(
    subject: Subject, question: Question, asker: Scanner, pool: Pool, fresh: bool
) -> tuple[tuple[Found, ...], int, int]:
    """What was found; how many parts could not be read; how many calls had no reply."""
    parts = await _parts(subject, question, pool)
    journal = _journal(subject, question, asker, pool, fresh)
    try:
        replies = await asyncio.gather(
            *(_reply(journal, call, pool) for each in parts for _, call in each.calls)
        )
        journal.close()
        write_derived(journal.folder, outcome_of(journal.view()))
    finally:
        journal.release()
    by_call = {reply.call: reply for reply in replies}
    found: list[Found] = []
    unread = 0
    for each in parts:
        said = read(question, each, [by_call[call.id] for _, call in each.calls])
        unread += said is None
        found += said or ()
    gone = sum(reply.state == "unavailable" for reply in replies)
    return tuple(found), unread, gone


async def _reply(journal: Journal, call: Call, pool: Pool) -> Reply:
    """The reply that stands on record, else a new one, which does before anybody reads it."""
    journal.call(call)
    known = journal.replies.get(call.id)
    if known is not None:
        return known
    reply = await pool.answer(call, run=journal.opening.run_id)
    journal.reply(reply)
    return reply


async def _parts(subject: Subject, question: Question, pool: Pool) -> list[Part]:
    """The messages one by one, or in as few pieces as fit into the model's context."""
    topic = subject.opening.question
    pieces: list[tuple[Turn, ...]] = [(turn,) for turn in subject.said]
    if question.over == "record":
        room = pool.window(question.model) - _ROOM
        pieces = [each async for each in _fitting(subject.said, question, topic, pool, room)]
    parts: list[Part] = []
    order = 0
    for piece in pieces:
        parts.append(part(question, topic, piece, order))
        order += len(parts[-1].calls)
    return parts


async def _fitting(
    messages: Sequence[Turn], question: Question, topic: str, pool: Pool, room: int
) -> AsyncIterator[tuple[Turn, ...]]:
    if not messages:
        return
    call = part(question, topic, messages, 0).calls[0][1]
    if len(messages) == 1 or await pool.count(question.model, call.segments) <= room:
        yield tuple(messages)
        return
    middle = len(messages) // 2
    for half in (messages[:middle], messages[middle:]):
        async for piece in _fitting(half, question, topic, pool, room):
            yield piece


def _journal(
    subject: Subject, question: Question, asker: Scanner, pool: Pool, fresh: bool
) -> Journal:
    """The journal of this scan of this record as it stands: taken up again, or begun."""
    asks = {"question": question.as_asked, "model": asker.params["model"], "version": VERSION}
    of = digest(canonical({**asks, "head": subject.view.head}))
    base = place(subject.folder, asker.name, of)
    if (subject.folder / SCANS).is_symlink():
        raise RecordError(f"{SCANS} in {str(subject.folder)!r} is a link", "make it a folder")
    number = 1
    while True:
        folder = base if number == 1 else base.with_name(f"{base.name}-{number}")
        if not folder.exists():
            return Journal.create(folder, _opening(subject, question, asker, pool, folder.name))
        if not fresh:
            journal = Journal.resume(folder)
            if not any(reply.state == "unavailable" for reply in journal.replies.values()):
                return journal
            journal.release()
        number += 1


def _opening(
    subject: Subject, question: Question, asker: Scanner, pool: Pool, name: str
) -> Opening:
    of = {"run_id": subject.opening.run_id, "head": subject.view.head}
    return Opening(
        run_id=name,
        question=question.text,
        seed=0,
        parties=(Party(seat=SEAT, model=question.model),),
        protocol=ProtocolRef(
            name="scan",
            version=VERSION,
            params={"of": of, "question": question.as_asked},
            graph_sha256=digest(canonical(question.as_asked)),
        ),
        models=pool.references([question.model]),
        engines=pool.describe(),
        replay=pool.replay,
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        versions=versions(),
    )
