"""`folkmoot import`: a transcript of something else becomes a record."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from folkmoot.commands.ask import logged
from folkmoot.commands.options import Json, LogParams, OfValues, Options, PoolFile
from folkmoot.graphs.imported import NAME, import_dialogue, importable
from folkmoot.pool import Pool
from folkmoot.protocols import log_of
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.contest import Contest
from folkmoot.records import InputError, Outcome
from folkmoot.records.imports import FORMS, Dialogue, read_dialogues
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import until_stopped
from folkmoot.visible import visible

File = Annotated[
    Path,
    typer.Argument(
        help="A log of Inspect, or a plain transcript: JSONL, JSON or CSV.", metavar="FILE"
    ),
]
To = Annotated[
    Path | None,
    typer.Option(help="Where the folder of each record is made. Needed.", metavar="DIR"),
]
FormName = Annotated[
    str | None,
    typer.Option(
        "--form", help=f"{' or '.join(FORMS)}; without it as the file looks.", metavar="FORM"
    ),
]
Question = Annotated[
    str | None,
    typer.Option(help="What it is about; without it as the file says.", metavar="TEXT"),
]


def import_record(
    file: File,
    to: To = None,
    form: FormName = None,
    question: Question = None,
    option: Options = None,
    of_values: OfValues = False,
    log: LogParams = None,
    pool: PoolFile = None,
    json: Json = False,
) -> None:
    """Make a record of a transcript that something else wrote, marked as imported.

    It can be shown, verified, exported and scanned like any other, and has a conflict log. No decision and no
    answer is made up. Each dialogue of the file becomes one record.
    """
    if to is None:
        raise InputError(
            "--to DIR is missing", f"for example: folkmoot import {file.name} --to runs"
        )
    found = read_dialogues(file, form)
    how = log_of(logged(Composed(name=NAME, parts=(Contest(),)), log or []))
    options = tuple(option) if option else None
    importable(found, to, question=question, options=options, log=how)
    answering = None
    if how.clerk or how.llm or how.embed:
        answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded()
    made: list[dict[str, Any]] = []

    async def work() -> None:
        for each in found:
            outcome = await import_dialogue(
                each,
                to,
                question=question,
                options=options,
                of_values=of_values,
                log=how,
                pool=answering,
            )
            made.append(_plain(each, outcome))
            if not json:
                emit(console(sys.stdout), [_line(made[-1])])

    until_stopped(work(), pool=pool)
    passed: Counter[str] = Counter()
    for each in found:
        passed.update(each.passed_over)
    if json:
        print_json({"form": found[0].origin.form, "records": made, "passed_over": dict(passed)})
        return
    left = " · ".join(f"{visible(what)} {count}" for what, count in passed.items())
    emit(console(sys.stdout), [Text(f"not taken over: {left}", "dim")] if left else [])


def _plain(dialogue: Dialogue, outcome: Outcome) -> dict[str, Any]:
    return {
        "record": str(outcome.record),
        "messages": len(dialogue.said),
        "speakers": list(dialogue.speakers),
        "conflicts": len(outcome.conflicts),
    }


def _line(made: dict[str, Any]) -> Text:
    counts = (
        f"{made['messages']} messages of {len(made['speakers'])} speakers, "
        f"{made['conflicts']} conflicts"
    )
    return Text.assemble(("imported", "bold"), f"  {visible(made['record'])}  {counts}")
