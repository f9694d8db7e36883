"""The conflict log: conflicts, what the decision did to them and how the answer treats them, as one."""

from collections import Counter
from typing import Any, Literal, Self

from folkmoot.records.acts import Ballot
from folkmoot.records.base import Frozen
from folkmoot.records.canonical import text_digest
from folkmoot.records.conflicts import Conflict, ConflictStatus, Dissent, Resolution
from folkmoot.records.decisions import Decision, Treatment
from folkmoot.records.lines import Close
from folkmoot.records.opening import Opening, Party
from folkmoot.records.transcript import Transcript

CONFLICT_LOG_SCHEMA = "conflict-log/1"

RunStatus = Literal["complete", "incomplete"]
"""incomplete: the run has not ended; it was stopped or is still going."""


class ConflictEntry(Conflict):
    """A conflict with its end: `status` is the final one.

    `resolution`, `dissent` and `treatment` are absent as long as the run has not come to them.
    """

    contested_status: ConflictStatus
    """Its status before the decision."""
    resolution: Resolution | None = None
    dissent: tuple[Dissent, ...] = ()
    treatment: Treatment | None = None


class RunInfo(Frozen):
    """Which run a log is of."""

    run_id: str
    question: str
    question_sha256: str
    options: tuple[str, ...] | None = None
    protocol: str
    protocol_version: str
    graph_sha256: str
    rounds: int
    """Rounds in which anything was said or a stand was taken."""
    started: str
    finished: str | None = None
    status: RunStatus
    replay: Literal["exact", "statistical", "none"]


class Coverage(Frozen):
    """How much there is of what, so that an absence is visible."""

    conflicts: int
    by_status: dict[str, int]
    dissents: int
    stance_changes: int
    """Changes of stance on record."""
    unexplained_changes: int
    """Of these, those that named no message that moved the seat."""
    flagged: int
    """Conflicts that the answer is silent on although no agreement settled them."""


class ConflictLog(Frozen):
    """Every conflict of a run, worst first. As JSON: schema conflict-log/1."""

    run: RunInfo
    parties: tuple[Party, ...]
    conflicts: tuple[ConflictEntry, ...]
    ballots: tuple[Ballot, ...]
    decision: Decision | None = None
    coverage: Coverage

    @classmethod
    def of(cls, transcript: Transcript, close: Close | None = None) -> Self:
        """Fold a transcript into its conflict log.

        Args:
            transcript: all records of the run.
            close: how the run ended; None while it has not.
        """
        conflicts = entries(transcript)
        return cls(
            run=_run(transcript, close),
            parties=transcript.opening.parties,
            conflicts=conflicts,
            ballots=transcript.ballots,
            decision=transcript.decision,
            coverage=_coverage(transcript, conflicts),
        )

    def as_json(self) -> dict[str, Any]:
        """The log as JSON values, with its schema."""
        return {"schema": CONFLICT_LOG_SCHEMA, **self.plain()}


def entries(transcript: Transcript) -> tuple[ConflictEntry, ...]:
    """Every conflict with its settlement and treatment, in the order in which they were drawn up:
    worst first, and the question's own before its parts."""
    settlements = {each.conflict: each for each in transcript.settlements}
    answer = transcript.answer
    treatments = {each.conflict: each for each in answer.treatments} if answer else {}
    found: list[ConflictEntry] = []
    for conflict in transcript.conflicts:
        settled = settlements.get(conflict.id)
        fields = dict(conflict)
        fields["status"] = settled.status if settled else conflict.status
        found.append(
            ConflictEntry(
                **fields,
                contested_status=conflict.status,
                resolution=settled.resolution if settled else None,
                dissent=settled.dissent if settled else (),
                treatment=treatments.get(conflict.id),
            )
        )
    return tuple(found)


def status_of(close: Close | None) -> RunStatus:
    """The status of a run that ended so."""
    return close.status if close else "incomplete"


def _run(transcript: Transcript, close: Close | None) -> RunInfo:
    opening: Opening = transcript.opening
    rounds = {each.round for each in (*transcript.turns, *transcript.stances)}
    return RunInfo(
        run_id=opening.run_id,
        question=opening.question,
        question_sha256=text_digest(opening.question),
        options=opening.options,
        protocol=opening.protocol.name,
        protocol_version=opening.protocol.version,
        graph_sha256=opening.protocol.graph_sha256,
        rounds=len(rounds),
        started=opening.started,
        finished=close.at if close else None,
        status=status_of(close),
        replay=opening.replay,
    )


def _coverage(transcript: Transcript, conflicts: tuple[ConflictEntry, ...]) -> Coverage:
    moves = transcript.moves
    return Coverage(
        conflicts=len(conflicts),
        by_status=dict(Counter(each.status for each in conflicts)),
        dissents=sum(len(each.dissent) for each in conflicts),
        stance_changes=len(moves),
        unexplained_changes=sum(move.because == "unexplained" for move in moves),
        flagged=sum(1 for each in conflicts if each.treatment and each.treatment.flagged),
    )
