"""Clients of a pool that is up, in the place of the servers that its file would have started."""

from pathlib import Path

from folkmoot.pool.config import Settings
from folkmoot.pool.engine import Engine
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.turns import InTurn
from folkmoot.pool.up.attached import Attached, AttachedInTurn
from folkmoot.pool.up.running import Running, find, holder, unreadable
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import PoolError


def attach(settings: Settings, path: str | Path) -> Settings:
    """The settings of a pool file, with clients for the servers that `folkmoot pool up` keeps.

    Unchanged where that pool is not up. Nothing is asked of a server yet.

    Raises:
        PoolError: it is on its way up or down, its file was changed since, or its state cannot be
            read.
    """
    found = find(path)
    if found is None:
        keeper = holder(path)
        if keeper is not None:
            raise unreadable(path, keeper)
        return settings
    if found.phase != "ready":
        raise PoolError(
            f"the pool of {str(path)!r} is {found.phase}",
            f"`folkmoot pool status {path}` says when it is ready, or gone",
        )
    found.check_unchanged()
    engines = (_attached(engine, found) for engine in settings.engines)
    return settings._replace(engines=tuple(engines))


def _attached(engine: Engine, found: Running) -> Engine:
    if isinstance(engine, Replicas):
        return Replicas(engine.name, [_attached(each, found) for each in engine.engines])
    if not isinstance(engine, VllmServer | InTurn):
        return engine
    server = found.server(engine.name)
    if server is None:
        return engine
    if server.turns and found.door is not None:
        return AttachedInTurn(found.path, server, found.door)
    return Attached(found.path, server)
