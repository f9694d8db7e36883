"""What a watcher of a run hears. Events inform; only what is `Recorded` has happened.

`run` is the run's id: who watches many runs at once tells them apart by it.
"""

from typing import NamedTuple

from folkmoot.pool import Progress
from folkmoot.records import Call, Opening, Outcome, Record, Reply


class Loading(NamedTuple):
    """The pool is getting ready."""

    progress: Progress


class Opened(NamedTuple):
    """The run has begun and its journal stands in the folder `record`."""

    opening: Opening
    record: str


class StageStarted(NamedTuple):
    """A stage has asked `calls` questions."""

    step: int
    stage: str
    round: int
    calls: int
    run: str


class Asked(NamedTuple):
    """A call has gone to the pool: its seat is thinking or speaking."""

    call: Call
    run: str


class Text(NamedTuple):
    """A piece of text as it is generated: provisional, it may still be lost."""

    call: Call
    text: str
    run: str


class Answered(NamedTuple):
    """A reply is in the journal. `replayed`: it was there already, from before a resume."""

    call: Call
    reply: Reply
    replayed: bool
    run: str


class Recorded(NamedTuple):
    """What a reply means is in the journal: a turn, a stance, a ballot, a conflict, …"""

    record: Record
    run: str


class Finished(NamedTuple):
    """The run has ended."""

    outcome: Outcome


Event = Loading | Opened | StageStarted | Asked | Text | Answered | Recorded | Finished
