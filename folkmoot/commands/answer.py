"""`folkmoot answer`: what a person says, put into a record that waits for it."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.graphs import human
from folkmoot.graphs.human import Said, request, waiting
from folkmoot.records import read_journal
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def answer(
    record: Record,
    call: Annotated[
        str | None,
        typer.Option(help="The call that is answered. Without it, what waits is listed."),
    ] = None,
    choose: Annotated[
        str | None, typer.Option(help="An option, by its words or its letter.", metavar="OPTION")
    ] = None,
    text: Annotated[str, typer.Option(help="In your own words.", metavar="TEXT")] = "",
    confidence: Annotated[
        float | None,
        typer.Option(help="How sure you are of the option, up to 1.", metavar="NUMBER"),
    ] = None,
    abstain: Annotated[bool, typer.Option("--abstain", help="Choose none.")] = False,
    cite: Annotated[
        list[str] | None,
        typer.Option(help="A message that moved you; once for each.", metavar="ID"),
    ] = None,
    json: Json = False,
) -> None:
    """Answer for a person whom a run waits for.

    Nothing else is asked: `folkmoot resume` goes on.
    """
    if call is not None:
        human.answer(record, call, Said(choose, text, confidence, abstain, tuple(cite or ())))
    view = read_journal(record)
    left = waiting(view)
    if json:
        print_json([request(each, view.opening.run_id) for each in left])
        return
    folder = visible(str(record))
    lines = [f"{visible(each.seat)} is asked {each.id} ({each.purpose})" for each in left]
    if not left:
        lines = [f"nobody is waited for; go on with: folkmoot resume {folder}"]
    emit(console(sys.stdout), map(Text, lines))
