"""`folkmoot show`: the report of a record, or how opinions moved in it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Gate, Json, Record
from folkmoot.commands.showing import show_outcome
from folkmoot.dynamics_table import dynamics_table
from folkmoot.graphs.human import waiting
from folkmoot.probation import shadow_lines, shadows_on_record
from folkmoot.records import dynamics, load, read_journal
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def show(
    record: Record,
    messages: Annotated[
        bool, typer.Option("--messages", help="Every message in full, after the report.")
    ] = False,
    moved: Annotated[
        bool, typer.Option("--dynamics", help="How opinions moved, in place of the report.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(help="With --dynamics: the answer that is known to be right.", metavar="TEXT"),
    ] = None,
    gate: Gate = False,
    json: Json = False,
) -> int:
    """Show how a run ended, or how opinions moved in it.

    The answer, every conflict, who dissents, what it cost. The record is not changed.
    """
    if moved or key is not None:
        found = dynamics(load(record).transcript, key)
        if json:
            print_json(found.plain())
        else:
            emit(console(sys.stdout), dynamics_table(found))
        return 0
    outcome = load(record)
    shadows = shadows_on_record(outcome)
    code = show_outcome(
        outcome,
        json=json,
        headed=True,
        messages=messages,
        whole=True,
        gate=gate,
        shadows=shadows,
    )
    if not json:
        emit(console(sys.stdout), [*shadow_lines(shadows), *waiting_for(record)])
    return code


def waiting_for(record: Path) -> list[Text]:
    """Whom a run waits for, a line for each question; nothing where it waits for nobody."""
    calls = waiting(read_journal(record))
    lines = [
        Text.assemble(
            ("waiting for: ", "bold"), f"{visible(call.seat)}, {call.purpose} ({call.id})"
        )
        for call in calls
    ]
    if calls:
        lines.append(Text(f"  folkmoot answer {visible(str(record))} --call {calls[0].id} …"))
    return lines
