"""Conduct: one run's dealings with the outside, given to every node as the graph's context.

A call goes to the journal before it goes to the pool, and its reply is in the journal before
anyone hears it. A reply that the journal already has is not asked for again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from folkmoot.graphs.asking import People
from folkmoot.graphs.events import Answered, Asked, Event, Recorded, StageStarted, Text
from folkmoot.graphs.fan_in import Awaited, FanIns
from folkmoot.pool import OnText, Pool
from folkmoot.protocols import Step, seen_by
from folkmoot.records import Call, Journal, Opening, Place, Record, Reply, Transcript

Watch = Callable[[Event], None]


@dataclass(frozen=True)
class Conduct:
    """What the nodes of a run share. It holds no state of the deliberation: that is the graph's."""

    journal: Journal
    pool: Pool
    watch: Watch | None = None
    fan_ins: FanIns = field(default_factory=FanIns)
    people: People = field(default_factory=People)

    @cached_property
    def opening(self) -> Opening:
        """How the run began."""
        return self.journal.opening

    def seen(self, records: tuple[Record, ...], step: Step) -> Transcript:
        """The record so far, as a stage reads it."""
        return seen_by(step, self.opening, records)

    def started(self, at: Place, calls: Sequence[Call]) -> None:
        """A stage has asked: tell the watcher."""
        self._tell(StageStarted(at.step, at.stage, at.round, len(calls), self._run))

    async def answer(self, call: Call, awaited: Awaited | None = None) -> Reply:
        """The reply to a call: from the journal if it is there, else from a person or the pool.

        Args:
            call: what is asked.
            awaited: what its step waits for; None for every reply.
        """
        if awaited is not None:
            self.fan_ins.asked(call.step, awaited, self.journal.replies)
        self.journal.call(call)
        known = self.journal.replies.get(call.id)
        if known is not None:
            self._heard(known)
            self._tell(Answered(call, known, True, self._run))
            return known
        if self.pool.asks_a_person(call.model):
            reply = await self._of_a_person(call)
        else:
            reply = await self._of_the_pool(call)
        self.journal.reply(reply)
        self._heard(reply)
        self._tell(Answered(call, reply, False, self._run))
        return reply

    def record(self, records: tuple[Record, ...]) -> None:
        """Put what the replies mean into the journal, then tell the watcher."""
        for record in records:
            self.journal.record(record)
            self._tell(Recorded(record, self._run))

    def _heard(self, reply: Reply) -> None:
        self.fan_ins.answered(reply)
        self.people.replied(reply)

    async def _of_a_person(self, call: Call) -> Reply:
        """What a person answers, where enough others have not.

        Raises:
            GraphInterrupt: they have not answered yet.
        """
        if not await self.fan_ins.needs_a_person(call):
            return self._not_waited_for(call)
        self._tell(Asked(call, self._run))
        return await self.people.reply(call, self.journal)

    async def _of_the_pool(self, call: Call) -> Reply:
        over = self.fan_ins.over(call)
        if over is not None and over.is_set():
            return self._not_waited_for(call)
        self._tell(Asked(call, self._run))
        streams = self.watch is not None and call.op == "generate"
        spoken = partial(self._spoken, call) if streams else None
        try:
            reply = await self._waited_for(call, over, spoken)
        except asyncio.CancelledError:
            await self._give_up(call)
            raise
        if reply is None:
            await self._give_up(call)
            return self._not_waited_for(call)
        await self._pay_for_attempts(call, reply)
        return reply

    def _not_waited_for(self, call: Call) -> Reply:
        return Reply.to(call, "unavailable", error=self.fan_ins.why(call))

    async def _waited_for(
        self, call: Call, over: asyncio.Event | None, spoken: OnText | None
    ) -> Reply | None:
        """The pool's reply; None where it was called off because it is not waited for any more."""
        if over is None:
            return await self.pool.answer(call, spoken, self._run)
        answering = asyncio.create_task(self.pool.answer(call, spoken, self._run))
        waiting = asyncio.create_task(over.wait())
        try:
            await asyncio.wait((answering, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            answering.cancel()  # nothing, where it is done
            await asyncio.wait((answering,))  # what it cost is known once it has ended
        return None if answering.cancelled() else answering.result()

    async def _give_up(self, call: Call) -> None:
        usage = None
        try:
            usage = await self.pool.spent(call)
        finally:  # whoever cancels a second time will not wait for it
            self.journal.abort(call, usage)

    async def _pay_for_attempts(self, call: Call, reply: Reply) -> None:
        """What attempts cost that ran out of time, before the one that was answered."""
        if reply.retries or reply.state == "unavailable":
            usage = await self.pool.spent(call)
            if usage is None or usage.prompt:
                self.journal.abort(call, usage)

    def _spoken(self, call: Call, text: str) -> None:
        self._tell(Text(call, text, self._run))

    @property
    def _run(self) -> str:
        return self.opening.run_id

    def _tell(self, event: Event) -> None:
        if self.watch is not None:
            self.watch(event)
