"""Servers that do not fit beside each other take turns: each an engine, woken when its turn comes."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from folkmoot.pool import turn_order
from folkmoot.pool.admission import Bounded, Room
from folkmoot.pool.engine import Engine, OnProgress, OnText
from folkmoot.pool.meter import Meter
from folkmoot.pool.turn_order import Rules, decide
from folkmoot.records import (
    Call,
    EngineUnavailable,
    ModelRef,
    PoolError,
    Reply,
    Segment,
    Usage,
)

_ASIDE_S, _LONGEST_ASIDE_S = 10.0, 300.0
"""For how long one that could not be woken is set aside, at first and at most."""


class Sleeper(Engine, Protocol):
    """An engine that can be put to rest, as `VllmServer` is."""

    async def prepare(self, on_progress: OnProgress | None = None) -> bool:
        """Make it ready to be woken; whether all that `start` promises is known of it already."""
        ...

    async def wake(self, on_progress: OnProgress | None = None) -> None:
        """Make it answer. Raises EngineUnavailable."""
        ...

    async def rest(self) -> None:
        """Give up its memory until it is woken."""
        ...


class Turns:
    """Servers of which only some fit into the memory at a time.

    A call waits for its server's turn. Whose turn is next, and when one ends, is `turn_order`'s to
    say. A server that cannot be woken fails the calls that wait for it, and is tried again when some
    wait after a growing pause; the others go on meanwhile.

    Args:
        name: what they are called together, in descriptions.
        servers: each answers for its own models.
        awake: how many fit beside each other.
        rules: what is fair; its `awake` is the one above.

    Attributes:
        engines: an engine for each server, for the pool.
        swaps: how often one server has made room for another.
        swapping_s: seconds spent on putting servers to rest and waking them.
    """

    def __init__(
        self,
        name: str,
        servers: Sequence[Sleeper],
        *,
        awake: int = 1,
        rules: Rules | None = None,
    ) -> None:
        self.name = name
        self.engines = tuple(InTurn(server, self) for server in servers)
        self.swaps = 0
        self.swapping_s = 0.0
        self._rules = (rules or Rules())._replace(awake=awake)
        self._lines = [engine.line for engine in self.engines]
        self._moving: asyncio.Task[None] | None = None
        self._moved: tuple[Line | None, Line] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, line: "Line") -> AsyncIterator[float]:
        """Be on the way to a server that is awake; gives the seconds waited for its turn.

        Raises:
            EngineUnavailable: it could not be woken.
        """
        waiter = _Waiter(asyncio.get_running_loop().create_future())
        line.waiting.append(waiter)
        self._look()
        try:
            await waiter.granted
            yield time.monotonic() - waiter.since
        finally:
            line.leave(waiter)
            self._look()

    async def end(self, line: "Line") -> None:
        """Close a server; calls that wait for it fail. The others go on."""
        line.fail(EngineUnavailable(f"engine {line.server.name!r} is closed"))
        if self._moving is not None and self._moved is not None and line in self._moved:
            if line is self._moved[1]:
                self._moving.cancel()
            await asyncio.wait({self._moving})
        await line.server.close()
        line.awake = False
        self._look()

    def _look(self) -> None:
        """Let in who may go, and make the next move."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._moving is not None:
            self._let_in(None)
            return
        now = time.monotonic()
        move = decide([line.seen(now) for line in self._lines], self._rules)
        if move.rest is not None:
            self._lines[move.rest].awake = False
        self._let_in(move.closed)
        if move.wake is not None:
            resting = None if move.rest is None else self._lines[move.rest]
            self._moved = resting, self._lines[move.wake]
            self._moving = asyncio.create_task(self._move(*self._moved))
        elif move.again_s is not None:
            self._timer = asyncio.get_running_loop().call_later(move.again_s, self._look)

    def _let_in(self, closed: int | None) -> None:
        for at, line in enumerate(self._lines):
            if line.awake and at != closed:
                line.let_in()

    async def _move(self, resting: "Line | None", waking: "Line") -> None:
        began = time.monotonic()
        try:
            if resting is not None:
                await _to_its_end(resting.server.rest())
                self.swaps += 1
            if waking.waiting:
                await waking.server.wake(waking.on_progress)
                waking.rise()
        except Exception as fault:  # whatever it is: those who wait would wait for ever
            waking.set_aside(fault)
        finally:
            self.swapping_s += time.monotonic() - began
            self._moving = self._moved = None
        self._look()


