"""`folkmoot migrate`: a record of an older version is written anew in the newest."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.records import InputError
from folkmoot.records.seal import migrate as migrate_record
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def migrate(
    record: Record,
    to: Annotated[
        Path | None,
        typer.Option(help="The folder of the new record, not there yet. Needed.", metavar="DIR"),
    ] = None,
    json: Json = False,
) -> None:
    """Write a record anew in the newest version of the format. The old one stays as it is.

    Every line stands as it was; a last one says where they come from. What is derived is derived
    again.
    """
    if to is None:
        raise InputError(
            "where is the new record to be?", "--to DIR, a folder that is not there yet"
        )
    found = migrate_record(record, to)
    if json:
        print_json({**found._asdict(), "folder": str(found.folder)})
        return
    lines = [
        Text(f"migrated  {visible(str(found.folder))}", "bold"),
        Text(f"  {' → '.join(found.steps)}, {found.lines} lines"),
    ]
    if found.derived:
        lines.append(Text(f"  derived again: {', '.join(found.derived)}"))
    emit(console(sys.stdout), [*lines, Text(f"  head {found.head}", "dim")])
