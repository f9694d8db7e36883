"""`folkmoot export`: records in the forms of other tools."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.ask import parameters
from folkmoot.commands.options import Json
from folkmoot.records import InputError
from folkmoot.records.exports import FORMS, export_record, export_records, form
from folkmoot.records.exports.form import is_record
from folkmoot.records.found import Fault
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

Records = Annotated[
    Path, typer.Argument(help="The folder of a run, or one of many.", metavar="RECORD|FOLDER")
]
To = Annotated[
    Path | None,
    typer.Option(help="The file or folder to make. Nothing may be there yet. Needed."),
]
As = Annotated[
    str | None, typer.Option("--as", help=f"Needed: {', '.join(FORMS)}.", metavar="FORM")
]

FormParams = Annotated[
    list[str] | None, typer.Option(help="A parameter of the form.", metavar="KEY=VALUE")
]


def export(
    records: Records,
    to: To = None,
    form_name: As = None,
    param: FormParams = None,
    json: Json = False,
) -> int:
    """Export a record, or all records of a folder, for another tool.

    Exit code 1 where a record of the folder cannot be read: all others are exported.
    """
    if to is None or form_name is None:
        missing = "--to" if to is None else "--as"
        raise InputError(
            f"{missing} is needed", "for example: folkmoot export runs --as parquet --to tables"
        )
    given, faults = parameters(param or [], None), tuple[Fault, ...]()
    if is_record(records) and not form(form_name).together:
        export_record(records, to, form_name, **given)
    else:
        faults = export_records(records, to, form_name, **given)
    if json:
        plain = [each._asdict() for each in faults]
        print_json({"as": form_name, "to": str(to), "faults": plain})
    else:
        emit(console(sys.stdout), [Text(f"{form_name}  {visible(str(to))}", "bold")])
        emit(console(sys.stderr), [Text(_said(each)) for each in faults])
    return 1 if faults else 0


def _said(fault: Fault) -> str:
    return f"not exported: {visible(fault.record)}: {visible(fault.what)}"
