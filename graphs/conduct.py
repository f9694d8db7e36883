"""Conduct: one run's dealings with the outside, given to every node as the graph's context.

A call goes to the journal before it goes to the pool, and its reply is in the journal before
anyone hears it. A reply that the journal already has is not asked for again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from folkmoot.graphs.events import Answered, Asked, Event, Recorded, StageStarted, Text
from folkmoot.graphs.fan_in import FanIns
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

    @cached_property
    def opening(self) -> Opening:
        """How the run began."""
        return self.journal.opening

    def seen(self, records: tuple[Record, ...], step: Step) -> Transcript:
        """The record so far, as a stage reads it."""
        return seen_by(step, self.opening, records)

    def started(self, at: Place, calls: Sequence[Call], need: int | None = None) -> None:
        """A stage has asked, and waits for `need` of its seats: tell the watcher."""
        self.fan_ins.asked(at.step, need, calls)
        self._tell(StageStarted(at.step, at.stage, at.round, len(calls), self._run))

    async def answer(self, call: Call) -> Reply:
        """The reply to a call: from the journal if it is there, else from the pool."""
        self.journal.call(call)
        known = self.journal.replies.get(call.id)
        if known is not None:
            self.fan_ins.answered(known)
            self._tell(Answered(call, known, True, self._run))
            return known
        self._tell(Asked(call, self._run))
        streams = self.watch is not None and call.op == "generate"
        try:
            heard = partial(self._heard, call) if streams else None
            reply = await self._waited_for(call, heard)
        except asyncio.CancelledError:
            await self._give_up(call)
            raise
        await self._pay_for_attempts(call, reply)
        self.journal.reply(reply)
        self.fan_ins.answered(reply)
        self._tell(Answered(call, reply, False, self._run))
        return reply

    def record(self, records: tuple[Record, ...]) -> None:
        """Put what the replies mean into the journal, then tell the watcher."""
        for record in records:
            self.journal.record(record)
            self._tell(Recorded(record, self._run))

    async def _waited_for(self, call: Call, heard: OnText | None) -> Reply:
        """The pool's reply, or that it was not waited for."""
        over = self.fan_ins.over(call)
        if over is None:
            return await self.pool.answer(call, heard, self._run)
        answering = asyncio.create_task(self.pool.answer(call, heard, self._run))
        waiting = asyncio.create_task(over.wait())
        try:
            await asyncio.wait((answering, waiting), return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return answering.result()
            answering.cancel()
            await asyncio.wait((answering,))
            await self._give_up(call)
            return Reply.to(call, "unavailable", error=self.fan_ins.why(call))
        finally:
            for task in (answering, waiting):
                task.cancel()

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

    def _heard(self, call: Call, text: str) -> None:
        self._tell(Text(call, text, self._run))

    @property
    def _run(self) -> str:
        return self.opening.run_id

    def _tell(self, event: Event) -> None:
        if self.watch is not None:
            self.watch(event)
