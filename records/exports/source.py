"""What every export starts from: a record as read, what each call was shown, and when things happened."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from folkmoot.records.acts import Turn
from folkmoot.records.calls import Call, Reply, Role
from folkmoot.records.canonical import text_digest
from folkmoot.records.journal_reader import JournalView, read_journal
from folkmoot.records.opening import Opening
from folkmoot.records.outcome import Outcome, outcome_of
from folkmoot.records.transcript import Record


class Source(NamedTuple):
    """A record, read."""

    view: JournalView
    outcome: Outcome

    @property
    def opening(self) -> Opening:
        """How the run began."""
        return self.view.opening

    def named(self, *parts: object) -> str:
        """A stable id of something in this record: 22 hexadecimal digits, from the hash of its last line
        and from what the thing is."""
        return text_digest("/".join(map(str, (self.view.head, *parts))))[:22]


def read_source(folder: Path | str) -> Source:
    """Read the record in `folder`.

    Raises:
        RecordError: there is none.
        JournalError: it is broken, at a line.
    """
    view = read_journal(folder)
    return Source(view, outcome_of(view, Path(folder)))


class Shown(NamedTuple):
    """A chat message of a prompt, as the model was sent it."""

    role: Role
    text: str


def shown(call: Call, reply: Reply | None) -> tuple[Shown, ...]:
    """The prompt of a call, without what was left out because the context was too small.

    Neighbouring segments of one role are one message. A last one of role `assistant` opens the reply.
    """
    gone = set(reply.dropped if reply else ())
    kept = [each for each in call.segments if not (each.drop and each.label in gone)]
    runs = (list(run) for _, run in groupby(kept, key=lambda each: each.role))
    return tuple(Shown(run[0].role, "".join(each.text for each in run)) for run in runs)


class Stretch(NamedTuple):
    """A piece of a run: what was asked, and what the replies came to, in one step and one round."""

    step: int
    round: int | None
    """None for what belongs to no round: a conflict, a decision, the answer."""
    stage: str
    calls: tuple[Call, ...]
    records: tuple[Record, ...]
    """Without the replies."""


def stretches(view: JournalView) -> Iterator[Stretch]:
    """A run, piece by piece, in the order of the record."""
    calls = sorted(view.calls, key=lambda each: (each.step, each.round, each.order))
    asked = {at: tuple(run) for at, run in groupby(calls, key=lambda each: (each.step, each.round))}
    stages = {each.step: each.stage for each in view.calls}
    told: dict[tuple[int, int | None], list[Record]] = {}
    for record in view.records:
        if not isinstance(record, Reply):
            told.setdefault((record.step, getattr(record, "round", None)), []).append(record)
    places = sorted({*asked, *told}, key=lambda at: (at[0], at[1] is None, at[1] or 0))
    for step, round in places:
        records = tuple(told.get((step, round), ()))
        named = getattr(records[0], "stage", None) or records[0].record if records else ""
        stage = stages.get(step) or str(named)
        asking = () if round is None else asked.get((step, round), ())
        yield Stretch(step, round, stage, asking, records)


class Clock:
    """When things happened, as far as it can be told.

    A journal says when a run began and ended and how long each reply took, not when it was asked. The
    calls of a step are laid out as if all were asked at once, each step after the one before it. So order
    and durations are the record's, and a moment is an estimate.

    Attributes:
        began: when the run began.
        ended: when it ended; where it has not, the estimate.
    """

    def __init__(self, view: JournalView) -> None:
        self.began = datetime.fromisoformat(view.opening.started).astimezone(UTC)
        self._starts: dict[int, float] = {}
        self._took = {reply.call: (reply.took_ms or 0) / 1000 for reply in view.replies.values()}
        longest: dict[int, float] = {}
        for record in view.records:
            took = self._took[record.call] if isinstance(record, Reply) else 0.0
            longest[record.step] = max(longest.get(record.step, 0.0), took)
        for call in view.calls:
            longest.setdefault(call.step, 0.0)
        at = 0.0
        for step in sorted(longest):
            self._starts[step] = at
            at = round(at + longest[step], 3)
        self._last = at
        self._after = {step: self._starts[step] + longest[step] for step in longest}
        self.ended = self.began + timedelta(seconds=at)
        if view.close is not None:
            self.ended = max(self.ended, datetime.fromisoformat(view.close.at).astimezone(UTC))

    def asked(self, call: Call) -> float:
        """Seconds from the beginning to a call."""
        return self._starts[call.step]

    def answered(self, call: Call) -> float:
        """Seconds from the beginning to its reply."""
        return round(self._starts[call.step] + self._took.get(call.id, 0.0), 3)

    def told(self, step: int) -> float:
        """Seconds from the beginning to what the replies of a step came to."""
        return round(self._after.get(step, self._last), 3)

    def at(self, seconds: float) -> datetime:
        """That many seconds after the beginning."""
        return self.began + timedelta(seconds=seconds)


def said_in(turns: Sequence[Turn]) -> dict[str, tuple[Turn, ...]]:
    """Call id → the messages that its reply came to."""
    found: dict[str, list[Turn]] = {}
    for turn in turns:
        found.setdefault(turn.call, []).append(turn)
    return {call: tuple(those) for call, those in found.items()}
