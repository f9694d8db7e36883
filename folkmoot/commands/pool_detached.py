"""`folkmoot pool up --detach`: a process of its own session keeps the pool."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from folkmoot.commands.pool_showing import show_already, show_running, tell
from folkmoot.pool.models.resolve import home
from folkmoot.pool.up.running import find
from folkmoot.records import PoolError
from folkmoot.stopping import Stopped, until_stopped

PROGRAM = (sys.executable, "-P", "-m", "folkmoot")
"""What a detached pool is run by."""

_LOOK_S = 0.2


def detached(pool: Path, machine: str | None) -> int:
    """Have a process keep the pool, and return when it is ready or has failed.

    Returns:
        The exit code: 1 if it failed; then nothing is left running, and its log is named.

    Raises:
        PoolError: its log cannot be written, or the pool is up already with another content.
    """
    found = find(pool)
    if found is not None and found.phase == "ready":
        return show_already(found, machine)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    log = home() / "logs" / f"pool-{stamp}-{os.getpid()}.log"
    child = _started(pool, machine, log)
    try:
        until_stopped(_awaited(child, pool, log))
    except BaseException as fault:
        child.terminate()
        child.wait()
        if isinstance(fault, Stopped):
            tell("stopped; nothing is left running")
            return fault.exit_code
        raise
    found = find(pool)
    if found is None or found.phase != "ready":
        tell(f"the pool did not come up; its log is {log}")
        return 1
    mine = found.supervisor.pid == child.pid
    show_running(found, f"{'up' if mine else 'up already'}, kept by process {found.supervisor.pid}")
    if mine:
        tell(f"its log is {log}; folkmoot pool down {pool} stops it")
    return 0


def _started(pool: Path, machine: str | None, log: Path) -> "subprocess.Popen[bytes]":
    more = [] if machine is None else [f"--machine={machine}"]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            return subprocess.Popen(
                [*PROGRAM, "pool", "up", *more, "--", str(pool)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise PoolError(
            f"cannot write {str(log)!r}: {error.strerror}",
            "set FOLKMOOT_HOME to a folder that can be written",
        ) from error


async def _awaited(child: "subprocess.Popen[bytes]", pool: Path, log: Path) -> None:
    """Return when the pool is ready or the child has ended; what it says is passed on."""
    with log.open(encoding="utf-8", errors="replace") as said:
        while True:
            ended = child.poll() is not None
            found = find(pool)
            for line in said.read().splitlines():
                tell(line)
            if ended or (found is not None and found.phase == "ready"):
                return
            await asyncio.sleep(_LOOK_S)
