"""Clients of the servers of a pool that is up."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.pool.meter import Meter
from folkmoot.pool.up.running import Door, Server, find
from folkmoot.pool.up.shared_turns import turn
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.own_tokens import OwnTokens
from folkmoot.records import (
    Call,
    EngineUnavailable,
    ModelRef,
    PoolError,
    Reply,
    Segment,
)

_LOOK_S = 0.5
_HEALTH_S = 5.0


class Attached(VllmEngine):
    """A client of one server of a pool that is up. Closing it never stops the server.

    While the server is being started again, calls wait for it, as they would in the process that
    keeps it. In a record it stands as a server that the pool started, with the digests of its models.

    Args:
        path: the pool file.
        server: the server, as its supervisor describes it.
    """

    def __init__(self, path: str, server: Server) -> None:
        super().__init__(
            server.name,
            server.url,
            {model: model for model in server.models},
            connections=int(server.described.get("connections", 64)),
            seeds=bool(server.described.get("seeds")),
            batch_invariant=server.described.get("batch_invariant"),
            controls=server.controls,
        )
        self._path = path
        self._server = server
        self._doubt = False
        self._looking = asyncio.Lock()

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Wait until the server answers; see `VllmEngine.start`."""
        try:
            await self._standing()
        except EngineUnavailable as fault:
            await self.close()
            raise PoolError(fault.message, fault.hint) from fault
        await super().start(on_progress)

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call; see `VllmEngine`. Waits for a server that is being started again."""
        if self._doubt:
            async with self._looking:
                if self._doubt:
                    await self._standing()
                    self._doubt = False
        try:
            return await super().answer(call, on_text)
        except EngineUnavailable:
            self._doubt = True
            raise

    def reference(self, model: str) -> ModelRef:
        """What pins the model: the files that the server was started from."""
        if model not in self._server.models:
            return super().reference(model)
        return self._server.models[model]

    def describe(self) -> dict[str, Any]:
        """For the record: as the process describes it that started the server."""
        described = self._server.described
        return {**described, **super().describe(), "kind": described.get("kind", "vllm-server")}

    async def _standing(self) -> None:
        """Return once the server says that it can answer.

        Raises:
            EngineUnavailable: the pool is no longer up, or could not start it again.
        """
        while not await self._well():
            found = find(self._path)
            server = found.server(self.name) if found is not None else None
            if server is None or server.url != self._server.url:
                raise EngineUnavailable(
                    f"engine {self.name!r} is gone: the pool of {self._path!r} was taken down",
                    f"folkmoot pool up {self._path}",
                )
            if server.phase == "dead":
                raise EngineUnavailable(server.error or f"engine {self.name!r} is dead")
            await asyncio.sleep(_LOOK_S)

    async def _well(self) -> bool:
        try:
            async with asyncio.timeout(_HEALTH_S):
                return await self.healthy()
        except TimeoutError:
            return False


class AttachedInTurn(Attached):
    """The same for a server that takes turns with others: each call waits for its turn.

    Args:
        path: the pool file.
        server: the server.
        door: where turns are granted.
    """

    def __init__(self, path: str, server: Server, door: Door) -> None:
        super().__init__(path, server)
        self._door = door
        self._met = False
        self._meeting = asyncio.Lock()
        self._meter = Meter()
        self._own_tokens = (
            OwnTokens(Path(server.tokeniser), server.controls) if server.tokeniser else None
        )

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Nothing that needs the server: its turn is waited for when a call comes."""

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call when the server's turn has come; see `Engine`."""
        async with turn(self._door, self.name) as waited_s:
            await self._meet()
            return await self._meter.in_turn(super().answer(call, on_text), waited_s)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt. The server is woken only if nobody else can tell."""
        if self._own_tokens is not None:
            try:
                return await asyncio.to_thread(self._own_tokens.of_chat, segments)
            except EngineUnavailable:
                self._own_tokens = None
        async with turn(self._door, self.name):
            await self._meet()
            return await super().count(model, segments)

    def describe(self) -> dict[str, Any]:
        """For the record; what only the server can tell is as its keeper was told, or absent."""
        said, known = super().describe(), self._server.described
        if not self._met:
            for name in ("version", "aborts"):
                said.pop(name)
                said |= {name: known[name]} if name in known else {}
        return said

    def window(self, model: str) -> int:
        """The context in tokens, prompt and completion together."""
        known = self._server.windows.get(model)
        return super().window(model) if known is None else known

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        self._met = False
        await super().close()

    async def _meet(self) -> None:
        """Ask the server once what it is, in its turn."""
        async with self._meeting:
            if not self._met:
                try:
                    await super().start()
                except PoolError as fault:
                    raise EngineUnavailable(fault.message, fault.hint) from fault
                self._met = True
