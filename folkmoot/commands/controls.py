"""`folkmoot controls`: a protocol and its controls at equal tokens; without a question, what there is."""

import sys
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from folkmoot.commands.ask import parameters, read_panel
from folkmoot.commands.options import (
    Json,
    MaxTokens,
    OfValues,
    Options,
    PanelFile,
    Params,
    PoolFile,
    Protocol,
    RecordDir,
    Rounds,
    Seed,
)
from folkmoot.commands.showing import RECORD_DIR
from folkmoot.eval import CONTROLS, Arm, Counting, EqualTokens, equal_tokens
from folkmoot.graphs import Event, Finished, Question
from folkmoot.graphs.check import as_options
from folkmoot.graphs.files import protocol_of
from folkmoot.ledger_table import ABSENT
from folkmoot.pool import Pool
from folkmoot.records import InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import Stopped, until_stopped
from folkmoot.visible import shortened, visible

Questions = Annotated[
    list[str] | None,
    typer.Argument(help="Each in quotation marks. Without one, lists the controls."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--control", help="A control; once for each. Without it, all.", metavar="NAME"),
]
Target = Annotated[
    list[Path] | None,
    typer.Option(
        help="A record of the protocol, once for each question. Without it, the protocol is run.",
        metavar="RECORD",
    ),
]
OneAgent = Annotated[
    str | None,
    typer.Option(
        "--agent",
        help="Who answers where one agent does. Without it, the panel's first.",
        metavar="NAME",
    ),
]
Tolerance = Annotated[
    float, typer.Option(help="How far from 1 the ratio of tokens may be.", metavar="SHARE")
]
Count = Annotated[
    str, typer.Option(help="Which tokens: sent, computed or written.", metavar="WHICH")
]


class _StoppedControls(Stopped):
    """Stopped between runs of many: the same command goes on."""

    def lines(self) -> tuple[str, str]:
        """What happened, and what to do."""
        return "stopped; every reply so far is on record", "the same command goes on from there"


def controls(
    questions: Questions = None,
    panel: PanelFile = None,
    protocol: Protocol = "debate",
    option: Options = None,
    of_values: OfValues = False,
    rounds: Rounds = None,
    param: Params = None,
    control: Names = None,
    target: Target = None,
    agent: OneAgent = None,
    tolerance: Tolerance = 0.05,
    count: Count = "sent",
    seed: Seed = 0,
    max_tokens: MaxTokens = None,
    pool: PoolFile = None,
    record_dir: RecordDir = RECORD_DIR,
    json: Json = False,
) -> None:
    """Run a protocol on questions, and its controls at the same total of tokens.

    A control that is not at equal tokens is marked, with the reason.
    """
    if not questions:
        _list(json)
        return
    if count not in get_args(Counting):
        raise InputError(f"--count {count!r} is none of: {', '.join(get_args(Counting))}")
    work = equal_tokens(
        [Question(text, as_options(option or None), None, of_values) for text in questions],
        read_panel(panel, max_tokens),
        protocol_of(protocol, parameters(param or [], rounds)).protocol,
        Pool.from_yaml(pool) if pool is not None else Pool.embedded(),
        controls=control or None,
        target=target or None,
        agent=agent,
        tolerance=tolerance,
        count=cast(Counting, count),
        seed=seed,
        record_dir=record_dir,
        watch=_said if sys.stderr.isatty() else None,
    )
    try:
        found = until_stopped(work)
    except Stopped as stop:
        raise _StoppedControls(stop.number, None, pool) from None
    if json:
        print_json(found.plain())
        return
    emit(console(sys.stdout), _shown(found))


def _said(event: Event) -> None:
    """A line for each run that has ended: which arm, which question, which size."""
    if isinstance(event, Finished) and event.outcome.record is not None:
        arm, name = event.outcome.record.parts[-2:]
        sys.stderr.write(f"{visible(arm)}  {visible(name)}\n")


def _list(json: bool) -> None:
    if json:
        named = ("name", "what", "source", "size")
        every = [{field: getattr(each, field) for field in named} for each in CONTROLS.values()]
        print_json({"controls": every})
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for each in CONTROLS.values():
        table.add_row(Text(each.name, "bold"), Text(each.what))
        table.add_row(Text(), Text(f"varied: {each.size}; source: {each.source}", "dim"))
    emit(console(sys.stdout), [table])


def _shown(found: EqualTokens) -> list[Table | Text]:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14, no_wrap=True)
    for name in ("tokens", "ratio"):
        table.add_column(justify="right", no_wrap=True, min_width=len(name))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(*(Text(name, "dim") for name in ("arm", "tokens", "ratio", "size", "decided")))
    for arm in (found.protocol, *found.controls):
        table.add_row(
            Text(shortened(arm.name, 28)),
            ABSENT if arm.tokens is None else f"{arm.tokens:,}",
            Text(
                ABSENT if arm.ratio is None else f"{arm.ratio:.3f}", "" if arm.matched else "bold"
            ),
            _sizes(arm),
            Text(_decided(arm)),
        )
    lines = [
        Text(f"unmatched  {visible(arm.name)}: {visible(arm.why)}", "bold")
        for arm in found.unmatched
    ]
    within = Text(
        f"equal: within {100 * found.tolerance:g}% over the set, tokens {found.count}", "dim"
    )
    return [table, *lines, within, Text(f"Records   {visible(found.records)}")]


def _sizes(arm: Arm) -> str:
    sizes = [row.size for row in arm.rows if row.size is not None]
    if not sizes or arm.size is None:
        return ""
    unit = arm.size.partition(" ")[0]
    span = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
    return f"{span} {unit}" if unit != "%" else f"{span}%"


def _decided(arm: Arm) -> str:
    """What each question came to, in the order of the questions."""
    said = (row.winner if row.options is not None else row.status for row in arm.rows)
    return shortened(" · ".join(each or "none" for each in said), 60)
