"""`folkmoot pool plan`: what a pool file would run where, and why; what does not fit."""

import os
import shlex
import sys
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.commands.pool_options import POOL_FILE, PoolPath
from folkmoot.commands.pool_ray import ray_serve_file
from folkmoot.ledger_table import ABSENT
from folkmoot.pool.config import placement
from folkmoot.pool.placement.assembly import gpu_flags
from folkmoot.pool.placement.placed import Placed
from folkmoot.pool.placement.values import Placement
from folkmoot.pool.pool_file import Read, engine_names, read
from folkmoot.pool.vllm import sleep as vllm_sleep
from folkmoot.pool.vllm.child import command, environment
from folkmoot.pool.vllm.plan import preview
from folkmoot.records import InputError, PoolError
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import shortened, visible

_TITLES = ("engine", "where", "models", "weights", "KV tokens", "windows")


class _Start(NamedTuple):
    """How a server is started."""

    line: list[str]
    environment: dict[str, str]
    """What it gets beyond what is in the environment already."""


def plan(
    pool: PoolPath = POOL_FILE,
    json: Json = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show how each server would be started.")
    ] = False,
    ray_serve: Annotated[
        bool, typer.Option("--ray-serve", help="Print a file for Ray's `serve deploy` instead.")
    ] = False,
    adapters_at: Annotated[
        str | None,
        typer.Option(help="Where Ray finds the adapters: s3://bucket/folder.", metavar="URL"),
    ] = None,
) -> int:
    """Say what a pool would run where, and why.

    And what does not fit, and what to change. Nothing is started. Exit code 2 if something does not
    fit.
    """
    if ray_serve and json:
        raise InputError("--ray-serve prints YAML", "leave out --json, or --ray-serve")
    if adapters_at is not None and not ray_serve:
        raise InputError("--adapters-at is for Ray's file alone", "add --ray-serve")
    found = read(pool)
    places = placement(found)
    if ray_serve and not found.file.models:
        raise PoolError(
            f"{str(pool)!r} places nothing: Ray would have nothing to serve",
            "name what it is to serve under `models:`; `engines:` stay as they are written",
        )
    if ray_serve and not places.findings:
        print(ray_serve_file(places, adapters_at), end="")
        return 0
    starts = {each.name: _start(each) for each in places.placed} if json or verbose else {}
    if json:
        print_json(_plain(found, places, starts))
    else:
        emit(console(sys.stdout), _parts(found, places))
        for name, start in starts.items():
            print(f"\n# {visible(name)}\n{visible(_shell(start))}")  # one line, to be copied
    return 2 if places.findings else 0


def _start(placed: Placed) -> _Start:
    serving = preview(placed, (*gpu_flags(placed), *placed.flags))
    there = environment(serving.gpu, max(1, int(placed.kv_cache_gib)), placed.gpus)
    more = {name: value for name, value in there.items() if os.environ.get(name) != value}
    sleeps = serving.gpu and placed.turns is not None
    return _Start(
        [*command(serving), *([vllm_sleep.FLAG] if sleeps else [])],
        more | (vllm_sleep.ENV if sleeps else {}),
    )


def _plain(found: Read, places: Placement, starts: dict[str, _Start]) -> dict[str, object]:
    names = engine_names(found.file.engines)
    return {
        "fits": not places.findings,
        "engines": [
            {"name": name, "kind": entry.kind, "models": list(entry.models)}
            for name, entry in zip(names, found.file.engines, strict=True)
        ],
        "placed": [
            {
                **placed.plain(),
                **places.figures[placed.name].plain(),
                "command": starts[placed.name].line,
                "environment": starts[placed.name].environment,
            }
            for placed in places.placed
        ],
        "findings": [each.plain() for each in places.findings],
    }


def _parts(found: Read, places: Placement) -> Iterator[RenderableType]:
    yield _table(found, places)
    if places.placed:
        yield Text(
            "\nwindows: calls of a whole window of context that the cache holds at once", "dim"
        )
    for placed in places.placed:
        if placed.why:
            yield Text(f"\n{visible(placed.name)}", "bold")
        for why in placed.why:
            yield Padding(Text(visible(why)), (0, 0, 0, 2))
    for each in places.findings:
        yield Text(f"\ndoes not fit: {visible(each.what)}", "red")
        yield Padding(Text(f"→ {visible(each.todo)}", "dim"), (0, 0, 0, 2))


def _table(found: Read, places: Placement) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for title in _TITLES:
        justify = "left" if title in _TITLES[:2] else "right"
        table.add_column(justify=justify, no_wrap=True)
    table.add_row(*(Text(title, "dim") for title in _TITLES))
    entries = zip(engine_names(found.file.engines), found.file.engines, strict=True)
    for name, entry in entries:
        dashes = [ABSENT] * 3
        table.add_row(
            shortened(name, 20), f"as written: {entry.kind}", str(len(entry.models)), *dashes
        )
    for placed in places.placed:
        figures = places.figures[placed.name]
        table.add_row(
            Text(shortened(placed.name, 20)),
            Text(_where(placed)),
            str(len(placed.models)),
            f"{figures.weights_gib:.1f} GiB",
            f"{figures.kv_tokens:,}",
            f"{figures.concurrency:,.1f}",
        )
    return table


def _where(placed: Placed) -> str:
    machine = shortened(placed.machine, 14)
    if not placed.gpus:
        return f"{machine} CPU"
    share = "" if placed.share is None else f" {placed.share:.0%}"
    return f"{machine} GPU {','.join(map(str, placed.gpus))}{share}"


def _shell(start: _Start) -> str:
    """A line for a shell."""
    more = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items()]
    return " ".join([*more, shlex.join(start.line)])
