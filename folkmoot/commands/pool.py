"""`folkmoot pool`: plan, bring up, watch and take down what answers."""

import typer

from folkmoot.commands.pool_down import down
from folkmoot.commands.pool_plan import plan
from folkmoot.commands.pool_status import status
from folkmoot.commands.pool_up import up


def pool_commands() -> typer.Typer:
    """The commands of `folkmoot pool`."""
    app = typer.Typer(
        help="Plan, bring up, watch and take down what answers.",
        rich_markup_mode=None,
    )
    for command in (plan, up, status, down):
        app.command()(command)
    return app
