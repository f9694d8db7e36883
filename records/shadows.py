"""Shadows: what seats on probation said beside a run, on record and counted for nothing.

    RUN/shadows/
      plan.json     who is to be asked; `folkmoot.graphs.shadow` writes it
      1-nurse/      a record of its own for each seat, whose opening names the run (`shadow_of`)

The run's own files know nothing of them: a record is the same with and without this folder.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from folkmoot.records.acts import Stance, Turn
from folkmoot.records.base import Frozen
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.decisions import Decision
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.journal_reader import read_journal
from folkmoot.records.opening import Beside
from folkmoot.records.outcome import Outcome, load

SHADOWS = "shadows"
"""The folder, inside the record of a run."""

ShadowState = Literal["valid", "abstained", "unreadable", "cut_off", "empty", "unavailable"]


class Shadow(Frozen):
    """What a seat on probation would have said."""

    seat: str
    model: str = ""
    state: ShadowState
    """Of its stance; of its answer on an open question. unavailable: nothing came of it; see `error`."""
    choice: str | None = None
    """The option that it would have stood for."""
    probabilities: dict[str, float] | None = None
    """Of each option; None where it states its stance."""
    text: str = ""
    """Its reason, or its answer to an open question."""
    agrees: bool | None = None
    """Whether that is what was decided; None where nothing was decided, or it chose nothing."""
    record: Path | None = None
    """The folder of its own record; None where none could be kept."""
    error: str | None = None
    """Why there is no answer, or no whole one."""


class ShadowRun(NamedTuple):
    """A record beside a run, read."""

    seat: str
    folder: Path
    outcome: Outcome

    def shadow(self, decision: Decision | None) -> Shadow:
        """What it came to, held against what the run decided."""
        (party,) = self.outcome.transcript.opening.parties
        state, stance, turn = self._came_to()
        choice = None if stance is None else stance.choice
        winner = None if decision is None else decision.winner
        return Shadow(
            seat=party.seat,
            model=party.model,
            state=state,
            choice=choice,
            probabilities=None if stance is None else stance.probabilities,
            text="" if turn is None else turn.text,
            agrees=None if choice is None or winner is None else choice == winner,
            record=self.folder,
            error=self._error(),
        )

    def _came_to(self) -> tuple[ShadowState, Stance | None, Turn | None]:
        seen = self.outcome.transcript
        stances, turns = seen.stands(seat=self.seat), seen.turns
        stance = stances[-1] if stances else None
        turn = turns[-1] if turns else None
        if seen.opening.options is not None:
            return (stance.state if stance else "unavailable"), stance, turn
        return (turn.state if turn else "unavailable"), None, turn

    def _error(self) -> str | None:
        if self.outcome.status != "complete":
            return "it was stopped, and can be resumed"
        faults = (each.error or each.state.replace("_", " ") for each in self.outcome.absences)
        return next(faults, None)


def beside(outcome: Outcome) -> Beside:
    """A run that ended, as records beside it name it.

    Raises:
        InputError: it has no record, or has not ended.
        RecordError: its record cannot be read.
    """
    if outcome.record is None:
        raise InputError("the run has no record", "what is said beside it is kept in its folder")
    view = read_journal(outcome.record)
    if view.close is None:
        raise InputError("the run has not ended", f"folkmoot resume {outcome.record}")
    return Beside(run_id=view.opening.run_id, head=view.run_head)


def folders(record: Path) -> Iterator[Path]:
    """The folders of the records beside a run, by their numbers; links are passed over."""
    within = record / SHADOWS
    if within.is_symlink() or not within.is_dir():
        return
    for each in sorted(within.iterdir(), key=_number):
        if not each.is_symlink() and (each / JOURNAL_FILE).is_file():
            yield each


def _number(folder: Path) -> tuple[int, str]:
    first = folder.name.partition("-")[0]
    return (int(first) if first.isdecimal() else 0), folder.name


def shadow_runs(outcome: Outcome) -> tuple[ShadowRun, ...]:
    """The records beside a run that belong to it, one for each seat; () where it has not ended.

    One that names another run, or that cannot be read, is passed over: `folkmoot verify` on its folder
    says what is wrong with it.
    """
    if outcome.record is None or outcome.status != "complete":
        return ()
    named, found = beside(outcome), dict[str, ShadowRun]()
    for folder in folders(outcome.record):
        try:
            each = load(folder)
        except RecordError:
            continue
        opening = each.transcript.opening
        if opening.shadow_of == named and len(opening.seats) == 1:
            found.setdefault(opening.seats[0], ShadowRun(opening.seats[0], folder, each))
    return tuple(found.values())


def read_shadows(outcome: Outcome) -> tuple[Shadow, ...]:
    """What seats on probation said beside a run.

    Raises:
        RecordError: the run's own record cannot be read.
    """
    return tuple(each.shadow(outcome.decision) for each in shadow_runs(outcome))
