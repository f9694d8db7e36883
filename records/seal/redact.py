"""Redaction: the text of a message is taken out of a record, and the chain still holds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.records.annotations import ANNOTATIONS_FILE, annotations_of
from folkmoot.records.audit import audit, sums
from folkmoot.records.canonical import canonical, digest, scrub
from folkmoot.records.chain import (
    HEAD_FILE,
    JOURNAL_FILE,
    Head,
    seal,
    seal_redacted,
)
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.journal_reader import Reading
from folkmoot.records.lines import RedactedLine, Redaction
from folkmoot.records.opening import LATER_SCHEMA
from folkmoot.records.outcome import outcome_of
from folkmoot.records.seal.masking import Part, Taken, mask, take
from folkmoot.records.seal.putting import hold_gone, kept, others, write, write_in_place
from folkmoot.records.seal.when import when
from folkmoot.records.verify import verify


class Redacted(NamedTuple):
    """What a redaction came to."""

    folder: Path
    redaction: Redaction
    lines: int
    head: str
    annotations: int
    """How many annotations quoted the words, and were written anew without them."""


def redact(
    folder: Path | str,
    messages: Sequence[str],
    *,
    by: str,
    reason: str,
    to: Path | str | None = None,
    at: str | None = None,
) -> Redacted:
    """Take the text of messages out of a record, wherever it stands.

    Args:
        folder: the record.
        messages: ids of messages.
        by: who takes it out.
        reason: why.
        to: the folder of the redacted record, which must not be there yet; None: in place of the record.
        at: when, ISO 8601 in UTC; None: now.

    Raises:
        InputError: nothing can be taken as asked. Nothing is changed.
        RecordError: the record does not verify, or cannot be written.
    """
    folder, target = Path(folder), None if to is None else Path(to)
    if not messages or not by.strip() or not reason.strip():
        raise InputError(
            "a redaction needs a message, a name and a reason", "say whose, who and why"
        )
    if target is not None and target.exists():
        raise InputError(f"{str(target)!r} is there already", "name a folder that is not")
    _hold_verified(folder, in_place=target is None)
    raw = read_plain(folder / JOURNAL_FILE)
    order = _in_order(raw, messages)
    parts, taken = _taken(raw, order)
    given = {"at": when(at), "by": scrub(by.strip()), "reason": scrub(reason.strip())}
    journal, redaction, found = _sealed(raw, parts, given, order)
    head = Head(found.lines, found.hashes[-1], LATER_SCHEMA).encode()
    files = {JOURNAL_FILE: journal, HEAD_FILE: head}
    annotations, touched = _annotations(folder, found.hashes[1], taken)
    if annotations is not None:
        files[ANNOTATIONS_FILE] = annotations
    if found.close:
        files |= outcome_of(found.view(None)).derived()
    files |= kept(folder)
    if target is None:
        hold_gone({**others(folder, files), **files}, taken)
        write_in_place(folder, files)
    else:
        hold_gone(files, taken)
        write(folder, target, files)
    return Redacted(target or folder, redaction, found.lines, found.hashes[-1], touched)


def _hold_verified(folder: Path, *, in_place: bool) -> None:
    found = verify(folder)
    if not found.ok:
        raise RecordError(
            f"the record in {str(folder)!r} does not verify: {found.findings[0]}",
            "what is wrong with it would be covered up: look at folkmoot verify first",
        )
    if in_place and found.status != "complete":
        raise InputError(
            f"the run in {str(folder)!r} has not ended", "resume it, or redact a copy with --to"
        )


def _in_order(raw: bytes, messages: Sequence[str]) -> list[str]:
    """The messages in the order of the journal; those that are none last, to be complained of."""
    lines = (json.loads(line) for line in raw.splitlines())
    ids = [line["data"]["id"] for line in lines if line["data"].get("record") == "turn"]
    wanted = list(dict.fromkeys(messages))
    return sorted(wanted, key=lambda each: ids.index(each) if each in ids else len(ids))


def _taken(raw: bytes, messages: Iterable[str]) -> tuple[list[Part], list[Taken]]:
    parts: list[Part] = []
    for line in raw[: raw.rfind(b"\n") + 1].splitlines():
        found = json.loads(line)
        parts.append(Part(found["n"], found["kind"], found["data"], set(found.get("redacted", ()))))
    return parts, [take(parts, message) for message in messages]


def _sealed(
    raw: bytes, parts: list[Part], given: Mapping[str, str], messages: Sequence[str]
) -> tuple[bytes, Redaction, Reading]:
    """The journal with the lines as they are now and the line that says so."""
    before = Reading(raw)
    lines: list[bytes] = []
    changed: list[RedactedLine] = []
    for part, line in zip(parts, raw.splitlines(keepends=True), strict=False):
        body = canonical(part.data)
        if part.taken:
            prev, own = before.hashes[part.n - 1], before.hashes[part.n]
            now = seal_redacted(body, part.kind, part.n, prev, own, sorted(part.taken))
            if now != line:
                changed.append(RedactedLine(n=part.n, sha256=digest(now[:-1])))
            line = now
        lines.append(line)
    redaction = Redaction.model_validate({**given, "messages": messages, "lines": changed})
    # What the audit can no longer hold follows from the lines; so it is read, said, and read again.
    seen = outcome_of(Reading(_with(lines, redaction, before)).view(None))
    findings = (*audit(seen.transcript), *sums(seen.transcript, seen.ledger))
    redaction = redaction.model_copy(update={"unaudited": findings})
    journal = _with(lines, redaction, before)
    return journal, redaction, Reading(journal)


def _with(lines: Sequence[bytes], redaction: Redaction, before: Reading) -> bytes:
    """The bytes of a journal with the line that says what was taken."""
    last, _ = seal(canonical(redaction.plain()), "redaction", len(lines) + 1, before.hashes[-1])
    return b"".join((*lines, last))


def _annotations(folder: Path, first: str, taken: Sequence[Taken]) -> tuple[bytes | None, int]:
    """The annotations without the words, chained anew from the first that had them; how many had."""
    try:
        raw = read_plain(folder / ANNOTATIONS_FILE)
    except FileNotFoundError:
        return None, 0
    if annotations_of(raw, first).torn:
        raise RecordError(f"{ANNOTATIONS_FILE} is cut off", "add an annotation, which mends it")
    lines: list[bytes] = []
    head, touched = first, 0
    for n, line in enumerate(raw.splitlines(), 1):
        found = json.loads(line)
        part = Part(n, found["kind"], found["data"], set())
        mask(part, taken)
        touched += bool(part.taken)
        sealed, head = seal(canonical(part.data), part.kind, n, head)
        lines.append(sealed)
    return b"".join(lines), touched
