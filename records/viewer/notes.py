"""What people and scanners noted on a record, as the page shows it, and adding to it."""

import re
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import About, Remark, What, read_annotations
from folkmoot.records.canonical import scrub
from folkmoot.records.errors import InputError

_FIELDS: Final = ("about", "by", "label", "note")

_ABOUT: Final = re.compile(
    r"(?P<name>record|answer|decision|M\d+|cf\d+|c\d+\.\d+)(?::(?P<start>\d{1,9})-(?P<end>\d{1,9}))?"
)


def notes(folder: Path) -> list[dict[str, Any]]:
    """The annotations of the record in `folder`, in the order in which they were made.

    Raises:
        RecordError, JournalError: they cannot be read.
    """
    return [each.plain() for each in read_annotations(folder)]


def add_note(folder: Path, sent: object) -> None:
    """Put an annotation on record.

    Args:
        folder: the record.
        sent: `about` (such as `M3`, `cf1`, `M3:10-25` or `record`), `by`, and `label` or `note`.

    Raises:
        InputError: it is none, or is about what is not on record.
        RecordError, JournalError: it cannot be written.
    """
    given = cast("dict[str, Any]", sent) if isinstance(sent, dict) else {}
    words = {name: given.get(name, "") for name in _FIELDS}
    if not all(isinstance(word, str) for word in words.values()) or set(given) - set(_FIELDS):
        raise InputError(
            "that is no annotation", "it has about, by, label and note, all of them texts"
        )
    about, by, label, note = (scrub(words[name]).strip() for name in _FIELDS)
    if not by:
        raise InputError("nobody says it", "an annotation has a name")
    if not label and not note:
        raise InputError("it says nothing", "write a label or a note")
    annotate(folder, _remark(about or "record", label or None, note or None), by=by)


def _remark(about: str, label: str | None, note: str | None) -> Remark:
    found = _ABOUT.fullmatch(about)
    if found is None:
        raise InputError(f"{about!r} names nothing in a record", "name M3, cf1, M3:10-25 or record")
    what, id, start, end = found.group("name"), None, found.group("start"), found.group("end")
    kind: What
    if what in ("record", "answer", "decision"):
        kind = what
    else:
        kind, id = (
            ("message" if what[0] == "M" else "conflict" if what[:2] == "cf" else "call"),
            what,
        )
    span = {} if start is None else {"start": int(start), "end": int(end)}
    try:
        return Remark(about=About(what=kind, id=id, **span), label=label, note=note)
    except ValidationError as error:
        raise InputError("that is no annotation", "a label has at most 200 characters") from error
