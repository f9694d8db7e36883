"""The outcome: all that a run came to, derived from what was recorded and from nothing else."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Reply, ReplyState
from folkmoot.records.canonical import canonical
from folkmoot.records.clones import clones
from folkmoot.records.conflict_log import (
    ConflictEntry,
    ConflictLog,
    RunStatus,
    status_of,
)
from folkmoot.records.conflicts import Dissent
from folkmoot.records.decisions import Decision
from folkmoot.records.dynamics import dynamics
from folkmoot.records.errors import RecordError
from folkmoot.records.figures import Dynamics
from folkmoot.records.files import replace
from folkmoot.records.journal_reader import JournalView, read_journal
from folkmoot.records.ledger import Ledger, ledger
from folkmoot.records.lines import Abort, Close
from folkmoot.records.opening import Opening
from folkmoot.records.transcript import Record, Transcript

TRANSCRIPT_SCHEMA = "transcript/1"
OUTCOME_SCHEMA = "outcome/1"


class Absence(Frozen):
    """A reply that is not what was asked for: empty, cut off, refused or unavailable."""

    seat: str
    call: str
    purpose: str
    state: ReplyState
    error: str | None = None


class Outcome(NamedTuple):
    """What a run came to."""

    answer: str
    """Always text; the whole sentence says so where the run has not come to an answer."""
    decision: Decision | None
    """None where the run ended, or stands, before its decision."""
    conflicts: tuple[ConflictEntry, ...]
    """Worst first."""
    dissents: tuple[Dissent, ...]
    """Who does not hold what was decided, in their own words; once for each seat and position."""
    transcript: Transcript
    ledger: Ledger
    conflict_log: ConflictLog
    status: RunStatus
    absences: tuple[Absence, ...]
    record: Path | None
    """Where all of it can be rebuilt from; None if no journal was kept."""

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints: `outcome.json` and, under `record`, where the record is."""
        shown = self._shown()
        if self.record is not None:
            shown["record"] = str(self.record)
        return shown

    @property
    def dynamics(self) -> Dynamics:
        """How opinions moved, folded anew from the transcript; in none of the derived files. With a
        key, the answer that is known to be right: `dynamics(outcome.transcript, key)`."""
        return dynamics(self.transcript)

    @property
    def clones(self) -> tuple[tuple[str, ...], ...]:
        """Groups of seats that are the same agent: one model, one declared perspective. Derived from
        the opening; in none of the derived files."""
        return clones(self.transcript.opening.parties)

    def derived(self) -> dict[str, bytes]:
        """The derived files of the record: name → bytes. The same from the journal, always."""
        transcript = {
            "schema": TRANSCRIPT_SCHEMA,
            "opening": self.transcript.opening.plain(),
            "records": [record.plain() for record in self.transcript],
        }
        return {
            "transcript.json": canonical(transcript) + b"\n",
            "conflicts.json": canonical(self.conflict_log.as_json()) + b"\n",
            "outcome.json": canonical(self._shown()) + b"\n",
        }

    def __str__(self) -> str:
        decided = self.decision.status if self.decision else "no decision"
        return (
            f"{self.answer}\n{self.status}, {decided}; "
            f"{len(self.conflicts)} conflicts, {len(self.dissents)} dissents"
        )

    def __repr__(self) -> str:
        winner = self.decision.winner if self.decision else None
        return (
            f"Outcome({self.status}, winner={winner!r}, conflicts={len(self.conflicts)}, "
            f"record={str(self.record) if self.record else None!r})"
        )

    def _shown(self) -> dict[str, Any]:
        opening = self.transcript.opening
        shown: dict[str, Any] = {
            "schema": OUTCOME_SCHEMA,
            "run_id": opening.run_id,
            "question": opening.question,
            "status": self.status,
            "answer": self.answer,
            "conflicts": [each.plain() for each in self.conflicts],
            "dissents": [each.plain() for each in self.dissents],
            "ledger": self.ledger.plain(),
            "absences": [each.plain() for each in self.absences],
        }
        if self.decision is not None:
            shown["decision"] = self.decision.plain()
        return shown


def derive(
    opening: Opening,
    records: Iterable[Record],
    *,
    aborts: Sequence[Abort] = (),
    lost: Sequence[str] = (),
    close: Close | None = None,
    record: Path | None = None,
) -> Outcome:
    """Derive the outcome of a run.

    Args:
        opening: how the run began.
        records: every record of the run, replies among them, in any order.
        aborts: the calls that were cancelled before their reply.
        lost: ids of the calls whose reply was lost when the run stopped.
        close: how the run ended; None while it has not.
        record: the folder of the record, if there is one.
    """
    transcript = Transcript(opening, records)
    log = ConflictLog.of(transcript, close)
    return Outcome(
        answer=_answer(transcript, close),
        decision=transcript.decision,
        conflicts=log.conflicts,
        dissents=_dissents(log.conflicts),
        transcript=transcript,
        ledger=ledger(transcript.replies, opening.seats, aborts, lost),
        conflict_log=log,
        status=status_of(close),
        absences=_absences(transcript.replies),
        record=record,
    )


def load(folder: Path | str) -> Outcome:
    """Derive the outcome of the record in `folder` from its journal.

    Raises:
        RecordError: there is no journal there.
        JournalError: it is broken, at a line.
    """
    return outcome_of(read_journal(folder), Path(folder))


def outcome_of(view: JournalView, record: Path | None = None) -> Outcome:
    """Derive the outcome of what stands in a journal (`Journal.view()`, `read_journal()`).

    Args:
        view: what stands in the journal.
        record: the folder of the record.
    """
    return derive(
        view.opening,
        view.records,
        aborts=view.aborts,
        lost=view.lost,
        close=view.close,
        record=record,
    )


def write_derived(folder: Path | str, outcome: Outcome) -> None:
    """Write the derived files of a record, each whole or not at all.

    Raises:
        RecordError: one could not be written.
    """
    folder = Path(folder)
    for name, data in outcome.derived().items():
        try:
            replace(folder / name, data)
        except OSError as error:
            raise RecordError(
                f"cannot write {name} in {str(folder)!r}: {error.strerror}",
                "the journal stands: make room and resume the run",
            ) from error


def _answer(transcript: Transcript, close: Close | None) -> str:
    if transcript.answer is not None:
        return transcript.answer.text
    if close is None:
        return "No answer yet: the run has not ended."
    return "No answer: the run ended and came to none."


def _dissents(conflicts: Iterable[ConflictEntry]) -> tuple[Dissent, ...]:
    every = (dissent for conflict in conflicts for dissent in conflict.dissent)
    return tuple({(each.seat, each.position): each for each in every}.values())


def _absences(replies: Iterable[Reply]) -> tuple[Absence, ...]:
    return tuple(
        Absence(
            seat=each.seat,
            call=each.call,
            purpose=each.purpose,
            state=each.state,
            error=each.error,
        )
        for each in replies
        if each.state != "ok"
    )
