"""`folkmoot participation`: a panel of contributions against its members and against one model in their place."""

import sys
from json import dumps
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json, PoolFile
from folkmoot.eval.participation.asking import ask
from folkmoot.eval.participation.experiment import Result, evaluate
from folkmoot.eval.participation.plan import Study, read_study
from folkmoot.eval.participation.report import report, shown
from folkmoot.eval.participation.sealed import Sealed
from folkmoot.graphs import Event, Finished
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.placed import Source
from folkmoot.records import InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import Stopped, until_stopped
from folkmoot.visible import visible

Plan = Annotated[
    Path, typer.Argument(help="The plan of the study.", metavar="PLAN", show_default=False)
]
To = Annotated[
    Path, typer.Option("--to", help="Folder for records, result and page.", metavar="DIR")
]
AtOnce = Annotated[
    int, typer.Option(help="Models that are asked side by side.", min=1, metavar="N")
]


class _StoppedStudy(Stopped):
    """Stopped between questions."""

    def lines(self) -> tuple[str, str]:
        """What happened, and what to do."""
        return "stopped; every reply so far is on record", "the same command goes on from there"


def participation(
    plan: Plan,
    to: To,
    at_once: AtOnce = 64,
    pool: PoolFile = None,
    json: Json = False,
) -> None:
    """Ask every member and every control every item, blind, and count what panels of them come to.

    Writes result.json and report.md beside the records. Asked again with the same folder, it asks only
    what is not on record there.
    """
    study = read_study(plan)
    given = Pool.from_yaml(pool) if pool is not None else Pool([Embedded(_models(study))])
    try:
        answers = until_stopped(_asked(study, given, to, at_once), pool=pool)
    except Stopped as stop:
        raise _StoppedStudy(stop.number, None, pool) from None
    result = evaluate(study, answers)
    line = ["folkmoot", "participation", str(plan), "--to", str(to)]
    line += [] if pool is None else ["--pool", str(pool)]
    try:
        (to / "result.json").write_text(dumps(result.plain(), indent=1) + "\n", encoding="utf-8")
        (to / "report.md").write_text(report(result, " ".join(line)), encoding="utf-8")
    except OSError as fault:
        raise InputError(f"cannot write in {str(to)!r}: {fault.strerror or fault}") from fault
    if json:
        print_json(result.plain())
    else:
        emit(
            console(sys.stdout), [_table(result), Text(visible(f"the page is {to / 'report.md'}"))]
        )


async def _asked(study: Study, pool: Pool, to: Path, at_once: int) -> Sealed:
    err = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("items", total=len(study.items) * len(study.panels()))

        def heard(event: Event) -> None:
            if isinstance(event, Finished):
                bar.advance(task)

        return await ask(study, pool, to, at_once=at_once, watch=heard)


def _models(study: Study) -> dict[str, Source]:
    return {
        each.file.name: Source(base=each.file.base, adapter=each.file.adapter).below(each.folder)
        for each in study.offered
    }


def _table(result: Result) -> Table:
    """Systems, then models alone, each with its accuracy."""
    table = Table.grid(padding=(0, 3, 0, 0))
    for made in result.systems:
        table.add_row(
            Text(visible(made.name)), Text(shown(made.accuracy)), Text(visible(made.what))
        )
    table.add_row()
    for model in sorted(result.models, key=lambda each: -each.accuracy.value):
        words = (visible(model.name), shown(model.accuracy), model.role or "")
        table.add_row(*map(Text, words))
    return table
