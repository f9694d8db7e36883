"""Fan-in: a step that waits for some of its seats goes on once these have answered."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from folkmoot.records import HUMAN, Call, Reply

_SAID = ("ok", "cut_off")


class Awaited(NamedTuple):
    """What a step waits for. It goes with every call of the step: a checkpoint may be all there is."""

    need: int
    """Seats that have answered every call of theirs."""
    seats: Mapping[str, str]
    """The id of every call of the step → its seat."""
    people: tuple[str, ...]
    """The ids of those that people answer."""

    @classmethod
    def of(cls, need: int, calls: Iterable[Call]) -> "Awaited":
        """For a step that waits for `need` seats and asks these calls."""
        asked = tuple(calls)
        return cls(
            need,
            {call.id: call.seat for call in asked},
            tuple(call.id for call in asked if call.model == HUMAN),
        )

    def plain(self) -> tuple[int, dict[str, str], list[str]]:
        """As values that any checkpoint holds."""
        return self.need, dict(self.seats), list(self.people)


class FanIns:
    """What the steps of a run wait for. One a run; what it knows can be told from the journal again."""

    def __init__(self) -> None:
        self._steps: dict[int, _FanIn] = {}

    def asked(self, step: int, awaited: Awaited, replies: Mapping[str, Reply]) -> None:
        """A step has asked; `replies`: those on record. Nothing more if that is known."""
        if step in self._steps:
            return
        fan_in = self._steps[step] = _FanIn(awaited)
        for call in awaited.seats:
            if call in replies:
                fan_in.answered(replies[call])

    def answered(self, reply: Reply) -> None:
        """A reply is on record."""
        if (fan_in := self._steps.get(reply.step)) is not None:
            fan_in.answered(reply)

    def over(self, call: Call) -> asyncio.Event | None:
        """Set once the call is not waited for any more; None where it always is."""
        fan_in = self._steps.get(call.step)
        return None if fan_in is None else fan_in.over

    async def needs_a_person(self, call: Call) -> bool:
        """Whether a person has to be asked: known once models have answered, or are enough."""
        fan_in = self._steps.get(call.step)
        if fan_in is None:
            return True
        await fan_in.tried.wait()
        return not fan_in.over.is_set()

    def why(self, call: Call) -> str:
        """Why a call was not waited for."""
        need = self._steps[call.step].need
        return f"not waited for: {need} {'seat' if need == 1 else 'seats'} had answered"


class _FanIn:
    def __init__(self, awaited: Awaited) -> None:
        self.need = awaited.need
        self.over = asyncio.Event()
        """Enough seats have answered."""
        self.tried = asyncio.Event()
        """Enough seats have answered, or no model is left that could."""
        self._left = Counter(awaited.seats.values())
        self._open = set(awaited.seats)
        self._people = set(awaited.people)
        self._done = 0
        self._look()

    def answered(self, reply: Reply) -> None:
        if reply.call not in self._open:
            return
        self._open.discard(reply.call)
        if reply.state in _SAID:
            self._left[reply.seat] -= 1
            self._done += self._left[reply.seat] == 0
        self._look()

    def _look(self) -> None:
        if self._done >= self.need:
            self.over.set()
        if self.over.is_set() or self._open <= self._people:
            self.tried.set()
