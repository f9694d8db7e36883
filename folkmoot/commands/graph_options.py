"""What the commands of `folkmoot graph` share: which protocol, for whom, on what kind of question."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from folkmoot.agents import Agent, Panel
from folkmoot.commands.ask import parameters
from folkmoot.graphs.files import Given, protocol_of
from folkmoot.records import InputError

Named = Annotated[
    str, typer.Argument(help="A protocol's name, or its file (.yaml).", metavar="NAME|FILE")
]
Params = Annotated[
    list[str] | None, typer.Option(help="A parameter of the protocol.", metavar="KEY=VALUE")
]
PanelFile = Annotated[
    Path | None, typer.Option(help="The panel file: who deliberates.", metavar="FILE")
]
Seats = Annotated[
    int | None,
    typer.Option(
        help="In place of a panel: so many seats, seat-1 and on. 3 by default.",
        min=1,
        max=100,
        metavar="N",
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        help="An answer to choose from; once for each. Without it the question is open.",
        metavar="TEXT",
    ),
]
PoolFile = Annotated[
    Path | None,
    typer.Option(help="A pool file: its tokenizers count the tokens.", metavar="FILE"),
]

SEATS = 3


class Asked(NamedTuple):
    """What a command line is about."""

    given: Given
    panel: Panel
    options: tuple[str, ...] | None


def asked(
    name: str,
    param: list[str] | None,
    panel: Path | None,
    seats: int | None,
    option: list[str] | None,
) -> Asked:
    """Read what a command line names.

    Raises:
        InputError: it cannot be used, or both a panel and a number of seats are given.
    """
    if panel is not None and seats is not None:
        raise InputError("--panel and --seats both say who deliberates", "give one of them")
    given = protocol_of(name, parameters(param or [], None))
    if panel is not None:
        people = Panel.from_yaml(panel)
    else:
        people = Panel([Agent(f"seat-{n}", model="model") for n in range(1, (seats or SEATS) + 1)])
    return Asked(given, people, tuple(option) if option else None)
