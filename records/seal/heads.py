"""Heads that are kept elsewhere: a file of their own, in which every line names the one before it.

    {"data":{"count":57,"hash":"…","run":"…"},"hash":"…","kind":"head","n":1,"prev":"…"}

The lines are of the journal's own form. A head that is kept where the holder of a record cannot reach holds the
record up to its line.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from folkmoot.records.base import Frozen
from folkmoot.records.canonical import canonical
from folkmoot.records.chain import GENESIS, seal, unseal
from folkmoot.records.errors import InputError, JournalError
from folkmoot.records.files import open_plain
from folkmoot.records.journal_reader import read_lines

_KIND: Final = "head"


class KeptHead(Frozen):
    """How far a record went when its head was kept, and the hash of that line."""

    run: str
    """The run's id."""
    count: int = Field(ge=1)
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def head_of(folder: Path | str) -> KeptHead:
    """The head of the record in `folder`, by its journal.

    Raises:
        RecordError: there is no record, it is broken, or its head is of another journal: a journal that
            was cut must not be kept as if it were whole.
    """
    reading, fault = read_lines(folder)
    if fault is not None:
        raise JournalError(fault, hint="a record that was cut or changed is not kept")
    view = reading.view(None)
    return KeptHead(run=view.opening.run_id, count=view.lines, hash=view.head)


def read_heads(path: Path | str) -> tuple[KeptHead, ...]:
    """Every head in a file, the oldest first.

    Raises:
        InputError: it cannot be read, or is not whole.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the heads in {str(path)!r}: {error.strerror or error}",
            "folkmoot head RECORD --keep FILE keeps one",
        ) from error
    return tuple(head for head, _ in _lines(Path(path), raw))


def keep(path: Path | str, heads: Iterable[KeptHead]) -> tuple[KeptHead, ...]:
    """Append heads to a file, made if it is not there. One that stands there is not repeated.

    Returns:
        Those that were appended.

    Raises:
        InputError: the file is not whole, or cannot be written. Nothing is appended.
    """
    path = Path(path)
    try:
        fd = open_plain(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    except OSError as error:
        raise _unwritable(path, error) from error
    with os.fdopen(fd, "r+b", buffering=0) as file:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            raw = file.read()
        except OSError as error:
            raise _unwritable(path, error) from error
        standing = list(_lines(path, raw))
        there = {canonical(head.plain()) for head, _ in standing}
        by_bytes = {canonical(head.plain()): head for head in heads}
        fresh = tuple(head for each, head in by_bytes.items() if each not in there)
        prev = standing[-1][1] if standing else GENESIS
        chunk = b""
        for n, head in enumerate(fresh, len(standing) + 1):
            line, prev = seal(canonical(head.plain()), _KIND, n, prev)
            chunk += line
        try:
            if chunk and os.write(fd, chunk) != len(chunk):
                os.ftruncate(fd, len(raw))
                raise OSError("it could not be written whole")
        except OSError as error:
            raise _unwritable(path, error) from error
    return fresh


def _lines(path: Path, raw: bytes) -> Iterator[tuple[KeptHead, str]]:
    *whole, torn = raw.split(b"\n")
    prev = GENESIS
    n = 0
    try:
        for n, each in enumerate(whole, 1):
            line = unseal(each, n, prev)
            head = KeptHead.model_validate(line.data)
            if line.kind != _KIND or canonical(head.plain()) != line.body:
                raise JournalError("not in the form that it is written in", n)
            prev = line.hash
            yield head, prev
        if torn:
            raise JournalError("cut off", n + 1)
    except (JournalError, ValidationError) as error:
        what = error.message if isinstance(error, JournalError) else f"line {n}: no kept head"
        raise InputError(
            f"the heads in {str(path)!r} are not whole: {what}", "use a copy that nobody changed"
        ) from error


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot write the heads in {str(path)!r}: {error.strerror or error}")
