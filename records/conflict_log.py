"""The conflict log: conflicts, what the decision did to them and how the answer treats them, as one."""

from collections import Counter
from typing import Any, Final, Literal, Self

from folkmoot.records.acts import QUESTION, Ballot
from folkmoot.records.base import Frozen
from folkmoot.records.canonical import text_digest
from folkmoot.records.conflicts import (
    Conflict,
    Dissent,
    Ratification,
    ReopenIf,
    Resolution,
    Settlement,
)
from folkmoot.records.decisions import Decision, Treatment
from folkmoot.records.lines import Close
from folkmoot.records.opening import Opening, Party
from folkmoot.records.terms import ConflictStatus
from folkmoot.records.transcript import Transcript

CONFLICT_LOG_SCHEMA = "conflict-log/1"

UNSETTLED: Final = ("open", "narrowed", "went_along", "outvoted")
"""Ends that are no agreement: the difference is still there, or no reason was given for its end."""

SERIOUS: Final = 2
"""The severity from which an answer may not be silent on an unsettled conflict."""

RunStatus = Literal["complete", "incomplete"]
"""incomplete: the run has not ended; it was stopped or is still going."""


class ConflictEntry(Conflict):
    """A conflict with its end: `status` is the final one.

    `resolution`, `dissent`, `reopen_if` and `treatment` are absent as long as the run has not come
    to them.
    """

    contested_status: ConflictStatus
    """Its status before the decision."""
    resolution: Resolution | None = None
    dissent: tuple[Dissent, ...] = ()
    """Each as its seat ratified it: where it corrected the statement, in its own correction."""
    reopen_if: tuple[ReopenIf, ...] = ()
    """What dissenters say would have to be shown for the conflict to be taken up again."""
    treatment: Treatment | None = None

    @property
    def serious(self) -> bool:
        """Whether the answer may not be silent on it: it is severe, and no agreement settled it."""
        return self.status in UNSETTLED and self.severity.level >= SERIOUS


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
    ratified: int
    """Of these, those whose statement the dissenter confirmed, or replaced by its own."""
    stance_changes: int
    """Changes of stance on record."""
    unexplained_changes: int
    """Changes of which neither a message that the seat named nor its words show a reason."""
    flagged: int
    """Serious conflicts that the answer is silent on, or misstates, although no agreement settled
    them."""


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
    ratified = {(each.conflict, each.seat): each for each in transcript.ratifications}
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
                dissent=_dissents(settled, ratified) if settled else (),
                reopen_if=tuple(c for c in transcript.conditions if c.conflict == conflict.id),
                treatment=treatments.get(conflict.id),
            )
        )
    return tuple(found)


def _dissents(
    settled: Settlement, ratified: dict[tuple[str, str], Ratification]
) -> tuple[Dissent, ...]:
    """The dissents with what their seats said of them, and the statements that stand."""
    found: list[Dissent] = []
    for dissent in settled.dissent:
        said = ratified.get((settled.conflict, dissent.seat))
        if said is not None and said.position == dissent.position:
            stands = {"ratified": said.state, "span": said.span or dissent.span}
            dissent = dissent.model_copy(update=stands)
        found.append(dissent)
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
    main = next((each for each in conflicts if each.about == QUESTION), None)
    # What the log says of a move was looked for in the record; a move alone says what its seat said.
    reasons = [each.because for each in moves] if main is None else [e.reason for e in main.history]
    return Coverage(
        conflicts=len(conflicts),
        by_status=dict(Counter(each.status for each in conflicts)),
        dissents=sum(len(each.dissent) for each in conflicts),
        ratified=sum(
            dissent.ratified in ("confirmed", "corrected")
            for each in conflicts
            for dissent in each.dissent
        ),
        stance_changes=len(moves),
        unexplained_changes=reasons.count("unexplained"),
        flagged=sum(1 for each in conflicts if each.treatment and each.treatment.flagged),
    )
