"""Ctrl-C and SIGTERM: the run is cancelled in order, and what was answered stays on record."""

import asyncio
import shlex
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """A run was stopped by a signal.

    Attributes:
        number: the signal.
        record: its folder, None if it had not begun to record.
        pool: the pool file that it ran with, if it was given one.
    """

    def __init__(
        self, number: signal.Signals, record: str | None, pool: Path | None = None
    ) -> None:
        super().__init__(number.name)
        self.number = number
        self.record = record
        self.pool = pool
        self.exit_code = 128 + number

    def lines(self) -> tuple[str, str]:
        """What happened, and what to do."""
        if self.record is None:
            return "stopped before anything was recorded", "nothing is left to resume"
        line = ["folkmoot", "resume", self.record]
        line += [] if self.pool is None else ["--pool", str(self.pool)]
        return "stopped; every reply so far is on record", f"go on with: {shlex.join(line)}"


def until_stopped(
    work: Coroutine[Any, Any, Result],
    record: Callable[[], str | None] = lambda: None,
    pool: Path | None = None,
) -> Result:
    """Run `work` to its end. The first signal cancels it; a second one ends the process at once.

    Raises:
        Stopped: a signal came; `record` was asked where the run is recorded.
    """
    return asyncio.run(_guarded(work, record, pool))


async def _guarded(
    work: Coroutine[Any, Any, Result], record: Callable[[], str | None], pool: Path | None
) -> Result:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    caught: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        caught.append(number)
        _release(loop)
        task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if caught:
            raise Stopped(caught[0], record(), pool) from None
        raise
    finally:
        _release(loop)


def _release(loop: asyncio.AbstractEventLoop) -> None:
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
