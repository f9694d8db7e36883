"""`folkmoot show`: the report of a record."""

from typing import Annotated

import typer

from folkmoot.commands.options import Json, Record
from folkmoot.commands.showing import show_outcome
from folkmoot.records import load


def show(
    record: Record,
    messages: Annotated[
        bool, typer.Option("--messages", help="Every message in full, after the report.")
    ] = False,
    json: Json = False,
) -> None:
    """Show how a run ended.

    The answer, every conflict, who dissents, what it cost. The record is not changed.
    """
    show_outcome(load(record), json=json, headed=True, messages=messages, whole=True)
