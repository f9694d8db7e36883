"""`folkmoot query`: SQL over the tables of all records of a folder."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from folkmoot.commands.options import Json
from folkmoot.pool.models.resolve import home
from folkmoot.query_table import as_csv, as_rows, schema_lines, table_lines
from folkmoot.records import InputError
from folkmoot.records.canonical import text_digest
from folkmoot.records.exports.form import free
from folkmoot.records.tables import TABLES, tables
from folkmoot.records.tables.schema import columns_of
from folkmoot.records.tables.writing import write_result
from folkmoot.screen import console, emit, print_json

Folder = Annotated[
    Path, typer.Argument(help="A folder of records, at any depth, or one.", metavar="FOLDER")
]
Sql = Annotated[str | None, typer.Argument(help="One SELECT, in quotation marks.", metavar="SQL")]


def query(
    folder: Folder,
    sql: Sql = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="List the tables and their columns.")
    ] = False,
    rows: Annotated[
        int,
        typer.Option(help="Rows to show at most; --json and --csv have all.", min=1, metavar="N"),
    ] = 100,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, every row.")] = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Write the result to a new file.", metavar="FILE")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read every record anew; keep no tables.")
    ] = False,
    json: Json = False,
) -> None:
    """Query all records of a folder as tables, by SQL.

    The tables are made of the records and kept beside the models that Folkmoot made; what has not
    changed is not read again. A query cannot reach files or the network, and changes nothing.
    """
    if schema:
        _show_schema(json)
        return
    if sql is None:
        raise InputError(
            "no query", 'for example: folkmoot query runs "select record, winner from runs"'
        )
    if csv + json + (parquet is not None) > 1:
        raise InputError("--json, --csv and --parquet are three forms of one result", "give one")
    target = None if parquet is None else free(parquet)
    with tables(folder, None if fresh else _kept(folder)) as held:
        result, faults = held.sql(sql), held.unreadable
    if target is not None:
        write_result(result, target)
    if csv:
        as_csv(result, sys.stdout)
    elif json:
        print_json({**as_rows(result), "faults": [each._asdict() for each in faults]})
    elif target is None:
        emit(console(sys.stdout), table_lines(result, rows, console(sys.stdout).width))
    if faults and not json:
        told = (
            f"{len(faults)} of {len(held.records)} records could not be read: see the table faults"
        )
        print(told, file=sys.stderr)


def _kept(folder: Path) -> Path:
    return home() / "tables" / text_digest(str(folder.resolve()))[:32]


def _show_schema(json: bool) -> None:
    if json:
        shown: dict[str, Any] = {}
        for name, table in TABLES.items():
            fields = [
                {"name": each.name, "type": each.type, "unit": each.unit, "meaning": each.meaning}
                for each in columns_of(table)
            ]
            shown[name] = {"what": table.what, "columns": fields}
        print_json({"tables": shown})
        return
    emit(console(sys.stdout), schema_lines())
