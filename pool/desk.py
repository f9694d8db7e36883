"""The desk before one engine: calls wait for their place, are sent, and are sent again."""

import asyncio
import time
from contextlib import suppress
from typing import NamedTuple

from folkmoot.pool.admission import BOUNDLESS, Admission, Bounded
from folkmoot.pool.breaker import LONGEST_S, Breaker
from folkmoot.pool.engine import Engine, OnText
from folkmoot.pool.meter import Meter
from folkmoot.records import Call, CallRefused, EngineUnavailable, Reply, Timing

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 3.0

_LEAST_S = 1.0
"""Seconds that an attempt may take, however little of patience is left."""

_REASONS = 5
"""Faults that a reply tells of."""


class Load(NamedTuple):
    """What stands before one engine now."""

    flying: int
    waiting: int
    breaker: str


class Desk:
    """All that is done for a call before and after its engine has it.

    Only faults of the engine are tried again, for as long as `patience_s` from the first one: a
    reply that came is never asked for twice. While the engine is gone, one call at a time tries it;
    once it has been gone for longer than that, the others are given up after seconds. After one
    that was out of time an attempt takes no longer than patience lasts, unless the engine answers
    somebody meanwhile: one that hangs never says so.
    """

    def __init__(self, engine: Engine, patience_s: float) -> None:
        self.engine = engine
        self._patience_s = patience_s
        self._line = Admission()
        self._breaker = Breaker()
        self._meter = Meter()
        self._limits: set[asyncio.Timeout] = set()
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Let nobody wait any longer: the pool is closed."""
        self._closed.set()
        self._breaker.end()

    @property
    def load(self) -> Load:
        """How many calls are on their way and wait, and whether the engine may be asked."""
        queue = self._admission.queue
        return Load(queue.flying, queue.waiting, self._breaker.state)

    async def answer(self, call: Call, on_text: OnText | None, run: str) -> Reply:
        """The reply to a call, whatever happens to the engine."""
        faults: list[str] = []
        first_at, pause, limit_s = 0.0, _FIRST_WAIT_S, None
        while True:
            trying = await self._breaker.passage(self._left(first_at))
            if trying is None:
                return self._unavailable(call, faults or [self._breaker.fault])
            try:
                # A watcher may have seen the beginning of what failed: once is enough.
                reply = await self._sent(call, None if faults else on_text, run, trying, limit_s)
            except EngineUnavailable as fault:
                first_at = first_at or time.monotonic()
                faults.append(fault.message)
                if (left := self._left(first_at)) <= 0 or self._closed.is_set():
                    return self._unavailable(call, faults)
                await self._paused(min(max(pause, fault.wait_s or 0.0), left))
                pause = min(2 * pause, _LONGEST_WAIT_S)
                limit_s = max(self._left(first_at), _LEAST_S) if fault.late else None
            else:
                return _after(reply, faults)

    def _left(self, first_at: float) -> float:
        """Seconds that a call may still wait for the engine to come back."""
        if first_at:
            return first_at + self._patience_s - time.monotonic()
        # Long enough for a try, also where the engine has been gone for longer than patience lasts.
        return max(self._patience_s - self._breaker.gone_s, min(self._patience_s, 2 * LONGEST_S))

    async def _paused(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()

    async def _sent(
        self, call: Call, on_text: OnText | None, run: str, trying: bool, limit_s: float | None
    ) -> Reply:
        """One attempt, of `limit_s` at most where the engine answers nobody meanwhile.

        Raises:
            EngineUnavailable: the engine failed.
        """
        try:
            async with self._admission.place(call, run) as waited:
                begun = self._meter.begin()
                try:
                    reply = await self._asked(call, on_text, limit_s)
                finally:
                    part = self._meter.end(begun)
        except EngineUnavailable as fault:
            self._breaker.failed(trying, fault.message, (run, call.id))
            raise
        except CallRefused as refusal:
            self._answered(trying)
            return Reply.to(call, "refused", error=refusal.message, engine=self.engine.name)
        except BaseException:
            self._breaker.left(trying)
            raise
        self._answered(trying)
        return _timed(reply, waited, round(1000 * part))

    async def _asked(self, call: Call, on_text: OnText | None, limit_s: float | None) -> Reply:
        if limit_s is None:
            return await self.engine.answer(call, on_text)
        limit = asyncio.timeout(limit_s)
        self._limits.add(limit)
        try:
            async with limit:
                return await self.engine.answer(call, on_text)
        except TimeoutError:
            said = f"engine {self.engine.name!r} did not answer in {limit_s:g} s, nor before"
            raise EngineUnavailable(said, late=True) from None
        finally:
            self._limits.discard(limit)

    def _answered(self, trying: bool) -> None:
        self._breaker.answered(trying)
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(None)
        self._limits.clear()

    def _unavailable(self, call: Call, faults: list[str]) -> Reply:
        return Reply.to(
            call,
            "unavailable",
            error="the pool was closed" if self._closed.is_set() else faults[-1],
            engine=self.engine.name,
            retries=len(faults) - 1,
            retried_for=_told(faults[:-1]),
        )

    @property
    def _admission(self) -> Admission:
        """The line, as long as the engine's room is now: one that starts late learns it late."""
        self._line.queue.room = self.engine.room if isinstance(self.engine, Bounded) else BOUNDLESS
        return self._line


def _timed(reply: Reply, waited: int, engine: int) -> Reply:
    """The reply with what was measured here.

    A script takes no time. The engine's part may have been measured where it was known better: by
    one that takes turns, which has let the call wait too, or when a recorded reply was asked for.
    """
    if reply.took_ms is None:
        return reply
    timing = reply.timing or Timing()
    measured = {
        "waited": (timing.waited or 0) + waited,
        "engine": engine if timing.engine is None else timing.engine,
    }
    return reply.model_copy(update={"timing": timing.model_copy(update=measured)})


def _after(reply: Reply, faults: list[str]) -> Reply:
    if not faults:
        return reply
    return reply.model_copy(
        update={
            "retries": reply.retries + len(faults),
            "retried_for": (*_told(faults), *reply.retried_for),
        }
    )


def _told(faults: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(faults))[:_REASONS]
