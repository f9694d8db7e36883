"""What a watcher of a run knows so far: a fold over its events, for the live views to draw."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from folkmoot.graphs import events
from folkmoot.pool import Progress
from folkmoot.records import QUESTION, Call, Opening, Stance

_SLOW_S = 2.0
"""Seconds before which no remaining time is guessed."""


@dataclass
class StageWatch:
    """One stage that asks models: how far it is."""

    step: int
    name: str
    round: int
    calls: int
    started: float
    answered: int = 0
    replayed: int = 0
    ended: float | None = None
    stances: list[Stance] = field(default_factory=list[Stance])
    """Stances on the question that this stage put on record."""

    def seconds(self, now: float) -> float:
        """How long it has taken, or took."""
        return (self.ended if self.ended is not None else now) - self.started

    def left(self, now: float) -> float | None:
        """Seconds that it will still take at the pace so far; None while that is a guess."""
        fresh = self.answered - self.replayed
        if self.ended is not None or fresh == 0 or self.seconds(now) < _SLOW_S:
            return None
        return self.seconds(now) / fresh * (self.calls - self.answered)

    def stood(self) -> str:
        """How the panel stands after it: `yes 3 · no 1 · abstained 1`; empty if it took no stance."""
        held = Counter(stance.choice or stance.state for stance in self.stances)
        return " · ".join(f"{choice} {count}" for choice, count in held.most_common())


@dataclass
class Voice:
    """A call under way: who is asked, and the provisional text so far."""

    call: Call
    text: str = ""


class Watch:
    """Listens to a run.

    Attributes:
        loading: the latest sign of life of a pool that is getting ready; None before and after.
        opening: how the run began; None until it has.
        record: its folder, where it keeps one.
        stages: every stage that asked models, in order; the last one may be under way.
        voices: calls under way, by id, in the order in which they were asked.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.began = clock()
        self.loading: Progress | None = None
        self.opening: Opening | None = None
        self.record: str | None = None
        self.stages: list[StageWatch] = []
        self.voices: dict[str, Voice] = {}

    @property
    def current(self) -> StageWatch | None:
        """The stage under way."""
        last = self.stages[-1] if self.stages else None
        return last if last is not None and last.ended is None else None

    def hear(self, event: events.Event) -> StageWatch | None:
        """Take an event in; returns the stage that it brought to an end, if any."""
        ended = None
        match event:
            case events.Loading(progress):
                self.loading = progress
            case events.Opened(opening, record):
                self.loading, self.opening, self.record = None, opening, record
            case events.StageStarted(step, stage, round, calls):
                ended = self._end()
                if calls:
                    self.stages.append(StageWatch(step, stage, round, calls, self.clock()))
            case events.Asked(call):
                self.voices[call.id] = Voice(call)
            case events.Text(call, text):
                self.voices.setdefault(call.id, Voice(call)).text += text
            case events.Answered(call, _, replayed):
                self.voices.pop(call.id, None)
                self._count(call, replayed)
            case events.Recorded(record):
                if isinstance(record, Stance) and record.about == QUESTION and self.current:
                    self.current.stances.append(record)
            case events.Finished():
                ended = self._end()
        return ended

    def _count(self, call: Call, replayed: bool) -> None:
        stage = self.current
        if stage is not None and stage.step == call.step:
            stage.answered += 1
            stage.replayed += replayed

    def _end(self) -> StageWatch | None:
        stage = self.current
        if stage is not None:
            stage.ended = self.clock()
            self.voices.clear()
        return stage
