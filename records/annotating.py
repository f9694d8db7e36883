"""Annotating: remarks are checked against the record and appended, by one writer at a time."""

import errno
import fcntl
import os
import re
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from pydantic import ValidationError

from folkmoot.records.annotations import (
    ANNOTATIONS_FILE,
    About,
    Annotation,
    AnnotationFile,
    Remark,
    annotations_of,
    faults,
    first_hash,
    read_annotation_file,
    said,
    unusable,
)
from folkmoot.records.calls import Call
from folkmoot.records.canonical import canonical
from folkmoot.records.chain import no_record, seal
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.files import open_plain, read_plain
from folkmoot.records.journal_reader import read_journal
from folkmoot.records.transcript import Transcript

_PATIENCE_S: Final = 30.0
"""How long a writer waits for another, who holds the file for as long as a few lines take."""

_CALL: Final = re.compile(r"c\d+\.\d+")

Choose = Callable[[tuple[Annotation, ...]], Sequence[Remark]]
"""From what stands to what is to be added, while nobody else writes."""


class Annotatable:
    """What a record holds that can be annotated: ids, and the texts that spans point into.

    Args:
        folder: the record.

    Raises:
        RecordError: there is no record, or its journal is broken.
    """

    def __init__(self, folder: Path | str) -> None:
        view = read_journal(folder)
        self._take(Transcript(view.opening, view.records), view.calls)

    @classmethod
    def of(cls, seen: Transcript, calls: Iterable[Call]) -> Self:
        """Of a record that was read already."""
        made = cls.__new__(cls)
        made._take(seen, calls)
        return made

    def _take(self, seen: Transcript, calls: Iterable[Call]) -> None:
        self.texts = {turn.id: turn.text for turn in seen.turns}
        self._ids = {
            "message": set(self.texts),
            "conflict": {each.id for each in seen.conflicts},
            "call": {each.id for each in calls},
        }
        self._answer = None if seen.answer is None else seen.answer.text
        self._decided = seen.decision is not None

    def about(self, words: str, quote: str | None = None) -> About:
        """What a user names: the id of a message, a conflict or a call in any case, or `decision`,
        `answer`, `record`; with a span as `M3:10-25`, or by the words that are meant.

        Raises:
            InputError: nothing on record is called so, or the words do not stand there just once.
        """
        name, colon, span = words.partition(":")
        ends = re.fullmatch(r"(\d{1,15})-(\d{1,15})", span)
        if colon and ends is None:
            raise InputError(f"{words!r} has no span", "a span is START-END, such as M3:10-25")
        found = self._named(name)
        if ends is not None:
            found = found.model_copy(update={"start": int(ends[1]), "end": int(ends[2])})
        if quote is not None:
            found = self._quoted(found, quote)
        self.hold(found)
        return found

    def hold(self, about: About) -> None:
        """Hold that it is on record.

        Raises:
            InputError: there is no such thing, or the span reaches beyond its text.
        """
        if about.id is not None and about.id not in self._ids.get(about.what, ()):
            raise InputError(f"there is no {about.what} {about.id!r} on record", self._hint())
        if about.what == "decision" and not self._decided:
            raise InputError("there is no decision on record", "annotate the record, or a message")
        if about.what == "answer" and self._answer is None:
            raise InputError("there is no answer on record", "annotate the record, or a message")
        text = self._text(about)
        if about.end is not None and text is not None and about.end > len(text):
            raise InputError(
                f"{about} reaches beyond its text of {len(text)} codepoints",
                "offsets count Unicode codepoints from 0, and the end is exclusive",
            )

    def _named(self, name: str) -> About:
        for what in ("decision", "answer", "record"):
            if name.casefold() == what:
                return About(what=what)
        for what in ("message", "conflict", "call"):
            for id in (name, name.upper(), name.lower()):
                if id in self._ids[what]:
                    return About(what=what, id=id)
        kind = "call" if _CALL.fullmatch(name) else "message, conflict or call"
        raise InputError(f"there is no {kind} {name!r} on record", self._hint())

    def _quoted(self, about: About, quote: str) -> About:
        text = self._text(about)
        times = 0 if text is None or not quote else text.count(quote)
        if text is None or times != 1:
            raise InputError(
                f"{quote!r} stands {times} times in {about}", "quote words that stand there once"
            )
        start = text.index(quote)
        return about.model_copy(update={"start": start, "end": start + len(quote)})

    def _text(self, about: About) -> str | None:
        return self._answer if about.what == "answer" else self.texts.get(about.id or "")

    def _hint(self) -> str:
        named = [f"{len(ids)} {what}s" for what, ids in self._ids.items() if ids]
        return f"it holds {', '.join(named) or 'nothing yet'}: `folkmoot show` lists them"


