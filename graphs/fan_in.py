"""Fan-in: a step that waits for some of its seats goes on once these have answered."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from folkmoot.records import Call, Reply

_SAID = ("ok", "cut_off")


class FanIns:
    """What the steps of a run wait for. One a run; what it knows can be told from the journal again."""

    def __init__(self) -> None:
        self._steps: dict[int, _FanIn] = {}

    def asked(self, step: int, need: int | None, calls: Sequence[Call]) -> None:
        """A step has asked, and waits for `need` of the seats that it asked; None: for all."""
        if need is not None:
            self._steps[step] = _FanIn(need, Counter(call.seat for call in calls))

    def answered(self, reply: Reply) -> None:
        """A reply is on record."""
        if (fan_in := self._steps.get(reply.step)) is not None:
            fan_in.answered(reply)

    def over(self, call: Call) -> asyncio.Event | None:
        """Set once the call is not waited for any more; None where it always is."""
        fan_in = self._steps.get(call.step)
        return None if fan_in is None else fan_in.over

    def why(self, call: Call) -> str:
        """Why a call was not waited for."""
        need = self._steps[call.step].need
        return f"not waited for: {need} {'seat' if need == 1 else 'seats'} had answered"


class _FanIn:
    def __init__(self, need: int, left: Counter[str]) -> None:
        self.need = need
        self.over = asyncio.Event()
        self._left = left
        self._done = 0

    def answered(self, reply: Reply) -> None:
        if reply.state not in _SAID:
            return
        self._left[reply.seat] -= 1
        self._done += self._left[reply.seat] == 0
        if self._done >= self.need:
            self.over.set()
