"""Keeps a pool up: starts its servers, looks after them, and says what there is."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.engine import Engine, OnProgress
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.turns import InTurn
from folkmoot.pool.up import running
from folkmoot.pool.up.processes import Process
from folkmoot.pool.up.running import Phase, Running, Server, file_digest
from folkmoot.pool.up.shared_turns import Doorkeeper
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import EngineUnavailable, PoolError

_LOOK_S = 2.0
"""Seconds between two looks at a server."""

_HEALTH_S = 5.0
"""Seconds that a server may take to say that it is well."""

_UNWELL_S = 30.0
"""Seconds for which a server that runs may not say so before it is replaced: a busy one is slow."""

Tell = Callable[[str], None]


Kept = VllmServer | InTurn
"""A server that is kept: one that is always there, or one that takes turns with others."""


def servers_of(engine: Engine) -> Iterator[Kept]:
    """The vLLM servers that an engine starts: itself, or those that it holds."""
    if isinstance(engine, VllmServer | InTurn):
        yield engine
    elif isinstance(engine, Replicas):
        for inner in engine.engines:
            yield from servers_of(inner)


def chains(engines: Sequence[Kept]) -> list[list[Kept]]:
    """The servers in groups that have no GPU in common; without a GPU all are one group.

    Two that start at once on one GPU misjudge how much of its memory is free.
    """
    found: list[tuple[set[int], list[Kept]]] = []
    everything = {gpu for engine in engines for gpu in _process(engine).gpus} | {-1}
    for engine in engines:
        gpus, chain = set(_process(engine).gpus) or everything, [engine]
        apart: list[tuple[set[int], list[Kept]]] = []
        for theirs, before in found:
            if theirs & gpus:
                gpus, chain = theirs | gpus, [*before, *chain]
            else:
                apart.append((theirs, before))
        found = [*apart, (gpus, chain)]
    return [chain for _, chain in found]


class Supervisor:
    """One pool's servers.

    Whoever makes one holds the pool's lock (`running.claimed`).

    Args:
        path: the pool file.
        servers: what to start.
        tell: hears in a line what happens to a server once the pool is up.
        machine: whose servers alone these are; None for all that are to run here.
    """

    def __init__(
        self, path: Path, servers: Sequence[Kept], tell: Tell, machine: str | None = None
    ) -> None:
        self._engines = tuple(servers)
        self._tell = tell
        self._doorkeeper = Doorkeeper(
            {engine.name: engine for engine in servers if isinstance(engine, InTurn)}
        )
        mine = Process.of(os.getpid())
        assert mine is not None
        self.state = Running(
            path=str(path.resolve()),
            digest=file_digest(path),
            machine=machine,
            supervisor=mine,
            phase="starting",
            since=time.time(),
        )

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start every server; those that share a GPU one after another.

        Raises:
            PoolError: one cannot start, or the state cannot be kept.
        """
        running.write(self.state)
        try:
            async with asyncio.TaskGroup() as starts:
                for chain in chains(self._engines):
                    starts.create_task(self._start_in_turn(chain, on_progress))
        except ExceptionGroup as faults:  # the first ended the others: it is the one to tell
            raise faults.exceptions[0] from None
        if any(isinstance(engine, InTurn) for engine in self._engines):
            door = await self._doorkeeper.open()
            self.state = self.state.model_copy(update={"door": door})
        self._keep(phase="ready")

    async def _start_in_turn(self, chain: Sequence[Kept], on_progress: OnProgress | None) -> None:
        for engine in chain:
            await engine.start(on_progress)
            self._keep(_server(engine))

    async def keep(self) -> None:
        """Look after every server, for ever."""
        async with asyncio.TaskGroup() as watches:
            for engine in self._engines:
                watches.create_task(self._watch(engine))

    async def stop(self) -> None:
        """Stop every server and forget the state. Idempotent."""
        if self.state.phase != "stopping":
            self._note(phase="stopping")
        self._doorkeeper.close()
        await asyncio.gather(*(engine.close() for engine in self._engines))
        running.remove(self.state.path)

    async def _watch(self, engine: Kept) -> None:
        unwell_since: float | None = None
        while True:
            await asyncio.sleep(_LOOK_S)
            keeper = _process(engine).keeper
            if keeper is None:
                continue
            if isinstance(engine, InTurn) and self._turned(engine) != "ready":
                unwell_since = None
            elif keeper.ended or keeper.rising:
                await self._raised(engine)
            elif await _well(engine):
                unwell_since = None
            else:
                unwell_since = unwell_since or time.monotonic()
                if time.monotonic() - unwell_since > _UNWELL_S:
                    unwell_since = None
                    keeper.doubt()

    def _turned(self, engine: InTurn) -> Phase:
        """Note whether it is a server's turn."""
        before, now = self.state.server(engine.name), _server(engine)
        if before is not None and {before.phase, now.phase} == {"ready", "asleep"}:
            self._note(now)
        return now.phase

    async def _raised(self, engine: Kept) -> None:
        """Wait until a server that has ended is there again, and say so."""
        before = self.state.server(engine.name)
        keeper = _process(engine).keeper
        assert before is not None
        assert keeper is not None
        if before.phase == "ready":
            self._tell(f"{engine.name}: the server has ended; it is started again")
        self._note(before.model_copy(update={"phase": "starting"}))
        try:
            await keeper.standing()
        except EngineUnavailable as fault:
            dead = before.model_copy(
                update={"phase": "dead", "error": fault.message, "restarts": keeper.restarts}
            )
            self._note(dead)
            self._tell(f"{engine.name}: {fault.message}")
            return
        self._note(_server(engine))
        self._tell(f"{engine.name}: ready again")

    def _note(self, server: Server | None = None, **changes: Any) -> None:
        """As `_keep`, for what goes on if the state cannot be written."""
        try:
            self._keep(server, **changes)
        except PoolError as fault:
            self._tell(fault.message)

    def _keep(self, server: Server | None = None, phase: Phase | None = None) -> None:
        if server is not None:
            by_name = {each.name: each for each in self.state.servers} | {server.name: server}
            self.state = self.state.model_copy(update={"servers": tuple(by_name.values())})
        if phase is not None:
            self.state = self.state.model_copy(update={"phase": phase})
        running.write(self.state)


