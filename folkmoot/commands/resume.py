"""`folkmoot resume`: go on with a run that was stopped, or that waits for a person."""

import sys
from contextlib import nullcontext, suppress
from pathlib import Path

from folkmoot.asking import asked
from folkmoot.commands.options import Gate, Json, PoolFile, Quiet, Record
from folkmoot.graphs import resume as resume_run
from folkmoot.graphs.human import answer, waiting
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.probation import on_probation, show_with_shadows
from folkmoot.records import InputError, Outcome, Waiting, read_journal
from folkmoot.screen import console
from folkmoot.stopping import until_stopped


def resume(
    record: Record,
    pool: PoolFile = None,
    gate: Gate = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Go on with a run where it was stopped.

    No reply on record is asked for again. On a terminal, people whom it waits for are asked.
    """
    answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded()
    shown = view(console(sys.stderr if json else sys.stdout), quiet)

    async def work() -> Outcome:
        return await resume_run(record, answering, watch=shown)

    while True:
        ask_people(record)
        with shown, suppress(Waiting) if someone_is_there() else nullcontext():
            outcome = until_stopped(work(), lambda: str(record), pool)
            break
        shown = view(console(sys.stderr if json else sys.stdout), quiet)
    asked_beside = on_probation(record)
    return show_with_shadows(
        outcome, *asked_beside, answering, pool, json=json, headed=quiet, gate=gate
    )


def ask_people(record: Path) -> None:
    """Ask whoever is at the terminal what a run waits for; nothing without a terminal."""
    if not someone_is_there():
        return
    standing = read_journal(record)
    for call in waiting(standing):
        try:
            said = asked(console(sys.stderr), call, standing.opening.run_id)
        except EOFError:
            raise InputError(
                f"nobody answered {call.id}", "what was answered is on record"
            ) from None
        answer(record, call.id, said)


def someone_is_there() -> bool:
    """Whether there is a terminal at which a person could answer."""
    return sys.stdin is not None and sys.stdin.isatty()
