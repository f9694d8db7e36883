"""Takes a pool down: its supervisor first, then whatever that could not end."""

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from folkmoot.pool.up import running
from folkmoot.pool.up.processes import Process
from folkmoot.pool.up.running import Running
from folkmoot.pool.vllm.guard import GRACE_S
from folkmoot.records import PoolError

_SUPERVISOR_S = 30.0
"""Seconds that a supervisor may take to stop its servers before it is killed."""

_KILLED_S = 10.0


def take_down(path: Path) -> Running | None:
    """End the pool of a file: what was up, None where nothing was. Blocks until it is gone.

    Raises:
        PoolError: it belongs to another user, or does not end.
    """
    found = running.find(path)
    guards = list(running.left_behind(path))
    if found is not None:
        # Servers that are on their way up are no one's but their supervisor's children yet.
        guards += found.supervisor.children
        guards += [server.guard for server in found.servers if server.guard is not None]
        _end(found.supervisor)
    _await(guards)
    with running.claimed(path) as mine:
        if mine:
            running.remove(path)
    return found


def _end(supervisor: Process) -> None:
    try:
        supervisor.send(signal.SIGTERM)
        if supervisor.gone(_SUPERVISOR_S):
            return
        supervisor.send(signal.SIGKILL)
    except PermissionError:
        raise PoolError(
            f"the pool is kept by process {supervisor.pid} of another user",
            "take it down as that user",
        ) from None
    if not supervisor.gone(_KILLED_S):
        raise PoolError(f"process {supervisor.pid}, which keeps the pool, does not end")


def _await(guards: Iterable[Process]) -> None:
    """Wait for guards whose supervisor has ended: each ends its server, and then itself."""
    for guard in guards:
        if guard.gone(GRACE_S + 5.0):
            continue
        for server in guard.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
        if not guard.gone(_KILLED_S):
            raise PoolError(f"process {guard.pid}, which guards a server, does not end")
