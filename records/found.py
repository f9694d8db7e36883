"""The records in a folder, wherever they lie in it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.errors import InputError


class Found(NamedTuple):
    """A record that was found in a folder."""

    name: str
    """Its path from that folder, with `/` between the parts; `.` for the folder itself. What is not
    UTF-8 in it is written as `\\xff`."""
    folder: Path


class Fault(NamedTuple):
    """A record that cannot be read, or something beside it that cannot."""

    record: str
    """Its name, as in `Found`."""
    what: str
    line: int | None = None
    """Of its journal, where that is broken at one."""


def find_records(folder: Path | str) -> tuple[Found, ...]:
    """Every record in a folder, at any depth, sorted by name.

    A record is a folder in which something is called `journal.jsonl`. What lies in a record is not looked
    at: records beside a run (`shadows`) are not runs of their own, and are found by their own folder. Links
    to folders are not followed, but the folder that is given may be one.

    Raises:
        InputError: it is no folder, or there is no record in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"no folder {str(folder)!r}", "give the folder that holds the records")
    found = sorted(_below(folder))
    if not found:
        raise InputError(
            f"no record in {str(folder)!r}", f"a record is a folder that holds {JOURNAL_FILE}"
        )
    return tuple(found)


def _below(folder: Path) -> Iterator[Found]:
    for inside, folders, files in os.walk(folder):
        if JOURNAL_FILE in files or JOURNAL_FILE in folders:
            folders.clear()
            here = Path(inside)
            yield Found(_legible(here.relative_to(folder).as_posix()), here)


def _legible(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
