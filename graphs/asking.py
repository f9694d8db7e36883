"""Asking people while a graph runs: LangGraph's `interrupt` carries the question out of it."""

import asyncio

from langgraph.errors import GraphInterrupt
from langgraph.types import interrupt

from folkmoot.graphs.human import Said, first_of, mirrored, reply_to, request
from folkmoot.records import HUMAN, Call, InputError, Journal, Reply


class People:
    """The people of a run. One a run; what they have answered stands in the journal."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._tried: dict[str, asyncio.Event] = {}

    async def reply(self, call: Call, journal: Journal) -> Reply:
        """A person's reply: given to the same question before, or given now.

        Raises:
            GraphInterrupt: nobody has answered yet; its value is the question (`human.request`).
        """
        self._calls[call.id] = call
        first = first_of(call, self._known(journal))
        if first.id == call.id:
            return self._asked(call, journal)
        if first.id not in journal.replies:
            await self._attempt(first).wait()
        if first.id in journal.replies:
            return mirrored(journal.replies[first.id], first, call)
        # Whoever asks the question interrupts; this is the same question, so it only waits.
        raise GraphInterrupt(())

    def replied(self, reply: Reply) -> None:
        """A reply is on record."""
        if reply.engine == HUMAN:
            self._attempt_of(reply.call).set()

    def _asked(self, call: Call, journal: Journal) -> Reply:
        asked = request(call, journal.opening.run_id)
        try:
            given = interrupt(asked)
            while True:
                try:
                    return reply_to(call, Said.of(given, call))
                except InputError as fault:
                    given = interrupt({**asked, "fault": str(fault.message), "hint": fault.hint})
        except GraphInterrupt:
            self._attempt(call).set()
            raise

    def _known(self, journal: Journal) -> list[Call]:
        """Calls asked so far in this process, and those that others were asked before."""
        known = {call.id: call for call in journal.calls if call.model == HUMAN}
        return list({**known, **self._calls}.values())

    def _attempt(self, call: Call) -> asyncio.Event:
        return self._attempt_of(call.id)

    def _attempt_of(self, call: str) -> asyncio.Event:
        return self._tried.setdefault(call, asyncio.Event())
