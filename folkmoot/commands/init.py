"""`folkmoot init`: a starter panel and pool to edit."""

import sys
from collections.abc import Mapping
from errno import EISDIR
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
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
    try:
        there = [str(folder / name) for name in FILES if (folder / name).exists()]
    except OSError as fault:
        raise InputError(f"cannot read {str(folder)!r}: {fault.strerror or fault}") from fault
    if there and not force:
        raise InputError(
            f"already there: {', '.join(there)}", "--force writes over them; or name another folder"
        )
    starter = resources.files("folkmoot") / "starter"
    texts = {name: (starter / name).read_text(encoding="utf-8") for name in FILES}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, texts)
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


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write all of the files or none, and never half of one over what was there."""
    blocked = [name for name in texts if (folder / name).is_dir()]
    if blocked:
        raise OSError(EISDIR, f"{blocked[0]} is a folder")
    with TemporaryDirectory(dir=folder, prefix=".folkmoot-init-") as part:
        for name, text in texts.items():
            (Path(part) / name).write_text(text, encoding="utf-8")
        for name in texts:
            (Path(part) / name).replace(folder / name)
