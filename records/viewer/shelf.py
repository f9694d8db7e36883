"""Which records a viewer shows, and the line of each in its list, from the derived files alone.

What stands in derived files came from anywhere: a field of another type than is expected is left out,
and a record whose files cannot be read is listed as such.
"""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from folkmoot.records.canonical import scrub
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.files import open_plain, read_plain
from folkmoot.records.found import find_records
from folkmoot.records.viewer.kept import state_of

_UNSETTLED: Final = ("open", "narrowed", "went_along", "outvoted", "dropped")
"""How a conflict stands that no agreement settled."""

_FIRST_LINE: Final = 4 << 20
"""Bytes of a journal in which its first line is looked for, of a run that has not ended."""

Row = dict[str, Any]


class Shelf:
    """Records under names that an address can hold.

    Args:
        places: folders of records, or folders in which records lie at any depth.

    Raises:
        InputError: a place is neither.
    """

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = tuple(places)
        self._rows: dict[Path, tuple[str, Row]] = {}
        self._found = self._look()

    def names(self) -> tuple[str, ...]:
        """The names of the records that are there now."""
        self._found = self._look()
        return tuple(self._found)

    def folder(self, name: str) -> Path | None:
        """The folder of the record of that name; None if there is none."""
        if name not in self._found:
            self._found = self._look()
        return self._found.get(name)

    def rows(self) -> list[Row]:
        """A line for each record that is there now, worst conflicts first."""
        rows: list[Row] = [{"key": name, **self._row(self._found[name])} for name in self.names()]
        rows.sort(key=lambda row: (row.get("started", ""), row["key"]), reverse=True)
        rows.sort(key=lambda row: -int(row.get("worst", 0)))
        return rows

    def _look(self) -> dict[str, Path]:
        """Equal names are told apart by a number."""
        found: dict[str, Path] = {}
        for place in self._places:
            for each in find_records(place):
                name = each.name
                if name == ".":
                    name = os.fsencode(place.resolve().name).decode("utf-8", "backslashreplace")
                key, number = name, 2
                while key in found:
                    key, number = f"{name}-{number}", number + 1
                found[key] = each.folder
        return found

    def _row(self, folder: Path) -> Row:
        tag = state_of(folder)
        kept = self._rows.get(folder)
        if kept is None or kept[0] != tag:
            kept = self._rows[folder] = (tag, row_of(folder))
        return kept[1]


def row_of(folder: Path) -> Row:
    """What a list says of a record: question, protocol, outcome, conflicts, cost."""
    try:
        log = _object(read_plain(folder / "conflicts.json"))
        outcome = _object(read_plain(folder / "outcome.json"))
    except FileNotFoundError:
        return _unfinished(folder)
    except (OSError, ValueError):
        return {"fault": "its derived files cannot be read"}
    run, ledger = _part(log, "run"), _part(_part(outcome, "ledger"), "total")
    decision = _part(log, "decision")
    conflicts = [cast("Row", each) for each in _list(log, "conflicts") if isinstance(each, dict)]
    unsettled = [each for each in conflicts if each.get("status") in _UNSETTLED]
    levels = [_number(_part(each, "severity").get("level")) or 0 for each in unsettled]
    found = {
        "question": _text(run, "question"),
        "protocol": _text(run, "protocol"),
        "status": _text(run, "status"),
        "started": _text(run, "started"),
        "seats": len(_list(log, "parties")),
        "rounds": _number(run.get("rounds")),
        "decision": _text(decision, "status"),
        "winner": _text(decision, "winner"),
        "conflicts": len(conflicts),
        "unsettled": len(unsettled),
        "worst": max(levels, default=0) * 1000 + min(len(unsettled), 999),
        "flagged": _number(_part(log, "coverage").get("flagged")),
        "calls": _number(ledger.get("calls")),
        "tokens": _sum(ledger.get("prompt"), ledger.get("completion")),
    }
    return {name: value for name, value in found.items() if value is not None}


def _unfinished(folder: Path) -> Row:
    """The line of a run that has not ended: from the first line of its journal."""
    try:
        with open(open_plain(folder / JOURNAL_FILE, 0), "rb") as file:
            opening = _part(_object(file.readline(_FIRST_LINE)), "data")
    except (OSError, ValueError):
        return {"fault": "its journal cannot be read"}
    found = {
        "question": _text(opening, "question"),
        "protocol": _text(_part(opening, "protocol"), "name"),
        "started": _text(opening, "started"),
        "seats": len(_list(opening, "parties")),
        "status": "incomplete",
    }
    return {name: value for name, value in found.items() if value is not None}


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("no object")
    return cast("Row", value)


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return cast("Row", part) if isinstance(part, dict) else {}


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    part = value.get(name)
    return cast("list[Any]", part) if isinstance(part, list) else []


def _text(value: Mapping[str, Any], name: str) -> str | None:
    part = value.get(name)
    return scrub(part) if isinstance(part, str) else None


def _number(value: object) -> int | float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return value


def _sum(*values: object) -> int | float | None:
    known = [number for value in values if (number := _number(value)) is not None]
    return sum(known) if len(known) == len(values) else None
