"""The page: one HTML file with its script, its style and, where it is saved, its data.

The page that a server gives and the one that is saved are the same but for the data. Neither may reach
for anything: the policy in it allows the one script and the one style that it came with, by digest.
"""

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from folkmoot.records.errors import FolkmootError, RecordError
from folkmoot.records.files import replace
from folkmoot.records.journal_reader import read_journal
from folkmoot.records.outcome import outcome_of
from folkmoot.records.viewer.data import calls, core
from folkmoot.records.viewer.integrity import integrity
from folkmoot.records.viewer.notes import notes
from folkmoot.records.viewer.shelf import Shelf

STATIC: Final = Path(__file__).with_name("static")

PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="page"><noscript>This page shows a record of Folkmoot and needs JavaScript for it.</noscript></div>
{data}<script>{script}</script>
</body>
</html>
"""


def as_json(value: object) -> bytes:
    """JSON that may stand in a page: nothing in it can end a script element or begin a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text.encode()


def policy(*, served: bool) -> str:
    """The content security policy of the page.

    Args:
        served: whether it may ask the server that gave it.
    """
    rules = [
        "default-src 'none'",
        f"script-src '{_digest(_asset('page.js'))}'",
        f"style-src '{_digest(_asset('page.css'))}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*rules, "connect-src 'self'"] if served else rules)


def shell(title: str = "Folkmoot", data: Mapping[str, bytes] | None = None) -> bytes:
    """The page with its data, or, without any, the one that asks the server which gave it.

    Args:
        title: what a browser calls it; escaped here.
        data: id → JSON, as `as_json` writes it.
    """
    blocks = "".join(
        f'<script type="application/json" id="{name}">{raw.decode()}</script>\n'
        for name, raw in (data or {}).items()
    )
    # What is filled in is never read for fields of the template: a record may hold some.
    return PAGE.format(
        policy=html.escape(policy(served=data is None)),
        title=html.escape(title),
        style=_asset("page.css"),
        data=blocks,
        script=_asset("page.js"),
    ).encode()


def run_data(folder: Path) -> dict[str, Any]:
    """All that the page shows of one record, by part.

    Raises:
        RecordError, JournalError: it cannot be read.
    """
    view = read_journal(folder)
    return {
        "core": core(view, outcome_of(view)),
        "calls": calls(view),
        "integrity": integrity(folder),
        "notes": notes(folder),
    }


def saved(shelf: Shelf, only: str | None = None) -> bytes:
    """One self-contained page of records, which opens anywhere without a server.

    The same records give the same bytes.

    Args:
        shelf: the records.
        only: the name of the one record to show; all without it.

    Raises:
        RecordError, JournalError: a record cannot be read, and it is the only one.
    """
    rows = [row for row in shelf.rows() if only is None or row["key"] == only]
    data: dict[str, bytes] = {}
    for at, row in enumerate(rows):
        folder = shelf.folder(row["key"])
        try:
            parts = {} if folder is None else run_data(folder)
        except FolkmootError as error:
            if len(rows) == 1:
                raise
            parts = {"core": {"error": error.message, "hint": error.hint}}
        data |= {f"run-{at}-{name}": as_json(part) for name, part in parts.items()}
    title = str(rows[0].get("question", "Folkmoot")) if len(rows) == 1 else "Folkmoot: records"
    return shell(title, {"index": as_json({"runs": rows}), **data})


def save(places: Sequence[Path], to: Path) -> int:
    """Write one self-contained page of records to a file, whole or not at all; its size in bytes.

    Raises:
        RecordError: there is no record, or the file cannot be written.
        JournalError: the record is broken.
    """
    page = saved(Shelf(places))
    try:
        replace(to, page)
    except OSError as error:
        raise RecordError(
            f"cannot write {str(to)!r}: {error.strerror}", "give another file"
        ) from error
    return len(page)


def _asset(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
