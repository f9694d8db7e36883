"""What calls cost that got no reply, kept until somebody asks."""

import asyncio
from collections import deque

from folkmoot.records import Call, Usage

_KEPT = 1024
"""Calls whose cost is kept; a caller that never asks does not fill the memory."""

_LONGEST_S = 10.0
"""Seconds that a cost is waited for."""


class GivenUp:
    """Calls of one engine that were cancelled or ran out of time, and what each had cost."""

    def __init__(self) -> None:
        self._costs: deque[tuple[Call, asyncio.Future[Usage | None]]] = deque(maxlen=_KEPT)

    def add(self, call: Call, cost: asyncio.Future[Usage | None]) -> None:
        """Keep what a call costs; it may not be known yet."""
        self._costs.append((call, cost))

    def unknown(self, call: Call) -> None:
        """Keep that nobody will tell what a call cost."""
        cost: asyncio.Future[Usage | None] = asyncio.get_running_loop().create_future()
        cost.set_result(None)
        self.add(call, cost)

    async def spent(self, call: Call) -> Usage | None:
        """The cost of every time this very call was given up, told once; see `Engine.spent`."""
        # By identity: calls of two runs may be equal, and each pays for its own.
        mine = [cost for of, cost in self._costs if of is call]
        others = [each for each in self._costs if each[0] is not call]
        self._costs = deque(others, maxlen=_KEPT)
        if mine:
            await asyncio.wait(mine, timeout=_LONGEST_S)
        known = (cost.done() and not cost.cancelled() and not cost.exception() for cost in mine)
        return Usage.sum(
            cost.result() if ok else None for cost, ok in zip(mine, known, strict=True)
        )
