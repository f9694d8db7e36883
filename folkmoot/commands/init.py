"""`folkmoot init`: a starter panel and pool to edit."""

import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.records import InputError
from folkmoot.screen import console, emit
from folkmoot.visible import visible

FILES = ("panel.yaml", "pool.yaml")


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where to put the two files.", metavar="DIR")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there.")
    ] = False,
) -> None:
    """Write a panel and a pool file to start from.

    Files that exist are left alone.
    """
    there = [str(folder / name) for name in FILES if (folder / name).exists()]
    if there and not force:
        raise InputError(
            f"already there: {', '.join(there)}", "--force writes over them; or name another folder"
        )
    starter = resources.files("folkmoot") / "starter"
    texts = {name: (starter / name).read_text(encoding="utf-8") for name in FILES}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError(f"cannot write in {str(folder)!r}: {fault.strerror or fault}") from fault
    panel = visible(str(folder / FILES[0]))
    lines = [f"wrote {visible(str(folder / name))}" for name in FILES]
    lines += [
        "",
        "Edit them, then:",
        f'  folkmoot ask "…?" --panel {panel} --option yes --option no',
    ]
    emit(console(sys.stdout), [Text(line) for line in lines])
