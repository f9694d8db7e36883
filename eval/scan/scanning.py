"""Scanning: every scanner over every record, side by side, each record once."""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.stored import Stored, store, stored_in
from folkmoot.eval.scan.subject import Subject
from folkmoot.records import FolkmootError, InputError, JournalView, RecordError
from folkmoot.records.annotating import Annotatable
from folkmoot.records.base import Frozen
from folkmoot.records.chain import JOURNAL_FILE, Head, no_record
from folkmoot.records.files import read_plain
from folkmoot.records.journal_reader import Reading, find_head

MUCH: Final = 64 * 2**20
"""Bytes of journals from which several processes are faster: each takes seconds to start, in which one
reads and scans a dozen megabytes."""

_AT_ONCE: Final = 4
"""Records that a process takes at a time."""


class Scan(Frozen):
    """What one scanner came to on one record."""

    scanner: str
    version: str
    found: tuple[Found, ...] = ()
    fault: str | None = None
    """Why it came to nothing; None where it did its work."""
    unread: int = 0
    """Of a scanner that asks a model: questions without a readable answer."""
    again: bool = False
    """Whether it was stored, and so not looked for again."""


class Row(Frozen):
    """A record, scanned."""

    record: str
    """Its folder, as it was named."""
    run_id: str | None = None
    head: str | None = None
    """The hash of the journal's last line; None where the record is broken."""
    fault: str | None = None
    """Why it could not be scanned; None where it was."""
    scans: tuple[Scan, ...] = ()

    @property
    def found(self) -> Iterator[tuple[Scan, Found]]:
        """Every finding with the scan that made it."""
        return ((scan, each) for scan in self.scans for each in scan.found)


class Opened(NamedTuple):
    """A record as it is now: its journal, whole, and the digest of its bytes."""

    sha256: str
    raw: bytes
    head: Head | str

    def view(self) -> JournalView:
        """The journal, checked line by line.

        Raises:
            RecordError: a line is broken, or the head does not name a line of it.
        """
        reading = Reading(self.raw)
        view = reading.view(reading.head_fault(self.head))
        if view.head_fault is not None:
            raise RecordError(view.head_fault)
        return view


Heard = Callable[[Row], None]
"""Hears of each record that was scanned."""


def scan(
    records: Sequence[Path | str],
    scanners: Sequence[Scanner],
    *,
    jobs: int = 1,
    fresh: bool = False,
    keep_results: bool = True,
    heard: Heard | None = None,
) -> tuple[Row, ...]:
    """Run scanners over records; a row for each record, in their order.

    A broken record is a row with its reason, and so is a scanner that failed; the others go on. What a
    scanner found is stored in `scans/` of the record's folder, and is taken from there as long as
    neither journal nor scanner changed.

    Args:
        records: their folders.
        scanners: what to look for, each under a name of its own.
        jobs: processes at most; below `MUCH` bytes of journals this one does all.
        fresh: look again, whatever is stored.
        keep_results: store what was found.
        heard: hears of each row when it is there, in the order of the records.
    """
    look = partial(look_through, scanners=tuple(scanners), fresh=fresh, keep_results=keep_results)
    folders = [Path(each) for each in records]
    rows: list[Row] = []

    def take(found: Iterator[Row]) -> None:
        for row in found:
            rows.append(row)
            if heard is not None:
                heard(row)

    if jobs < 2 or len(folders) < 2 or sum(map(_bytes, folders)) < MUCH:
        take(map(look, folders))
        return tuple(rows)
    # A process that was forked with threads about can hang; a fresh one imports what it needs.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(folders)), mp_context=context) as processes:
        take(processes.map(look, folders, chunksize=_AT_ONCE))
    return tuple(rows)


def _bytes(folder: Path) -> int:
    try:
        return (folder / JOURNAL_FILE).stat().st_size
    except OSError:
        return 0


def look_through(
    folder: Path, scanners: Sequence[Scanner], fresh: bool = False, keep_results: bool = True
) -> Row:
    """Run scanners over one record."""
    try:
        opened = open_record(folder)
        done = {} if fresh else _stored(folder, scanners, opened.sha256)
        if len(done) == len(scanners) and (first := next(iter(done.values()), None)) is not None:
            return Row(
                record=str(folder),
                run_id=first.run_id,
                head=first.head,
                scans=tuple(taken(done[each.digest]) for each in scanners),
            )
        subject = Subject(folder, opened.view())
        known = Annotatable.of(subject.transcript, subject.view.calls)
    except FolkmootError as fault:
        return Row(record=str(folder), fault=fault.message)
    scans: list[Scan] = []
    for scanner in scanners:
        if scanner.digest in done:
            scans.append(taken(done[scanner.digest]))
            continue
        made = _looked(scanner, subject, known)
        if made.fault is None and keep_results:
            store(folder, as_stored(scanner, subject, opened.sha256, made.found))
        scans.append(made)
    view = subject.view
    return Row(record=str(folder), run_id=view.opening.run_id, head=view.head, scans=tuple(scans))


def open_record(folder: Path) -> Opened:
    """The journal of a record, as bytes.

    Raises:
        RecordError: there is none, or it cannot be read.
    """
    head = find_head(folder)  # First: a run that is being written may get further meanwhile.
    try:
        raw = read_plain(folder / JOURNAL_FILE)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise no_record(folder) from fault
    except OSError as fault:
        raise RecordError(f"cannot read the record: {fault.strerror or fault}") from fault
    return Opened(hashlib.sha256(raw).hexdigest(), raw, head)


def as_stored(
    scanner: Scanner,
    subject: Subject,
    journal_sha256: str,
    found: Sequence[Found],
    unread: int = 0,
) -> Stored:
    """What a scanner found, as it is stored."""
    return Stored(
        scanner=scanner.name,
        version=scanner.version,
        params=dict(scanner.params),
        digest=scanner.digest,
        run_id=subject.opening.run_id,
        head=subject.view.head,
        journal_sha256=journal_sha256,
        found=tuple(found),
        unread=unread,
    )


def held(found: Sequence[Found], known: Annotatable) -> tuple[Found, ...]:
    """Hold that every finding cites what is on record.

    Raises:
        InputError: one does not.
    """
    for each in found:
        for about in each.about:
            known.hold(about)
    return tuple(found)


def _looked(scanner: Scanner, subject: Subject, known: Annotatable) -> Scan:
    made = Scan(scanner=scanner.name, version=scanner.version)
    try:
        return made.model_copy(update={"found": held(tuple(scanner.scan(subject)), known)})
    except InputError as fault:
        return made.model_copy(update={"fault": fault.message})
    except Exception as fault:  # A scanner may be anybody's code, and others go on.
        return made.model_copy(update={"fault": f"{type(fault).__name__}: {fault}"})


def _stored(folder: Path, scanners: Sequence[Scanner], sha256: str) -> dict[str, Stored]:
    found = ((each, stored_in(folder, each.name, each.digest, sha256)) for each in scanners)
    return {each.digest: stored for each, stored in found if stored is not None}


def taken(stored: Stored) -> Scan:
    """What is stored of a scanner, as what it came to."""
    return Scan(
        scanner=stored.scanner,
        version=stored.version,
        found=stored.found,
        unread=stored.unread,
        again=True,
    )
