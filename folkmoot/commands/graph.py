"""`folkmoot graph`: look at a protocol, and check it."""

import typer

from folkmoot.commands.graph_check import check
from folkmoot.commands.graph_show import show


def graph_commands() -> typer.Typer:
    """The commands of `folkmoot graph`."""
    app = typer.Typer(help="Look at a protocol, and check it.", rich_markup_mode=None)
    for command in (show, check):
        app.command()(command)
    return app