class InTurn:
    """One server that takes turns with others, as an engine.

    Args:
        server: the server; it is started, woken and put to rest here alone.
        turns: who has the say.
    """

    def __init__(self, server: Sleeper, turns: Turns) -> None:
        self.name = server.name
        self.server = server
        self.line = Line(server)
        self._turns = turns
        self._started = False
        self._meter = Meter()

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return self.server.models

    @property
    def room(self) -> Room:
        """What the server can have on its way."""
        return self.server.room if isinstance(self.server, Bounded) else Room()

    def turn(self) -> AbstractAsyncContextManager[float]:
        """The server's turn, for as long as the block lasts; gives the seconds waited for it.

        Raises:
            EngineUnavailable: it could not be woken.
        """
        return self._turns.turn(self.line)

    @property
    def turns(self) -> str:
        """What those who take turns are called together."""
        return self._turns.name

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Make the server ready. It is woken for that only if it must be; see `Sleeper.prepare`.

        Raises:
            PoolError: it cannot start.
        """
        if self._started:
            return
        if not await self.server.prepare(on_progress):
            self.line.on_progress = on_progress
            try:
                async with self._turns.turn(self.line):
                    pass
            except EngineUnavailable as fault:
                await self.close()
                raise PoolError(fault.message, fault.hint) from fault
            finally:
                self.line.on_progress = None
        self._started = True

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call when the server's turn has come; see `Engine`."""
        if not self._started:
            raise EngineUnavailable(f"engine {self.name!r} is not started")
        async with self._turns.turn(self.line) as waited_s:
            return await self._meter.in_turn(self.server.answer(call, on_text), waited_s)

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up: nothing while it waited for its turn."""
        return await self.server.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt. A server at rest is woken only if nobody else can
        tell."""
        try:
            return await self.server.count(model, segments)
        except EngineUnavailable:
            async with self._turns.turn(self.line):
                return await self.server.count(model, segments)

    def window(self, model: str) -> int:
        """The context in tokens, prompt and completion together."""
        return self.server.window(model)

    def reference(self, model: str) -> ModelRef:
        """What pins the model."""
        return self.server.reference(model)

    def describe(self) -> dict[str, Any]:
        """The server for the record, and with whom it takes turns."""
        return {**self.server.describe(), "turns": self._turns.name}

    async def close(self) -> None:
        """Close the server. Idempotent."""
        self._started = False
        await self._turns.end(self.line)


@dataclass(eq=False)
class _Waiter:
    granted: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)


@dataclass(eq=False)
class Line:
    """One server and the calls for it."""

    server: Sleeper
    waiting: deque[_Waiter] = field(default_factory=deque[_Waiter])
    flying: set[_Waiter] = field(default_factory=set[_Waiter])
    awake: bool = False
    on_progress: OnProgress | None = None
    """Hears how far its waking has come, while somebody waits for its start."""
    _woken_at: float = 0.0
    _idle_since: float = 0.0
    _aside_until: float = 0.0
    _faults: int = 0

    def seen(self, now: float) -> turn_order.Line:
        """As it stands now."""
        return turn_order.Line(
            waiting=len(self.waiting),
            oldest_s=now - self.waiting[0].since if self.waiting else 0.0,
            in_flight=len(self.flying),
            awake=self.awake,
            turn_s=now - self._woken_at if self.awake else 0.0,
            idle_s=0.0 if self.flying else now - self._idle_since,
            aside_s=max(0.0, self._aside_until - now),
        )

    def let_in(self) -> None:
        """Let go all who wait."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.granted.done():
                self.flying.add(waiter)
                waiter.granted.set_result(None)

    def leave(self, waiter: _Waiter) -> None:
        """One is done, or was called off, in flight or waiting."""
        if waiter in self.flying:
            self.flying.discard(waiter)
            self._idle_since = time.monotonic()
        elif waiter in self.waiting:
            self.waiting.remove(waiter)

    def rise(self) -> None:
        """Its turn begins."""
        self.awake, self._faults = True, 0
        self._woken_at = self._idle_since = time.monotonic()

    def set_aside(self, fault: Exception) -> None:
        """It could not be woken: those who wait are told, and the others go first for a while."""
        pause = min(_ASIDE_S * 2**self._faults, _LONGEST_ASIDE_S)
        self._faults += 1
        self._aside_until = time.monotonic() + pause
        self.fail(fault)

    def fail(self, fault: Exception) -> None:
        """Tell all who wait."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.granted.done():
                waiter.granted.set_exception(fault)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for something that is not to be left half done, also where this is cancelled."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
