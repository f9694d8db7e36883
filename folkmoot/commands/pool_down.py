"""`folkmoot pool down`: stop the servers of a pool."""

import sys

from rich.text import Text

from folkmoot.commands.pool_options import POOL_FILE, PoolPath
from folkmoot.pool.up.running import holder, unreadable
from folkmoot.pool.up.taking_down import take_down
from folkmoot.records import PoolError
from folkmoot.screen import console, emit
from folkmoot.visible import visible


def down(
    pool: PoolPath = POOL_FILE,
) -> int:
    """Stop the servers of a pool, and wait until they are gone.

    Exit code 1 if it is up and cannot be stopped from here.
    """
    was = take_down(pool)
    keeper = holder(pool) if was is None else None
    if keeper is not None:
        error = unreadable(pool, keeper)
        emit(console(sys.stdout), [Text(visible(error.message)), Text(visible(error.hint))])
        return 1
    if was is None and not pool.exists():
        # A pool can be taken down whose file is gone; a name that was mistyped is worth a word.
        raise PoolError(f"there is no pool file {str(pool)!r}", "and no pool of that file is up")
    shown = visible(str(pool))
    said = f"nothing was up for {shown}"
    if was is not None:
        names = ", ".join(visible(server.name) for server in was.servers)
        said = f"down: {names or 'it had not started a server yet'}"
    emit(console(sys.stdout), [Text(said)])
    return 0
