"""`folkmoot head`: how far records go, to be kept where their holder cannot reach."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.records.seal import head_of, keep
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

Records = Annotated[list[Path], typer.Argument(help="Folders of runs.", metavar="RECORD...")]


def head(
    records: Records,
    to: Annotated[
        Path | None,
        typer.Option("--keep", help="Append them to a file, each once.", metavar="FILE"),
    ] = None,
    json: Json = False,
) -> None:
    """Print how far records go: run, lines, and the hash of the last line.

    Kept elsewhere, that shows later whether a record was cut or written anew.
    """
    heads = [head_of(record) for record in records]
    fresh = keep(to, heads) if to is not None else ()
    if json:
        plain = {"heads": [each.plain() for each in heads]}
        print_json(plain if to is None else {**plain, "kept": str(to), "appended": len(fresh)})
        return
    lines = [Text(f"{each.hash}  {each.count:>6} lines  {visible(each.run)}") for each in heads]
    if to is not None:
        lines.append(Text(f"{len(fresh)} kept in {visible(str(to))}", "dim"))
    emit(console(sys.stdout), lines)
