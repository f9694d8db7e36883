"""Tables of a folder, kept in parts: what has not changed is not read again.

The records, sorted by name, fall into parts of some forty. A part is a folder of Parquet files whose name is
a digest of all that its rows come from: the names and the bytes of its records, and the code that reads
them. So a part is never out of date: a record that changed is in a part of another name. Where a part ends
is said by the names alone, so that a record more changes one part and leaves the others.
"""

import hashlib
import secrets
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from folkmoot.records.annotations import ANNOTATIONS_FILE
from folkmoot.records.chain import HEAD_FILE, JOURNAL_FILE
from folkmoot.records.errors import RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.found import Found
from folkmoot.records.tables.writing import write_tables

_ENDS: Final = 40
"""One name in so many ends a part."""
_MOST: Final = 160
"""Records of a part at most."""
_SOURCES: Final = (JOURNAL_FILE, HEAD_FILE, ANNOTATIONS_FILE)
_STALE_S: Final = 86_400
"""Seconds for which a part that is not used any more is kept: another process may be reading it."""


def kept_parts(found: Sequence[Found], within: Path) -> tuple[Path, ...]:
    """The parts that some records come to, in their order; those that are not there are made.

    Raises:
        InputError: pyarrow is not installed.
        RecordError: a part cannot be written.
    """
    try:
        within.mkdir(parents=True, exist_ok=True, mode=0o700)
        parts = tuple(_part(records, within) for records in _divided(found))
        _clear(within, {each.name for each in parts})
    except OSError as error:
        raise RecordError(
            f"cannot keep tables in {str(within)!r}: {error.strerror or error}",
            "make room, or set FOLKMOOT_HOME to a folder that can be written",
        ) from error
    return parts


def _divided(found: Iterable[Found]) -> Iterator[list[Found]]:
    part: list[Found] = []
    for each in found:
        part.append(each)
        ends = zlib.crc32(each.name.encode()) % _ENDS == 0
        if ends or len(part) == _MOST:
            yield part
            part = []
    if part:
        yield part


def _part(records: Sequence[Found], within: Path) -> Path:
    before = _digest(records)
    part = within / before
    if part.is_dir():
        return part
    passing = within / f"{secrets.token_hex(8)}.new"
    passing.mkdir()
    try:
        write_tables(records, passing)
        if _digest(records) != before:
            # A record was written meanwhile: its rows are good for now, and for no digest.
            part = passing.with_suffix(".now")
        passing.rename(part)
    except OSError:
        if not part.is_dir():  # Else another process has made the same meanwhile.
            raise
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return part


def _digest(records: Iterable[Found]) -> str:
    whole = hashlib.sha256(_code())
    for each in records:
        whole.update(hashlib.sha256(each.name.encode()).digest())
        for name in _SOURCES:
            whole.update(_of_file(each.folder / name))
    return whole.hexdigest()


def _of_file(path: Path) -> bytes:
    try:
        return hashlib.sha256(read_plain(path)).digest()
    except OSError as error:
        return hashlib.sha256(f"not read: {error.errno}".encode()).digest()


@cache
def _code() -> bytes:
    """A digest of the code that makes rows of records: all of this room."""
    whole = hashlib.sha256()
    room = Path(__file__).parents[1]
    for each in sorted(room.rglob("*.py")):
        whole.update(each.relative_to(room).as_posix().encode() + b"\0" + each.read_bytes())
    return whole.digest()


def _clear(within: Path, used: set[str]) -> None:
    """Remove parts that have not been used for a day, and what a killed process left."""
    now = time.time()
    for each in within.iterdir():
        with suppress(OSError):
            if each.name in used:
                each.touch()
            elif now - each.stat().st_mtime > _STALE_S:
                shutil.rmtree(each)
