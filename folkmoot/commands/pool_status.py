"""`folkmoot pool status`: what the engines of a pool are doing."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.commands.pool_options import POOL_FILE, PoolPath
from folkmoot.ledger_table import ABSENT
from folkmoot.pool.config import read_pool
from folkmoot.pool.up.observing import Observer, State, Status
from folkmoot.pool.up.running import unreadable
from folkmoot.records import InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import Stopped, until_stopped
from folkmoot.visible import shortened, visible

_ROLLING_S = 1.0
"""Seconds between the two looks that a rate is the difference of."""

_COLOURS: dict[State, str] = {
    "ready": "green",
    "asleep": "cyan",
    "starting": "yellow",
    "in process": "dim",
}
_FIGURES = ("batch", "wait", "tok/s", "cached", "KV", "adapters", "errors", "up")
_ADAPTERS = 8
"""Names of adapters that are shown; the rest are counted."""


def status(
    pool: PoolPath = POOL_FILE,
    json: Json = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")
    ] = False,
) -> int:
    """Say what each engine of a pool is doing.

    Exit code 1 if any cannot answer, 2 if the file was changed since the pool was brought up.
    """
    if json and watch:
        raise InputError("--json prints once", "leave out --watch, or --json")
    observer = Observer(read_pool(pool), pool)
    last: tuple[Status, ...] = ()

    async def work() -> None:
        nonlocal last
        try:
            await observer.look()
            await asyncio.sleep(_ROLLING_S)
            last = await observer.look()
            if watch:
                await _watched(observer, pool)
        finally:
            await observer.close()

    try:
        until_stopped(work())
    except Stopped as stopped:
        return 0 if watch and last else stopped.exit_code
    if json:
        print_json(_plain(observer, pool, last))
    else:
        emit(console(sys.stdout), _parts(observer, pool, last))
    if observer.pool is not None and not observer.pool.unchanged:
        return 2
    return 0 if all(engine.well for engine in last) and observer.holder is None else 1


async def _watched(observer: Observer, pool: Path) -> None:
    target = console(sys.stdout)
    with Live(console=target, auto_refresh=False, redirect_stdout=False) as live:
        while True:
            parts = _parts(observer, pool, await observer.look())
            if target.is_terminal:
                live.update(Group(*parts), refresh=True)
            else:
                emit(target, [*parts, Text()])
            await asyncio.sleep(_ROLLING_S)


def _plain(observer: Observer, pool: Path, engines: tuple[Status, ...]) -> dict[str, object]:
    up = observer.pool
    kept: dict[str, object] = {"path": str(pool.resolve()), "up": up is not None}
    if observer.holder is not None:
        kept |= {"supervisor": observer.holder, "unreadable": True}
    if up is not None:
        kept |= {"supervisor": up.supervisor.pid, "phase": up.phase, "since": up.since}
        kept |= {"changed": not up.unchanged}
    well = all(engine.well for engine in engines)
    return {"pool": kept, "well": well, "engines": [engine.plain() for engine in engines]}


def _parts(observer: Observer, pool: Path, engines: tuple[Status, ...]) -> list[RenderableType]:
    """The table, what is wrong with an engine, and what to do where the pool is not up."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for figure in _FIGURES:
        table.add_column(justify="right", no_wrap=True, min_width=len(figure))
    table.add_row(*(Text(title, "dim") for title in ("engine", "state", *_FIGURES)))
    for engine in engines:
        state = Text(engine.state, _COLOURS.get(engine.state, "red"))
        table.add_row(Text(shortened(engine.name, 16)), state, *map(Text, _figures(engine)))
    notes = [Text(note) for engine in engines for note in _notes(engine)]
    return [table, *notes, *(Text(line, "bold") for line in _verdict(observer, pool))]


def _figures(engine: Status) -> tuple[str, ...]:
    most = ABSENT if engine.most is None else engine.most
    slots = ABSENT if engine.adapter_slots is None else engine.adapter_slots
    return (
        ABSENT if engine.running is None else f"{engine.running}/{most}",
        _shown(engine.waiting),
        ABSENT if engine.tokens_per_s is None else f"{engine.tokens_per_s:.0f}",
        _percent(engine.hit_rate),
        _percent(engine.kv_use),
        ABSENT if engine.adapters is None else f"{len(engine.adapters)}/{slots}",
        _shown(engine.failed),
        ABSENT if engine.uptime_s is None else _span(engine.uptime_s),
    )


def _notes(engine: Status) -> list[str]:
    name = visible(engine.name)
    notes = [f"{name}: {visible(said)}" for said in (engine.error, engine.note) if said]
    if engine.error and engine.log:
        notes.append(f"{name}: its log is {visible(engine.log)}")
    if engine.restarts:
        notes.append(f"{name}: started again {engine.restarts} time(s)")
    if engine.adapters:
        shown = ", ".join(visible(each) for each in engine.adapters[:_ADAPTERS])
        more = len(engine.adapters) - _ADAPTERS
        notes.append(f"{name}: in the batch: {shown}{f' and {more} more' if more > 0 else ''}")
    return notes


def _verdict(observer: Observer, pool: Path) -> list[str]:
    up, shown = observer.pool, visible(str(pool))
    if observer.holder is not None:
        return [unreadable(pool, observer.holder).message]
    if up is None:
        return [f"not up: folkmoot pool up {shown}"] if observer.startable else []
    if not up.unchanged:
        line = f"folkmoot pool down {shown}; folkmoot pool up {shown}"
        return [f"the file was changed since the pool was brought up: {line}"]
    return []


def _shown(figure: int | None) -> str:
    return ABSENT if figure is None else f"{figure:,}"


def _percent(share: float | None) -> str:
    return ABSENT if share is None else f"{share:.0%}"


def _span(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{int(seconds)} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