def annotate(folder: Path | str, *remarks: Remark, by: str) -> tuple[Annotation, ...]:
    """Append remarks to the annotations of a record: all of them, or none.

    Args:
        folder: the record. It may still be written.
        remarks: what is said.
        by: who says it.

    Returns:
        The remarks as they stand on record.

    Raises:
        InputError: a remark names what is not on record, corrects what does not stand or was corrected
            already, or says nothing. Nothing is written.
        RecordError: there is no record, or the file cannot be written.
        JournalError: the record, or what was annotated before, is broken.
    """
    return annotate_with(folder, lambda _: remarks, by=by)


def annotate_with(folder: Path | str, choose: Choose, *, by: str) -> tuple[Annotation, ...]:
    """The same, where what is to be added depends on what stands: nobody writes in between. What chooses
    may be asked twice, first without the lock, so that where nothing can be added nothing is opened.

    Raises: as for `annotate`.
    """
    folder = Path(folder)
    known = Annotatable(folder)
    first = first_hash(folder)
    ahead = read_annotation_file(folder)
    if not _chunk(ahead, _stamped(choose(ahead.annotations), ahead, by, known)):
        return ()
    with _locked(folder) as fd:
        try:
            stands = annotations_of(read_plain(folder / ANNOTATIONS_FILE), first)
        except OSError as error:
            raise unusable(folder, error, "read") from error
        added = _stamped(choose(stands.annotations), stands, by, known)
        _append(fd, folder, stands, _chunk(stands, added))
    return added


def _stamped(
    remarks: Sequence[Remark], stands: AnnotationFile, by: str, known: Annotatable
) -> tuple[Annotation, ...]:
    before = {each.id: each for each in stands.annotations}
    gone = {each.corrects for each in stands.annotations if each.corrects is not None}
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    found: list[Annotation] = []
    for n, each in enumerate(remarks, len(before) + 1):
        if fault := next(faults(each, before, gone), None):
            raise InputError(fault, "nothing was written")
        if each.corrects is not None and "about" not in each.model_fields_set:
            each = each.model_copy(update={"about": before[each.corrects].about})
        for about in (each.about, *each.also):
            known.hold(about)
        try:
            made = Annotation(**dict(each), id=f"a{n}", at=at, by=by)
        except ValidationError as error:
            raise InputError(said(error), "nothing was written") from error
        found.append(made)
        before[made.id] = made
        gone |= {each.corrects} if each.corrects is not None else set()
    return tuple(found)


def _chunk(stands: AnnotationFile, added: Sequence[Annotation]) -> bytes:
    """The lines of what is added."""
    head, lines = stands.head, list[bytes]()
    for n, each in enumerate(added, len(stands.annotations) + 1):
        try:
            line, head = seal(canonical(each.plain()), each.kind, n, head)
        except ValueError as error:
            raise InputError(f"it cannot be written: {error}", "nothing was written") from error
        lines.append(line)
    return b"".join(lines)


def _append(fd: int, folder: Path, stands: AnnotationFile, chunk: bytes) -> None:
    if not chunk:
        return
    try:
        # What a killed writer left of a line was never heard.
        os.ftruncate(fd, stands.size)
        if os.write(fd, chunk) != len(chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(fd)
    except OSError as error:
        with suppress(OSError):
            os.ftruncate(fd, stands.size)
        raise unusable(folder, error, "write") from error


@contextmanager
def _locked(folder: Path) -> Generator[int]:
    """The file of annotations, open for appending and locked; the lock goes with the process."""
    path, deadline = folder / ANNOTATIONS_FILE, time.monotonic() + _PATIENCE_S
    while True:
        try:
            fd = open_plain(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise no_record(folder) from error
        except OSError as error:
            raise unusable(folder, error, "write") from error
        try:
            # What was put in the file's place meanwhile is the file: a redaction writes it anew.
            if _taken(fd) and os.path.samestat(os.fstat(fd), path.stat()):
                yield fd
                return
        finally:
            os.close(fd)
        if time.monotonic() > deadline:
            raise RecordError(
                f"{ANNOTATIONS_FILE} in {str(folder)!r} is held by another process",
                "try again; what it holds stays whole",
            )
        time.sleep(0.005)


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
