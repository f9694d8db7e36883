"""Stored: what a scanner found in a record, kept in the record's folder, so that it is not looked for twice.

`scans/NAME-DIGEST.json` beside the journal. It counts as long as the journal's bytes and the scanner's
name, version and parameters are those that it was made of; else the record is scanned anew.
"""

import json
import re
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from folkmoot.eval.scan.found import Found
from folkmoot.records import canonical
from folkmoot.records.base import Frozen
from folkmoot.records.files import read_plain, replace

SCANS: Final = "scans"
"""The folder, in that of a record."""


class Stored(Frozen):
    """What one scanner found in one record."""

    schema_: Literal["scan/1"] = "scan/1"
    scanner: str
    version: str
    params: dict[str, Any]
    digest: str
    """Of name, version and parameters."""
    run_id: str
    head: str
    """The hash of the journal's last line."""
    journal_sha256: str
    """Of the journal's bytes."""
    found: tuple[Found, ...]
    unread: int = 0
    """Questions to a model without a readable answer."""


def stored_in(folder: Path, scanner: str, digest: str, journal_sha256: str) -> Stored | None:
    """What is stored of a scanner; None where nothing is, or it is of another journal or scanner."""
    try:
        plain = json.loads(read_plain(_file(folder, scanner, digest)))
        found = Stored.model_validate(plain)
    except (OSError, ValueError, RecursionError, ValidationError):
        return None
    same = (found.scanner, found.digest, found.journal_sha256) == (scanner, digest, journal_sha256)
    return found if same else None


def store(folder: Path, found: Stored) -> bool:
    """Store it; whether that could be done. A record that cannot be written to is scanned all the same."""
    file = _file(folder, found.scanner, found.digest)
    try:
        file.parent.mkdir(exist_ok=True)
        if file.parent.is_symlink():
            return False
        replace(file, canonical(found.plain()) + b"\n")
    except (OSError, ValueError):
        return False
    return True


def place(folder: Path, scanner: str, digest: str) -> Path:
    """What a scanner's files in a record's folder are called, without an ending."""
    plain = re.sub(r"[^a-z0-9]+", "-", scanner.casefold()).strip("-")[:60]
    return folder / SCANS / f"{plain or 'scanner'}-{digest[:16]}"


def _file(folder: Path, scanner: str, digest: str) -> Path:
    found = place(folder, scanner, digest)
    return found.with_name(f"{found.name}.json")
