"""Conduct: one run's dealings with the outside, given to every node as the graph's context.

A call goes to the journal before it goes to the pool, and its reply is in the journal before
anyone hears it. A reply that the journal already has is not asked for again.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from folkmoot.graphs.events import Answered, Asked, Event, Recorded, StageStarted, Text
from folkmoot.pool import Pool
from folkmoot.protocols import Step
from folkmoot.records import Call, Journal, Opening, Place, Record, Reply, Transcript

Watch = Callable[[Event], None]


class Conduct:
    """What the nodes of a run share. It holds no state of the deliberation: that is the graph's."""

    def __init__(self, journal: Journal, pool: Pool, watch: Watch | None) -> None:
        self.opening: Opening = journal.opening
        self._journal = journal
        self._pool = pool
        self._watch = watch

    def seen(self, records: tuple[Record, ...], step: Step) -> Transcript:
        """The record so far, as a stage reads it."""
        place = Place(step.number, step.round, step.stage.name)
        return Transcript(self.opening, records, place)

    def started(self, step: Step, calls: int) -> None:
        """Tell the watcher that a stage has asked."""
        self._tell(StageStarted(step.number, step.stage.name, step.round, calls))

    async def answer(self, call: Call) -> Reply:
        """The reply to a call: from the journal if it is there, else from the pool."""
        self._journal.call(call)
        known = self._journal.replies.get(call.id)
        if known is not None:
            self._tell(Answered(call, known, True))
            return known
        self._tell(Asked(call))
        streams = self._watch is not None and call.op == "generate"
        try:
            reply = await self._pool.answer(call, partial(self._heard, call) if streams else None)
        except asyncio.CancelledError:
            self._journal.abort(call)
            raise
        self._journal.reply(reply)
        self._tell(Answered(call, reply, False))
        return reply

    def record(self, records: tuple[Record, ...]) -> None:
        """Put what the replies mean into the journal, then tell the watcher."""
        for record in records:
            self._journal.record(record)
            self._tell(Recorded(record))

    def _heard(self, call: Call, text: str) -> None:
        self._tell(Text(call, text))

    def _tell(self, event: Event) -> None:
        if self._watch is not None:
            self._watch(event)
