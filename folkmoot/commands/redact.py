"""`folkmoot redact`: the text of a message is taken out of a record."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.records import InputError
from folkmoot.records.seal import Redacted
from folkmoot.records.seal import redact as redact_record
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def redact(
    record: Record,
    message: Annotated[
        list[str] | None,
        typer.Option(help="The message, such as M3; once for each. Needed.", metavar="ID"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who takes it out; on record. Needed.", metavar="NAME")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why; on record. Needed.", metavar="TEXT")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="The folder of the redacted record, not there yet.", metavar="DIR"),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Redact the record itself: what is gone is gone.")
    ] = False,
    at: Annotated[
        str | None, typer.Option(help="When, in ISO 8601, UTC. Without it: now.", metavar="TIME")
    ] = None,
    json: Json = False,
) -> None:
    """Take the text of a message out of a record, wherever it stands. The chain still holds.

    Written to another folder, unless --in-place. The redaction says what was taken, by whom and why.
    """
    if (to is None) == (not in_place):
        raise InputError(
            "where is the redacted record to be?", "--to DIR makes another; --in-place changes this"
        )
    if not message or by is None or reason is None:
        raise InputError(
            "a redaction says what is taken, by whom and why",
            "--message M3 --by NAME --reason TEXT",
        )
    found = redact_record(record, message, by=by, reason=reason, to=to, at=at)
    if json:
        print_json(_plain(found))
        return
    emit(console(sys.stdout), _lines(found))


def _plain(found: Redacted) -> dict[str, object]:
    return {
        "record": str(found.folder),
        "redaction": found.redaction.plain(),
        "lines": found.lines,
        "head": found.head,
        "annotations": found.annotations,
    }


def _lines(found: Redacted) -> list[Text]:
    said = found.redaction
    lines = [
        Text(f"redacted  {visible(str(found.folder))}", "bold"),
        Text(f"  {', '.join(said.messages)}: taken out of {len(said.lines)} lines"),
    ]
    if found.annotations:
        lines.append(Text(f"  and out of {found.annotations} annotations"))
    lines += [Text(f"  no longer held: {visible(each)}") for each in said.unaudited]
    return [*lines, Text(f"  head {found.head}", "dim")]
