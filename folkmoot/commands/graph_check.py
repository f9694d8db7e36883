"""`folkmoot graph check`: what is wrong with a protocol, before anything is spent on it."""

import asyncio
import sys
from pathlib import Path

import typer

from folkmoot.commands.graph_options import (
    Asked,
    Named,
    Options,
    PanelFile,
    Params,
    PoolFile,
    Seats,
    asked,
)
from folkmoot.commands.options import TokenBudget
from folkmoot.graphs.check import asked_models, check_replies, check_size
from folkmoot.graphs.check import check as check_run
from folkmoot.graphs.clones import notes
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.outline import estimated
from folkmoot.graphs.rehearsal import dry_opening, said
from folkmoot.graphs.soundness import unsound
from folkmoot.pool import Pool
from folkmoot.protocols.faults import Fault
from folkmoot.records import Budget, Opening
from folkmoot.visible import visible


def check(
    protocol: Named,
    param: Params = None,
    panel: PanelFile = None,
    seats: Seats = None,
    option: Options = None,
    pool: PoolFile = None,
    budget: TokenBudget = None,
) -> None:
    """Check a protocol: one line for each thing that is wrong, and exit code 2."""
    about = asked(protocol, param, panel, seats, option)
    opening = dry_opening(about.panel, about.options)
    found = [_line(about, fault) for fault in unsound(about.given.protocol, opening)]
    whole = check_run("What?", about.panel, about.given.protocol, about.options)
    found += [each for each in whole if not any(each in line for line in found)]
    if not found:
        found += _size(about, opening, pool, budget)
    for each in found:
        sys.stdout.write(visible(each) + "\n")
    if found:
        raise typer.Exit(2)
    for each in notes(about.given.protocol, opening) if panel is not None else ():
        sys.stdout.write(visible(f"note: {each}") + "\n")
    kind = "an open question" if about.options is None else f"{len(about.options)} options"
    name = about.given.protocol.name
    sys.stdout.write(visible(f"{name}: nothing found, {len(about.panel)} seats, {kind}") + "\n")


def _line(about: Asked, fault: Fault) -> str:
    if about.given.file is not None and fault.path and fault.path[0] in about.given.file.data:
        return about.given.file.said(fault.path, fault.what)
    return f"{said(fault.path)}: {fault.what}" if fault.path else fault.what


def _size(about: Asked, opening: Opening, pool: Path | None, budget: int | None) -> list[str]:
    worst = worst_case(about.given.protocol, opening)
    if pool is None:
        cost = estimated(worst)
        if budget is None or cost.tokens <= budget:
            return []
        return [f"up to {cost.tokens} tokens (an estimate), the budget is {budget}"]
    answering = Pool.from_yaml(pool)

    asked = asked_models(about.panel, about.given.protocol, opening.options)

    async def count() -> tuple[str, ...]:
        async with answering.held(asked):
            bounds = None if budget is None else Budget(tokens=budget)
            replies = check_replies(about.panel, answering)
            return replies or await check_size(worst, answering, bounds)

    return list(asyncio.run(count()))
