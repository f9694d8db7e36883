"""What the engines of a pool are doing, as their servers tell, from any process of this machine."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from folkmoot.pool.config import Settings
from folkmoot.pool.engine import Engine
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.turns import InTurn
from folkmoot.pool.up.running import Running, Server, find, holder
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.metrics import Counters, Gauges, read_counters, read_gauges
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import EngineError, PoolError
from folkmoot.records.base import Frozen

_ANSWER_S = 5.0
"""Seconds that a server may take to tell its figures."""

State = Literal["ready", "asleep", "starting", "dead", "down", "in process"]
"""dead: it does not answer. down: the pool was not brought up. in process: a run loads it itself."""


class Status(Frozen):
    """One engine at one moment. What is not known is absent."""

    name: str
    state: State
    models: tuple[str, ...]
    url: str | None = None
    running: int | None = None
    """Requests in the batch."""
    most: int | None = None
    """Requests that one batch has room for."""
    waiting: int | None = None
    tokens_per_s: float | None = None
    """Generated, between the last two looks."""
    prompt_tokens_per_s: float | None = None
    """Prompt tokens that were computed, between the last two looks."""
    hit_rate: float | None = None
    """The share of prompt tokens that the prefix cache held, since the server started."""
    kv_use: float | None = None
    """The share of the memory for keys and values that is taken."""
    adapters: tuple[str, ...] | None = None
    """Adapters that requests in the batch use."""
    adapter_slots: int | None = None
    failed: int | None = None
    """Requests that ended with an error of the server's own, since it started."""
    restarts: int | None = None
    uptime_s: float | None = None
    """Seconds since it was last ready, or, of a server that others started, since it began."""
    error: str | None = None
    note: str | None = None
    """Why it does not say what it is doing, where it answers."""
    log: str | None = None

    @property
    def well(self) -> bool:
        """Whether it can answer, or will when it is asked."""
        return self.state in ("ready", "asleep", "in process")


class _Reading(NamedTuple):
    at: float
    counters: Counters


class Observer:
    """Looks at the engines of a pool file again and again.

    Args:
        settings: the pool file, read; none of its engines is started.
        path: the pool file.
    """

    def __init__(self, settings: Settings, path: Path) -> None:
        self._engines = tuple(each for engine in settings.engines for each in _leaves(engine))
        self._path = path
        self._clients: dict[str, VllmEngine] = {}
        self._before: dict[str, _Reading] = {}
        self.pool: Running | None = None
        self.holder: int | None = None
        """The process that keeps the pool, where nothing more can be known of it."""

    @property
    def startable(self) -> bool:
        """Whether there is anything that `folkmoot pool up` would start."""
        return any(isinstance(engine, VllmServer | InTurn) for engine in self._engines)

    async def look(self) -> tuple[Status, ...]:
        """Every engine as it is now, in the file's order."""
        self.pool = find(self._path)
        self.holder = None if self.pool else await asyncio.to_thread(holder, self._path)
        return tuple(await asyncio.gather(*(self._status(engine) for engine in self._engines)))

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        served = [engine for engine in self._engines if isinstance(engine, VllmEngine)]
        await asyncio.gather(*(each.close() for each in (*self._clients.values(), *served)))
        self._clients = {}

    async def _status(self, engine: Engine) -> Status:
        if isinstance(engine, VllmServer | InTurn):
            server = None if self.pool is None else self.pool.server(engine.name)
            if server is not None:
                return await self._of_server(server)
            starting = self.pool is not None and self.pool.phase == "starting"
            state = "starting" if starting else "down"
            return Status(name=engine.name, state=state, models=engine.models)
        if isinstance(engine, VllmEngine):
            url = str(engine.describe()["url"])
            return await self._measured(
                engine, Status(name=engine.name, state="dead", models=engine.models, url=url)
            )
        return Status(name=engine.name, state="in process", models=engine.models)

    async def _of_server(self, server: Server) -> Status:
        kept = Status(
            name=server.name,
            state=server.phase if server.phase in ("starting", "asleep") else "dead",
            models=tuple(server.models),
            url=server.url,
            most=server.most,
            restarts=server.restarts,
            error=server.error,
            log=server.log,
        )
        if server.phase == "asleep":
            return kept  # It may have no process at all, until its turn comes.
        client = self._clients.get(server.url)
        if client is None:
            names = {model: model for model in server.models}
            client = self._clients[server.url] = VllmEngine(server.name, server.url, names)
        status = await self._measured(client, kept)
        if not status.well or server.ready_at is None:
            return status
        uptime = round(max(time.time() - server.ready_at, 0.0), 1)
        return status.model_copy(update={"uptime_s": uptime, "error": None})

    async def _measured(self, client: VllmEngine, status: Status) -> Status:
        """The status with what the server says, or with why it does not."""
        try:
            async with asyncio.timeout(_ANSWER_S):
                counters, gauges, note = await _told(client)
        except (EngineError, PoolError) as fault:
            self._before.pop(status.name, None)
            return status.model_copy(update={"error": status.error or fault.message})
        except TimeoutError:
            said = f"no answer from {status.url} in {_ANSWER_S:g} s"
            return status.model_copy(update={"error": said})
        if counters is None or gauges is None:
            self._before.pop(status.name, None)
            return status.model_copy(update={"state": "ready", "note": note})
        now = _Reading(time.monotonic(), counters)
        before, self._before[status.name] = self._before.get(status.name), now
        return status.model_copy(update=_figures(gauges) | _rates(now, before))


async def _told(client: VllmEngine) -> tuple[Counters | None, Gauges | None, str | None]:
    """What a server counts and does; else, of one that answers, why it does not say.

    Raises:
        EngineError: it does not answer.
        PoolError: its key is not set.
    """
    try:
        text = await client.metrics()
        return read_counters(text), read_gauges(text), None
    except EngineError as fault:
        await client.see()
        return None, None, f"it answers, but does not say what it is doing: {fault.message}"


def _figures(gauges: Gauges) -> dict[str, object]:
    began = gauges.began
    return {
        "state": "asleep" if gauges.asleep else "ready",
        "running": gauges.running,
        "waiting": gauges.waiting,
        "hit_rate": None if gauges.hit_rate is None else round(gauges.hit_rate, 4),
        "kv_use": None if gauges.kv_use is None else round(gauges.kv_use, 4),
        "adapters": gauges.adapters,
        "adapter_slots": gauges.slots,
        "failed": gauges.failed,
        "uptime_s": None if began is None else round(max(time.time() - began, 0.0), 1),
    }


def _rates(now: _Reading, before: _Reading | None) -> dict[str, float]:
    """Tokens per second since the reading before; none where the server was started again since."""
    if before is None or now.at <= before.at or min(now.counters.since(before.counters)) < 0:
        return {}
    spent, seconds = now.counters.since(before.counters), now.at - before.at
    return {
        "tokens_per_s": round(spent.generation / seconds, 1),
        "prompt_tokens_per_s": round(spent.computed / seconds, 1),
    }


def _leaves(engine: Engine) -> Iterator[Engine]:
    """An engine itself, or the ones that it holds."""
    if not isinstance(engine, Replicas):
        yield engine
        return
    for each in engine.engines:
        yield from _leaves(each)
