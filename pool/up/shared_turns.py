"""Turns of servers that several processes use: the supervisor says whose turn it is.

A client connects to the supervisor's door and sends one line, `{"word": …, "server": …}`. Once it is
that server's turn the line `granted` comes back, and the turn is the client's until it closes the
connection, or is gone: a process that was killed holds no turn. Any other line says why not.
"""

import asyncio
import contextlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from folkmoot.pool.ports import LOCAL
from folkmoot.pool.turns import InTurn
from folkmoot.pool.up.running import Door
from folkmoot.records import EngineUnavailable

_GRANTED = "granted"
_LONGEST_LINE = 4096
_ASKING_S = 10.0
"""Seconds that a client may take to say what it wants."""


class Doorkeeper:
    """Grants turns to other processes.

    Args:
        engines: what takes turns here, by name.
    """

    def __init__(self, engines: Mapping[str, InTurn]) -> None:
        self._engines = dict(engines)
        self._word = secrets.token_hex(16)
        self._server: asyncio.Server | None = None

    async def open(self) -> Door:
        """Listen on a free port of this machine."""
        self._server = await asyncio.start_server(self._asked, LOCAL, 0, limit=_LONGEST_LINE)
        return Door(port=self._server.sockets[0].getsockname()[1], word=self._word)

    def close(self) -> None:
        """Grant no more turns. Idempotent."""
        if self._server is not None:
            self._server.close()

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its request until it closes the connection."""
        with contextlib.suppress(ConnectionError):
            try:
                await self._served(reader, writer)
            finally:
                writer.close()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine = self._wanted(await _line(reader))
        if engine is None:
            return
        gone = asyncio.ensure_future(reader.read())
        holding = asyncio.ensure_future(_held(engine, writer, gone))
        try:
            await asyncio.wait({gone, holding}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            holding.cancel()
            await asyncio.wait({gone, holding})
        if not holding.cancelled() and isinstance(fault := holding.exception(), EngineUnavailable):
            writer.write(f"{' '.join(fault.message.split())}\n".encode())
            await writer.drain()

    def _wanted(self, line: str) -> InTurn | None:
        try:
            asked: Any = json.loads(line)
            known = hmac.compare_digest(str(asked["word"]), self._word)
            return self._engines.get(asked["server"]) if known else None
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


async def _held(
    engine: InTurn, writer: asyncio.StreamWriter, gone: "asyncio.Future[bytes]"
) -> None:
    async with engine.turn():
        writer.write(f"{_GRANTED}\n".encode())
        await writer.drain()
        await asyncio.wait({gone})


async def _line(reader: asyncio.StreamReader) -> str:
    with contextlib.suppress(TimeoutError, ValueError):
        async with asyncio.timeout(_ASKING_S):
            return (await reader.readline()).decode(errors="replace").strip()
    return ""


@asynccontextmanager
async def turn(door: Door, server: str) -> AsyncGenerator[float]:
    """Have a server's turn for as long as the block lasts; gives the seconds waited for it.

    Raises:
        EngineUnavailable: the pool is gone, or the server could not be woken.
    """
    began = time.monotonic()
    writer: asyncio.StreamWriter | None = None
    try:
        try:
            reader, writer = await asyncio.open_connection(LOCAL, door.port, limit=_LONGEST_LINE)
            writer.write(json.dumps({"word": door.word, "server": server}).encode() + b"\n")
            said = (await reader.readline()).decode(errors="replace").strip()
        except (OSError, ValueError) as error:
            raise EngineUnavailable(f"nobody grants engine {server!r} its turn: {error}") from error
        if said != _GRANTED:
            raise EngineUnavailable(said or f"nobody grants engine {server!r} its turn")
        yield time.monotonic() - began
    finally:
        if writer is not None:
            writer.close()
