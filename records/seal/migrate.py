"""Migration: a record of an older version is taken over into the newest, step by step, and says where from.

A step takes the lines of one version to the next. No line that stands is changed by any of them: what an older
version does not say, no step can add, and the hashes are what signatures and kept heads name.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from folkmoot.records.annotations import ANNOTATIONS_FILE
from folkmoot.records.canonical import canonical
from folkmoot.records.chain import HEAD_FILE, JOURNAL_FILE, Head, seal
from folkmoot.records.errors import InputError, JournalError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.journal_reader import Reading, read_lines
from folkmoot.records.lines import Migration
from folkmoot.records.opening import JOURNAL_SCHEMA, LATER_SCHEMA, READABLE
from folkmoot.records.outcome import outcome_of
from folkmoot.records.seal.putting import DERIVED, kept, write

Step = Callable[[bytes, Reading], bytes]
"""From the journal of one version, as bytes and as read, to the bytes of the next."""


class Migrated(NamedTuple):
    """What a migration came to."""

    folder: Path
    steps: tuple[str, ...]
    """The versions that it went through, the first and the last included; one where the journal was of the
    newest, and only what is derived was not."""
    derived: tuple[str, ...]
    """Files that stood there otherwise than this version derives them."""
    lines: int
    head: str


def _to_two(raw: bytes, reading: Reading) -> bytes:
    """journal/1 → journal/2: the same lines, and one that names the last of them."""
    said = Migration(
        from_schema=JOURNAL_SCHEMA,
        to_schema=LATER_SCHEMA,
        head=reading.hashes[-1],
        lines=reading.lines,
    )
    line, _ = seal(canonical(said.plain()), "migration", reading.lines + 1, reading.hashes[-1])
    return raw + line


STEPS: Final[Mapping[str, tuple[str, Step]]] = {JOURNAL_SCHEMA: (LATER_SCHEMA, _to_two)}
"""Version → the next one, and the step to it."""


def migrate(folder: Path | str, to: Path | str) -> Migrated:
    """Write a record anew in the newest version. The old one stays as it is.

    Args:
        folder: the record.
        to: the folder of the new one, which must not be there yet.

    Raises:
        InputError: there is nothing to migrate, or `to` is there.
        JournalError: it is of a version that this package does not know, or is broken.
        RecordError: it cannot be read, or the new one not written.
    """
    folder, to = Path(folder), Path(to)
    if to.exists():
        raise InputError(f"{str(to)!r} is there already", "name a folder that is not")
    reading, fault = read_lines(folder)
    if fault is not None or reading.torn:
        raise JournalError(
            fault or f"line {reading.lines + 1} is cut off", hint="resume the record first"
        )
    raw = read_plain(folder / JOURNAL_FILE)
    steps = [reading.schema]
    while (step := STEPS.get(steps[-1])) is not None:
        raw = step[1](raw, reading)
        reading = Reading(raw)
        steps.append(step[0])
    derived = outcome_of(reading.view(None)).derived() if reading.close else {}
    older = tuple(name for name in DERIVED if _stands(folder / name) != derived.get(name))
    if len(steps) == 1 and not older:
        raise InputError(
            f"the record in {str(folder)!r} is of {READABLE[-1]} already", "there is nothing to do"
        )
    head = Head(reading.lines, reading.hashes[-1], reading.schema).encode()
    files = {JOURNAL_FILE: raw, HEAD_FILE: head, **derived, **kept(folder)}
    annotations = _stands(folder / ANNOTATIONS_FILE)
    if annotations is not None:
        files[ANNOTATIONS_FILE] = annotations
    write(folder, to, files)
    return Migrated(to, tuple(steps), older, reading.lines, reading.hashes[-1])


def _stands(path: Path) -> bytes | None:
    try:
        return read_plain(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
