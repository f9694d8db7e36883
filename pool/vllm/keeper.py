"""Keeps a child server alive: waits until it is ready, and starts it again when it has died."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.pool.vllm.child import Child
from folkmoot.records import EngineUnavailable, PoolError

_LOOK_S = 0.25
"""Seconds between two looks at a server that is starting."""

_DOUBT_S = 5.0
"""Seconds that a server may be unwell before it counts as dead."""

_SHORT_LIFE_S, _LONGEST_WAIT_S = 60.0, 30.0


class Keeper:
    """One server and its successors.

    Args:
        what: the server, for messages.
        line: its command line.
        env: its environment.
        log: where its output goes.
        healthy: asks it whether it can answer.
        start_s: seconds that a start may take.
    """

    def __init__(
        self,
        what: str,
        line: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        healthy: Callable[[], Awaitable[bool]],
        start_s: float,
    ) -> None:
        self._what = what
        self._line = tuple(line)
        self._env = dict(env)
        self._log = log
        self._healthy = healthy
        self._start_s = start_s
        self._child: Child | None = None
        self._rising: asyncio.Task[None] | None = None
        self._ready_at = time.monotonic()
        self._short_lives = 0
        self._restarts = 0

    @property
    def line(self) -> tuple[str, ...]:
        """The server's command line."""
        return self._line

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self._log

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return self._restarts

    @property
    def ended(self) -> bool:
        """Whether its process has ended; it may be on its way to be started again."""
        return self._child is None or self._child.ended is not None

    @property
    def rising(self) -> bool:
        """Whether it is being looked at, or started again."""
        return self._rising is not None

    @property
    def pid(self) -> int | None:
        """Process id of the guard, whose child the server is; None while there is none."""
        return self._child.pid if self._child else None

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Run the server until it is ready.

        Raises:
            PoolError: it ended, or took too long; its log is named.
        """
        child = self._child = Child(self._line, self._env, self._log)
        began = time.monotonic()
        while not await self._answers():
            took = time.monotonic() - began
            if child.ended is not None:
                raise self._failed(f"ended with status {child.ended}: {child.fault()}")
            if took > self._start_s:
                raise self._failed(f"was not ready after {took:.0f} s ({child.phase()})")
            if on_progress is not None:
                on_progress(Progress(f"{self._what}: {child.phase()} ({took:.0f} s)"))
            await asyncio.sleep(_LOOK_S)
        self._ready_at = time.monotonic()

    async def standing(self) -> None:
        """Return once the server runs; it is started again if it has died.

        Raises:
            EngineUnavailable: it could not be started again.
        """
        if self._child is not None and self._child.ended is not None:
            self._rise(doubt=False)
        if self._rising is not None:
            await asyncio.shield(self._rising)

    def doubt(self) -> None:
        """A call has failed: have the server looked at, and started again if it has died."""
        self._rise(doubt=True)

    async def stop(self) -> None:
        """End the server and all it started. Idempotent."""
        rising, self._rising = self._rising, None
        if rising is not None:
            rising.cancel()
            await asyncio.wait({rising})
        await self._bury()
        self._child = None

    def _rise(self, doubt: bool) -> None:
        if self._rising is None and self._child is not None:
            self._rising = asyncio.create_task(self._raise_again(doubt))
            self._rising.add_done_callback(self._risen)

    def _risen(self, rising: asyncio.Task[None]) -> None:
        if self._rising is rising:
            self._rising = None
        if not rising.cancelled():
            rising.exception()  # Seen: whoever waits is told, and nobody may be waiting.

    async def _raise_again(self, doubt: bool) -> None:
        if doubt and await self._well():
            return
        await self._bury()
        young = time.monotonic() - self._ready_at < _SHORT_LIFE_S
        self._short_lives = self._short_lives + 1 if young else 0
        if self._short_lives > 1:
            await asyncio.sleep(min(2.0 ** (self._short_lives - 2), _LONGEST_WAIT_S))
        self._restarts += 1
        try:
            await self.start()
        except PoolError as error:
            self._ready_at = time.monotonic()
            await self._bury()
            raise EngineUnavailable(error.message, error.hint) from error

    async def _well(self) -> bool:
        """Whether the server still answers, after a moment's patience."""
        until = time.monotonic() + _DOUBT_S
        while self._child is not None and time.monotonic() < until:
            # A dying process may take a moment to end after its connections have.
            await asyncio.sleep(_LOOK_S)
            if self._child.ended is not None:
                return False
            if await self._answers():
                return True
        return False

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(_DOUBT_S):
                return await self._healthy()
        except TimeoutError:
            return False

    async def _bury(self) -> None:
        if self._child is not None:
            await asyncio.to_thread(self._child.stop)

    def _failed(self, how: str) -> PoolError:
        return PoolError(f"{self._what}: the server {how}", f"its log is {self._log}")
