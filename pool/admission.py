"""Who is sent to an engine next: a bounded number of calls, shared fairly between runs and seats.

More calls than an engine computes together only wait there, in the order in which they came, and
more text than its cache holds pushes out what later rounds would have read from it. So the rest
waits here. The least served run goes next, within it the least served seat (start-time fair
queueing, Goyal, Vin and Cheng 1996, with tokens as the service). Of runs that are served about
equally, one that is on its way already goes first: its calls share a prefix.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from folkmoot.records import Call

QUANTUM = 4096
"""Tokens by which a run may be ahead of another that waits."""

_BYTES_A_TOKEN = 4


class Room(NamedTuple):
    """What an engine can have on its way at once; None: without bound."""

    calls: int | None = None
    tokens: int | None = None
    """What its cache for keys and values holds."""


BOUNDLESS = Room()


@runtime_checkable
class Bounded(Protocol):
    """An engine that says how much it can have on its way."""

    @property
    def room(self) -> Room:
        """How much; known once it is started."""
        ...


@dataclass(eq=False)
class Ticket:
    """A call that waits or is on its way.

    Attributes:
        prompt: estimated tokens of its prompt.
        reply: the most tokens of its reply.
    """

    run: str
    seat: str
    prompt: int
    reply: int
    granted: asyncio.Future[None] | None = None

    @classmethod
    def of(cls, call: Call, run: str) -> "Ticket":
        """The ticket of a call; its size is estimated, since counting may cost a request."""
        size = sum(len(segment.text.encode(errors="replace")) for segment in call.segments)
        reply = call.sampling.max_tokens if call.op == "generate" else 1
        return cls(run, call.seat, size // _BYTES_A_TOKEN + 1, reply)


@dataclass
class _Run:
    served: float
    seats: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, deque[Ticket]] = field(default_factory=dict)
    flying: list[Ticket] = field(default_factory=list)

    @property
    def held(self) -> int:
        """Tokens it holds in the cache: what its prompts share once, each reply by itself."""
        longest = max((each.prompt for each in self.flying), default=0)
        return longest + sum(each.reply for each in self.flying)

    def first(self) -> Ticket:
        """What it sends next: the first of the seat that has been served least."""
        seat = min(self.waiting, key=lambda each: self.seats.get(each, 0.0))
        return self.waiting[seat][0]


class FairQueue:
    """Waiting calls, and which of them goes next. It neither waits nor knows a clock."""

    def __init__(self, room: Room = BOUNDLESS, quantum: int = QUANTUM) -> None:
        self.room = room
        self._quantum = quantum
        self._runs: dict[str, _Run] = {}
        self._clock = 0.0
        self.flying = 0
        self.waiting = 0

    def add(self, ticket: Ticket) -> None:
        """Let a call wait."""
        run = self._runs.setdefault(ticket.run, _Run(self._clock))
        if not run.waiting:
            # Who was away has saved nothing up.
            run.served = max(run.served, self._clock)
        run.waiting.setdefault(ticket.seat, deque()).append(ticket)
        self.waiting += 1

    def next(self) -> Ticket | None:
        """The call to send now; None where nobody waits or there is no room."""
        if not self.waiting or (self.room.calls is not None and self.flying >= self.room.calls):
            return None
        waiting = [run for run in self._runs.values() if run.waiting]
        least = min(run.served for run in waiting)
        ahead = [run for run in waiting if run.served <= least + self._quantum]
        ahead.sort(key=lambda run: (not run.flying, run.served))
        for run in ahead:
            ticket = run.first()
            if self._fits(run, ticket):
                self._clock = max(self._clock, run.served)
                self._send(run, ticket)
                return ticket
        return None

    def leave(self, ticket: Ticket) -> None:
        """Take a call out: it was answered or called off, on its way or still waiting."""
        run = self._runs[ticket.run]
        if ticket in run.flying:
            run.flying.remove(ticket)
            self.flying -= 1
        else:
            self._unqueue(run, ticket)
        if not run.flying and not run.waiting:
            del self._runs[ticket.run]

    def _fits(self, run: _Run, ticket: Ticket) -> bool:
        if self.room.tokens is None or not self.flying:
            return True  # What is larger than the room by itself goes alone.
        others = sum(each.held for each in self._runs.values() if each is not run)
        with_it = _Run(0.0, flying=[*run.flying, ticket]).held
        return others + with_it <= self.room.tokens

    def _send(self, run: _Run, ticket: Ticket) -> None:
        self._unqueue(run, ticket)
        run.flying.append(ticket)
        self.flying += 1
        size = ticket.prompt + ticket.reply
        run.served += size
        run.seats[ticket.seat] = run.seats.get(ticket.seat, 0.0) + size

    def _unqueue(self, run: _Run, ticket: Ticket) -> None:
        line = run.waiting[ticket.seat]
        line.remove(ticket)
        if not line:
            del run.waiting[ticket.seat]
        self.waiting -= 1


class Admission:
    """The line before one engine."""

    def __init__(self, room: Room = BOUNDLESS) -> None:
        self.queue = FairQueue(room)

    @asynccontextmanager
    async def place(self, call: Call, run: str) -> AsyncIterator[int]:
        """Be on the way for as long as the block lasts; gives the milliseconds waited for it: 0 where
        there is room, however busy this process is."""
        began = time.monotonic()
        ticket = Ticket.of(call, run)
        ticket.granted = asyncio.get_running_loop().create_future()
        self.queue.add(ticket)
        self._grant()
        try:
            at_once = ticket.granted.done()
            await ticket.granted
            yield 0 if at_once else round(1000 * (time.monotonic() - began))
        finally:
            self.queue.leave(ticket)
            self._grant()

    def _grant(self) -> None:
        while (ticket := self.queue.next()) is not None:
            if ticket.granted is not None and not ticket.granted.done():
                ticket.granted.set_result(None)
