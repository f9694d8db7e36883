"""Whose the engine's time is: every moment is split evenly between the calls on their way."""

import time
from collections.abc import Awaitable

from folkmoot.records import Reply, Timing


class Meter:
    """The time that one engine works for this process (processor sharing).

    The parts of all calls add up to the seconds in which at least one was on its way.
    """

    def __init__(self) -> None:
        self._flying = 0
        self._each = 0.0
        """Seconds that a call on its way from the beginning until now would have had."""
        self._at = 0.0

    def begin(self) -> float:
        """A call is on its way; give what this returns to `end`."""
        self._advance()
        self._flying += 1
        return self._each

    def end(self, begun: float) -> float:
        """It is there: the seconds that were its part."""
        self._advance()
        self._flying -= 1
        return self._each - begun

    async def in_turn(self, answering: Awaitable[Reply], waited_s: float) -> Reply:
        """The reply of an engine whose turn was waited for, with that wait and the call's part.

        Only whoever knows of the turn can tell the two apart.
        """
        begun = self.begin()
        try:
            reply = await answering
        finally:
            part_s = self.end(begun)
        timing = (reply.timing or Timing()).model_copy(
            update={"waited": round(1000 * waited_s), "engine": round(1000 * part_s)}
        )
        return reply.model_copy(update={"timing": timing})

    def _advance(self) -> None:
        now = time.monotonic()
        if self._flying:
            self._each += (now - self._at) / self._flying
        self._at = now
