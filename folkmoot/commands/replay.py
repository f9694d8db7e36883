"""`folkmoot replay`: a record built again and compared; on demand, its models asked again."""

import asyncio
import json as json_text
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from folkmoot.commands.options import Json, PoolFile, Quiet, Record
from folkmoot.commands.verify import OwnCode
from folkmoot.eval.reask import ModelNow, Reasked, reask
from folkmoot.graphs.replay import replay as built_again
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.records import InputError, read_journal
from folkmoot.records.files import replace
from folkmoot.replay_table import models_lines, reasked_lines, replayed_lines
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import until_stopped
from folkmoot.visible import visible

Engine = Annotated[
    bool, typer.Option("--engine", help="Ask the models again, call by call, and compare.")
]
To = Annotated[
    Path | None,
    typer.Option("--to", help="Where the report is kept, as JSON.", metavar="DIR"),
]
Trunk = Annotated[
    Path | None,
    typer.Option(
        "--trunk", help="Of a branch: the record that it branches from.", metavar="RECORD"
    ),
]


def replay(
    record: Record,
    engine: Engine = False,
    pool: PoolFile = None,
    to: To = None,
    trunk: Trunk = None,
    own_code: OwnCode = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Build everything derived of a record again, and compare it byte by byte.

    With --engine its models are asked again, and it is said where replies part. The record is not
    changed. Exit code 1 where something that was built again differs.
    """
    if pool is not None and not engine:
        raise InputError("--pool is of no use without --engine", "add --engine, or leave it out")
    found = asyncio.run(built_again(record, own_code=own_code, trunk=trunk))
    if not json:
        emit(console(sys.stdout), replayed_lines(found))
    plain: dict[str, Any] = {"replay": {**found.plain(), "same": found.same}}
    if engine and found.head is not None:
        asked = _asked(record, pool, json, quiet)
        plain["engine"] = asked.plain()
        if not json:
            emit(console(sys.stdout), reasked_lines(asked))
    if to is not None:
        where = _kept(to, record, plain)
        emit(console(sys.stderr), [Text(f"Report  {visible(str(where))}")])
    if json:
        print_json(plain)
    return 0 if found.same else 1


def _asked(record: Path, pool: Path | None, json: bool, quiet: bool) -> Reasked:
    """Ask again, live."""
    target = console(sys.stderr if json else sys.stdout)
    answering = Pool.from_yaml(pool) if pool is not None else _embedded(record)
    shown = view(target, quiet)

    def on_models(models: Sequence[ModelNow]) -> None:
        if not quiet or any(each.weights != "same" for each in models):
            emit(target, models_lines(models))

    with shown:
        return until_stopped(reask(record, answering, watch=shown, on_models=on_models), pool=pool)


def _embedded(record: Path) -> Pool:
    """This process; each call computed alone where the record promises that the same would be said."""
    exact = read_journal(record).opening.replay == "exact"
    return Pool.embedded(max_batch=1, cache_mb=0) if exact else Pool.embedded()


def _kept(folder: Path, record: Path, plain: dict[str, Any]) -> Path:
    """Write the report, whole or not at all."""
    where = folder / f"{record.resolve().name}.replay.json"
    text = json_text.dumps(plain, indent=2, sort_keys=True) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace(where, text.encode())
    except OSError as fault:
        raise InputError(
            f"cannot write the report to {str(folder)!r}: {fault.strerror}", "name another folder"
        ) from fault
    return where
