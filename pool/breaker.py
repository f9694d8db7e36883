"""A circuit breaker: an engine that is gone is tried by one call at a time, not by all of them."""

import asyncio
import time
from collections.abc import Hashable
from contextlib import suppress
from typing import Literal

FAULTS = 3
"""Calls that must fail in a row for it to open. One alone may be at fault itself."""

LONGEST_S = 5.0
"""Between two tries."""

_FIRST_S = 0.2

State = Literal["closed", "open", "trying"]


class Breaker:
    """Whether an engine may be asked (Nygard, Release It!, 2007).

    Closed, every call passes. When some calls in a row have failed it opens: then one at a time
    tries the engine, after growing waits, and the first that is answered closes it.

    Attributes:
        fault: what the engine failed with last; "" while it answers.
    """

    def __init__(self) -> None:
        self.fault = ""
        self._failed: set[Hashable] = set()
        self._since = 0.0
        self._wait = _FIRST_S
        self._next = 0.0
        self._trying = False
        self._changed = asyncio.Event()
        self._ended = False

    @property
    def state(self) -> State:
        """closed: every call passes; trying: one is finding out; open: none passes now."""
        if len(self._failed) < FAULTS:
            return "closed"
        return "trying" if self._trying else "open"

    @property
    def gone_s(self) -> float:
        """Seconds since the first fault that nothing was answered after; 0 while it answers."""
        return time.monotonic() - self._since if self._failed else 0.0

    @property
    def passes(self) -> bool:
        """Whether a call may go now."""
        return self.state == "closed" or (self.state == "open" and time.monotonic() >= self._next)

    def enter(self) -> bool:
        """Send a call, as `passes` allows: whether it is one that tries. Hand this to what it
        comes to: `answered`, `failed` or `left`."""
        self._trying = self.state != "closed"
        return self._trying

    async def passage(self, longest_s: float) -> bool | None:
        """Wait until a call may go, and `enter`; None if it may not in that time, or never."""
        until = time.monotonic() + longest_s
        if self._ended:
            return None
        while not self.passes:
            left = until - time.monotonic()
            if left <= 0 or self._ended:
                return None
            if self.state == "open":
                left = min(left, self._next - time.monotonic())
            with suppress(TimeoutError):
                async with asyncio.timeout(max(left, 0.001)):
                    await self._changed.wait()
        return self.enter()

    def end(self) -> None:
        """No call may go any more; nobody waits for it."""
        self._ended = True
        self._stir(False)

    def answered(self, trying: bool) -> None:
        """The engine has answered."""
        self._failed.clear()
        self.fault, self._wait = "", _FIRST_S
        self._stir(True)

    def failed(self, trying: bool, fault: str, call: Hashable) -> None:
        """The engine has failed to answer this call."""
        if not self._failed:
            self._since = time.monotonic()
        was = self.state
        self._failed.add(call)
        self.fault = fault
        if trying:
            self._wait = min(2 * self._wait, LONGEST_S)
        if trying or was != self.state:
            self._next = time.monotonic() + self._wait
        self._stir(trying)

    def left(self, trying: bool) -> None:
        """The call was called off before anything could be known."""
        self._stir(trying)

    def _stir(self, over: bool) -> None:
        """Wake those who wait; `over`: nobody is trying any more."""
        if over:
            self._trying = False
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
