"""`folkmoot pool up`: start the servers of a pool and keep them."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from folkmoot.commands.pool_detached import detached
from folkmoot.commands.pool_options import POOL_FILE, PoolPath
from folkmoot.commands.pool_showing import Said, show_already, show_running, tell
from folkmoot.pool import Engine
from folkmoot.pool.config import Settings, read_pool
from folkmoot.pool.up.running import claimed, find, holder, left_behind, unreadable
from folkmoot.pool.up.supervisor import Kept, Supervisor, servers_of
from folkmoot.records import PoolError
from folkmoot.stopping import Stopped, until_stopped

_LOOK_S = 0.2
_GUARDS_S = 15.0
"""Seconds that servers of a supervisor that was killed may take to end."""


def up(
    pool: PoolPath = POOL_FILE,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once all is ready; it goes on by itself.")
    ] = False,
    machine: Annotated[
        str | None,
        typer.Option(help="Only what is placed on this machine of the file.", metavar="NAME"),
    ] = None,
) -> int:
    """Start the servers of a pool, and keep them until it is taken down.

    Every process that names the pool file uses them. Detached, exit code 1 if they did not start.
    """
    settings = read_pool(pool)
    servers = [server for engine in settings.engines for server in servers_of(engine)]
    if machine is not None:
        servers = _of_machine(machine, settings, servers)
    if detach and servers:
        return detached(pool, machine)
    _say_what_needs_no_start(settings.engines)
    return _attended(pool, servers, machine) if servers else 0


def _of_machine(machine: str, settings: Settings, servers: Sequence[Kept]) -> list[Kept]:
    names = {placed.name for placed in settings.placed if placed.machine == machine}
    if not names:
        known = ", ".join(dict.fromkeys(placed.machine for placed in settings.placed))
        raise PoolError(
            f"nothing is placed on a machine {machine!r}",
            f"something is placed on: {known or 'none'}; folkmoot pool plan says what goes where",
        )
    found = [server for server in servers if server.name in names]
    if not found:
        raise PoolError(
            f"machine {machine!r} is not this one: its address is none of this machine's",
            "bring its servers up there, with the same pool file",
        )
    return found


def _attended(pool: Path, servers: Sequence[Kept], machine: str | None) -> int:
    """Keep the pool in this process, unless another one does."""
    waits = False
    while True:
        with claimed(pool) as mine:
            if mine:
                return _kept(pool, servers, machine)
        found = find(pool)
        if found is not None and found.phase == "ready":
            return show_already(found, machine)
        keeper = holder(pool) if found is None else None
        if keeper is not None:
            raise unreadable(pool, keeper)
        if found is not None and not waits:
            waits = True
            tell(f"process {found.supervisor.pid} has it in hand: {found.phase}")
        time.sleep(_LOOK_S)


def _kept(pool: Path, servers: Sequence[Kept], machine: str | None) -> int:
    for guard in left_behind(pool):
        if not guard.gone(_GUARDS_S):
            raise PoolError(f"a server of before is still there, guarded by process {guard.pid}")
    supervisor = Supervisor(pool, servers, tell, machine)
    up_once = False

    async def work() -> None:
        nonlocal up_once
        try:
            await supervisor.start(Said())
            up_once = True
            show_running(supervisor.state, "up; Ctrl-C or SIGTERM stops it")
            await supervisor.keep()
        finally:
            await supervisor.stop()

    try:
        until_stopped(work())
    except Stopped as stopped:
        tell("stopped; nothing is left running")
        return 0 if up_once else stopped.exit_code
    return 0


def _say_what_needs_no_start(engines: Iterable[Engine]) -> None:
    for engine in engines:
        if not any(servers_of(engine)):
            kind = engine.describe()["kind"]
            elsewhere = kind in ("vllm", "replicas")
            reason = "runs already, elsewhere" if elsewhere else "runs in each process"
            tell(f"{engine.name}: nothing to start, it {reason}")
