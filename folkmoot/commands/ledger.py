"""`folkmoot ledger`: what a run cost, and whose each part of it is."""

import sys
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.ledger_table import ABSENT
from folkmoot.records import read_journal
from folkmoot.records.accounts import Account, CallAccount, accounts
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import shortened

_TOKENS = {
    "calls": "calls",
    "again": "retries",
    "prompt": "prompt",
    "computed": "computed",
    "split": "split",
    "out": "completion",
    "engine s": "engine_s",
}
_TIMES = {
    "calls": "calls",
    "wait s": "waited_s",
    "queue s": "queued_s",
    "prefill s": "prefill_s",
    "decode s": "decode_s",
}
"""Column → field."""


def ledger(
    record: Record,
    calls: Annotated[bool, typer.Option("--calls", help="A line for every call too.")] = False,
    times: Annotated[
        bool, typer.Option("--times", help="Seconds of waiting and work in place of tokens.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what a run cost: by seat, contributor, engine and purpose.

    Tokens of prompts are shared in two ways. `computed`: who read a prefix first pays for it.
    `split`: all who read it pay in equal parts. `engine s`: the engine's seconds, by tokens.
    """
    found = accounts(read_journal(record))
    if json:
        shown = found.plain()
        if not calls:
            del shown["calls"]
        print_json(shown)
        return
    groups = {
        "seat": found.seats,
        "contributor": found.contributors,
        "engine": found.engines,
        "purpose": found.purposes,
    }
    columns = _TIMES if times else _TOKENS
    tables = [_table(name, group.items(), columns) for name, group in groups.items()]
    tables.append(_table("total", [("", found.total)], columns))
    if calls:
        tables.append(_table("call", [(_call(each), each) for each in found.calls], columns))
    emit(console(sys.stdout), tables)


def _call(call: CallAccount) -> str:
    return f"{call.call} {call.seat} {call.purpose}"


def _measured(rows: Iterable[tuple[str, Account]], field: str) -> bool:
    return any(getattr(line, field) is not None for _, line in rows)


def _table(name: str, lines: Iterable[tuple[str, Account]], columns: Mapping[str, str]) -> Table:
    rows = list(lines)
    told = {title: field for title, field in columns.items() if _measured(rows, field)}
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(min_width=12, no_wrap=True)
    for title in told:
        table.add_column(justify="right", no_wrap=True, min_width=len(title))
    table.add_row(*(Text(title, "dim") for title in (name, *told)))
    for label, line in rows:
        table.add_row(Text(shortened(label, 24)), *(_figure(line, each) for each in told.values()))
    return table


def _figure(line: Account, field: str) -> str:
    figure = getattr(line, field)
    if figure is None:
        return ABSENT
    if isinstance(figure, float):
        return f"{figure:,.1f}" if field.endswith("_s") else f"{figure:,.0f}"
    return f"{figure:,}"
