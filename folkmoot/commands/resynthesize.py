"""`folkmoot resynthesize`: another model writes the answer of a run, as a branch of its record."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, PoolFile, Quiet, Record
from folkmoot.commands.showing import show_outcome
from folkmoot.commands.verify import OwnCode
from folkmoot.graphs.branch import resynthesize as branched
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.protocols.write import WRITER
from folkmoot.records import InputError, Outcome
from folkmoot.screen import console, emit
from folkmoot.stopping import until_stopped

Writer = Annotated[
    str | None, typer.Option(help="The model that writes the answer. Needed.", metavar="MODEL")
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to", help="Where the branch's folder is made; beside the record.", metavar="DIR"
    ),
]


def resynthesize(
    record: Record,
    writer: Writer = None,
    to: To = None,
    pool: PoolFile = None,
    own_code: OwnCode = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Let another model write the answer of a run, from what stands in its record.

    One call is asked; all else is shared with the record, which is not changed. The branch is a
    record of its own, whose first line names the record and the line that it branches from.
    """
    if writer is None:
        raise InputError("who writes? --writer MODEL is missing", "for example --writer smollm2")
    answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded()
    shown = view(console(sys.stderr if json else sys.stdout), quiet)

    async def work() -> Outcome:
        return await branched(record, writer, answering, to=to, watch=shown, own_code=own_code)

    with shown:
        outcome = until_stopped(work(), lambda: shown.watch.record, pool)
    code = show_outcome(outcome, json=json, headed=quiet)
    answer = outcome.transcript.answer
    if answer is not None and answer.author != WRITER:
        said = next(
            (f"{a.state}, {a.error}" for a in outcome.absences if a.seat == WRITER), "empty"
        )
        emit(console(sys.stderr), [Text(f"The writer wrote nothing ({said}): composed by rule.")])
    return code
