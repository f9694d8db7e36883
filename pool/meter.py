"""Whose the engine's time is: every moment is split evenly between the calls on their way."""

import time


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

    def _advance(self) -> None:
        now = time.monotonic()
        if self._flying:
            self._each += (now - self._at) / self._flying
        self._at = now
