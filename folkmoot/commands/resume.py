"""`folkmoot resume`: go on with a run that was stopped."""

import sys

from folkmoot.commands.options import Json, PoolFile, Quiet, Record
from folkmoot.commands.showing import show_outcome
from folkmoot.graphs import resume as resume_run
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.records import Outcome
from folkmoot.screen import console
from folkmoot.stopping import until_stopped


def resume(
    record: Record,
    pool: PoolFile = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a run where it was stopped.

    No reply on record is asked for again.
    """
    answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded()
    shown = view(console(sys.stderr if json else sys.stdout), quiet)

    async def work() -> Outcome:
        return await resume_run(record, answering, watch=shown)

    with shown:
        outcome = until_stopped(work(), lambda: str(record), pool)
    show_outcome(outcome, json=json, headed=quiet)