async def _well(engine: Kept) -> bool:
    try:
        async with asyncio.timeout(_HEALTH_S):
            return await _process(engine).healthy()
    except TimeoutError:
        return False


def _process(engine: Kept) -> VllmServer:
    if not isinstance(engine, InTurn):
        return engine
    assert isinstance(engine.server, VllmServer)
    return engine.server


def _server(engine: Kept) -> Server:
    """A server that is ready, or at rest until its turn."""
    server, described = _process(engine), engine.describe()
    keeper = server.keeper
    assert keeper is not None
    turns = isinstance(engine, InTurn)
    awake = not isinstance(engine, InTurn) or engine.line.awake
    return Server(
        name=engine.name,
        phase="ready" if awake else "asleep",
        url=described["url"],
        guard=None if keeper.pid is None else Process.of(keeper.pid),
        models={model: engine.reference(model) for model in engine.models},
        controls=server.controls,
        windows={model: engine.window(model) for model in engine.models},
        turns=turns,
        tokeniser=str(server.tokeniser) if turns and server.tokeniser else None,
        described=described,
        most=_most(keeper.line),
        log=str(keeper.log),
        ready_at=time.time() if awake else None,
        restarts=keeper.restarts,
    )


def _most(line: Sequence[str]) -> int | None:
    """Requests in one batch at most, as a server's command line says; the last one wins."""
    found: str | None = None
    for at, word in enumerate(line):
        if word == "--max-num-seqs" and at + 1 < len(line):
            found = line[at + 1]
        elif word.startswith("--max-num-seqs="):
            found = word.partition("=")[2]
    return int(found) if found is not None and found.isdecimal() else None
