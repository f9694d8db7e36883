"""`folkmoot contribution`: a model that somebody brings, from the empty folder to the steward's door."""

import sys
from importlib import resources
from json import dumps
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.agents import intake
from folkmoot.agents.contribution_file import FILE, read_contribution
from folkmoot.agents.intake import Limits
from folkmoot.commands.contribution_probe import probed
from folkmoot.commands.contribution_report import report
from folkmoot.commands.contribution_train import train
from folkmoot.commands.options import Json
from folkmoot.commands.roster import admit
from folkmoot.pinning import pin
from folkmoot.pool.models.resolve import ALIASES
from folkmoot.records import InputError
from folkmoot.screen import console, emit
from folkmoot.visible import visible

Folder = Annotated[
    Path, typer.Argument(help="The contribution's folder.", metavar="DIR", show_default=False)
]
Rank = Annotated[
    int,
    typer.Option(help="The largest rank of an adapter that the pool takes.", min=1, metavar="N"),
]
Bases = Annotated[
    list[str] | None,
    typer.Option("--base", help="A base that the pool serves; once for each.", metavar="NAME"),
]

STARTER = (FILE, "lessons.jsonl")


def contribution_commands() -> typer.Typer:
    """The commands under `folkmoot contribution`."""
    app = typer.Typer(
        help="A model that you bring: start a folder, train an adapter, check it, ask it.",
        rich_markup_mode=None,
    )
    for command in (init, train, check):
        app.command()(command)
    app.command("probe")(probed)
    app.command("pin")(pinned)
    app.command()(admit)
    return app


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder, or an empty one.", metavar="DIR")],
) -> None:
    """Start a contribution: a folder with a file to fill in and lessons to replace."""
    there = [name for name in STARTER if (folder / name).exists()]
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file", "name a folder")
    if there:
        raise InputError(
            f"already there: {', '.join(str(folder / name) for name in there)}",
            "name another folder: nothing is written over",
        )
    starter = resources.files("folkmoot") / "starter"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in STARTER:
            text = (starter / name).read_text(encoding="utf-8")
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError(f"cannot write in {str(folder)!r}: {fault.strerror or fault}") from fault
    where = visible(str(folder))
    lines = [
        *(f"wrote {visible(str(folder / name))}" for name in STARTER),
        "",
        "Fill them in, then:",
        f"  folkmoot contribution train {where}",
        f"  folkmoot contribution check {where}",
    ]
    emit(console(sys.stdout), [Text(line) for line in lines])


def check(folder: Folder, rank: Rank = 16, base: Bases = None, json: Json = False) -> None:
    """Check what can be read of a contribution: no model is asked. Exit code 1 where a check fails."""
    offered = read_contribution(folder)
    limits = Limits(rank=rank, bases=tuple(base) if base else None, aliases=ALIASES)
    found = intake.examine(offered, limits=limits)
    if json:
        said = [each.plain() for each in found]
        sys.stdout.write(dumps({"name": offered.file.name, "findings": said}) + "\n")
    else:
        emit(console(sys.stdout), report(found))
    if any(each.verdict == "failed" for each in found):
        raise typer.Exit(1)


def pinned(folder: Folder) -> None:
    """Write the digests of what the contribution is made of into its file."""
    offered = read_contribution(folder)
    digests = intake.digests_of(offered)
    pin(folder / FILE, digests)
    lines = [f"{name}: {value}" for name, value in digests.plain().items()]
    emit(console(sys.stdout), map(Text, lines or ["nothing to pin: it brings no file of its own"]))
