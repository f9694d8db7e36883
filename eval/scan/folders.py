"""Folders: where the records are in what a user names."""

import os
from collections.abc import Iterable
from pathlib import Path

from folkmoot.records import InputError
from folkmoot.records.chain import JOURNAL_FILE


def records_in(given: Iterable[Path | str]) -> tuple[Path, ...]:
    """Every record in some folders, at any depth, each once, in the order of their paths.

    What lies inside a record (shadows, scans) is a part of it, and is not looked for.

    Raises:
        InputError: a folder is no record and holds none.
    """
    found: dict[Path, Path] = {}
    for each in map(Path, given):
        inside = _inside(each)
        if not inside:
            raise InputError(
                f"{str(each)!r} is no record and holds none",
                "name the folder of a run, or one that such folders are in",
            )
        for record in inside:
            found.setdefault(record.resolve(), record)
    return tuple(found.values())


def _inside(given: Path) -> list[Path]:
    found: list[Path] = []
    for folder, names, files in os.walk(given):
        if JOURNAL_FILE in files or JOURNAL_FILE in names:
            found.append(Path(folder))
            names.clear()
        names.sort()
    return found
