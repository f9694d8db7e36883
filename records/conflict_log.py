"""The conflict log: conflicts, what the decision did to them and how the answer treats them, as one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, Self

from folkmoot.records.acts import Ballot
from folkmoot.records.base import Frozen
from folkmoot.records.canonical import text_digest
from folkmoot.records.conflicts import (
    Conflict,
    Dissent,
    Event,
    Ratification,
    ReopenIf,
    Resolution,
    Settlement,
)
from folkmoot.records.decisions import Decision, Treatment
from folkmoot.records.ends import serious
from folkmoot.records.first_answers import FirstAnswers, first_answers
from folkmoot.records.lines import Close
from folkmoot.records.opening import Opening, Party
from folkmoot.records.relations import Relation, Restatement
from folkmoot.records.terms import ConflictStatus, Reason
from folkmoot.records.transcript import Transcript

CONFLICT_LOG_SCHEMA = "conflict-log/1"

_CLERK: Final = "clerk"
"""Who judges pairs of claims, whether a small model or a large one."""

_RELATION: Final = "relation"
_SAME: Final = "same"
_BY_VOTES: Final = "_votes"
"""Purposes of the calls on pairs; those of a large model are its votes."""

_ORDERS, _VOTES = 2, 3
"""Calls on a pair: a small model is asked in both orders, a large one votes, so often by default."""

RunStatus = Literal["complete", "incomplete"]
"""incomplete: the run has not ended; it was stopped or is still going."""


class ConflictEntry(Conflict):
    """A conflict with its end: `status` is the final one, and a conflict that was resolved has that as
    the last event of its history.

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
        """Whether the answer may not be silent on it (`ends.serious`)."""
        return serious(self, self.status, self.resolution.rule if self.resolution else None)


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


class Judged(Frozen):
    """How many pairs of claims a model was asked about, and of how many it could be read."""

    asked: int
    judged: int


class Coverage(Frozen):
    """How much there is of what, so that an absence is visible."""

    conflicts: int
    by_status: dict[str, int]
    dissents: int
    ratified: int
    """Of these, those whose statement the dissenter confirmed, or replaced by its own."""
    stance_changes: int
    """Seats that conceded or withdrew, in any conflict; and moves on record that belong to none, as
    where all move together."""
    unexplained_changes: int
    """Of these, those of which neither a message that the seat named nor its words show a reason."""
    flagged: int
    """Serious conflicts that the answer is silent on, or misstates, although no agreement settled
    them."""
    first_answers: FirstAnswers | None = None
    """How the first answers to an open question compare; None on a choice question, and where fewer
    than two seats gave one."""
    clerk: Judged | None = None
    """What the clerk was asked; None where none was."""
    llm: Judged | None = None
    """What the large model was asked; None where none was."""
    clerk_same: Judged | None = None
    """Of how many pairs that go together the clerk was asked whether they make the same point; None
    where of none."""
    llm_same: Judged | None = None
    """The same of the large model."""


class ConflictLog(Frozen):
    """Every conflict of a run, in the order of their ids. As JSON: schema conflict-log/1."""

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
    """Every conflict with its settlement and treatment, in the order of their ids."""
    settlements = {each.conflict: each for each in transcript.settlements}
    ratified = {(each.conflict, each.seat): each for each in transcript.ratifications}
    answer = transcript.answer
    treatments = {each.conflict: each for each in answer.treatments} if answer else {}
    found: list[ConflictEntry] = []
    for conflict in transcript.conflicts:
        settled = settlements.get(conflict.id)
        fields = dict(conflict)
        if settled is not None:
            fields["status"] = settled.status
            fields["history"] = (*conflict.history, *_resolved(transcript, conflict, settled))
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


def _resolved(transcript: Transcript, conflict: Conflict, settled: Settlement) -> tuple[Event, ...]:
    """The event that ends a conflict which a rule resolved: in the last round before that."""
    if settled.status != "resolved":
        return ()
    turns = (each.round for each in transcript.turns if each.step < settled.step)
    last = max((*turns, *(each.round for each in conflict.history)), default=0)
    return (Event(round=last, event="resolved"),)


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
    changes = tuple(_changes(transcript, conflicts))
    return Coverage(
        conflicts=len(conflicts),
        by_status=dict(Counter(each.status for each in conflicts)),
        dissents=sum(len(each.dissent) for each in conflicts),
        ratified=sum(
            dissent.ratified in ("confirmed", "corrected")
            for each in conflicts
            for dissent in each.dissent
        ),
        stance_changes=len(changes),
        unexplained_changes=changes.count("unexplained"),
        flagged=sum(1 for each in conflicts if each.treatment and each.treatment.flagged),
        first_answers=first_answers(transcript),
        clerk=_judged(transcript, "clerk", _RELATION, transcript.relations),
        llm=_judged(transcript, "llm", _RELATION, transcript.relations),
        clerk_same=_judged(transcript, "clerk", _SAME, transcript.restatements),
        llm_same=_judged(transcript, "llm", _SAME, transcript.restatements),
    )


def _changes(
    transcript: Transcript, conflicts: tuple[ConflictEntry, ...]
) -> Iterator[Reason | None]:
    """The reason of every change of side. What the log says of a move was looked for in the record; a
    move that no conflict tells of has only what its seat said."""
    told: set[tuple[str, str | None, int]] = set()
    for conflict in conflicts:
        for event in conflict.history:
            if event.by is not None and event.event in ("conceded", "withdrawn"):
                told.add((conflict.about, event.by, event.round))
                yield event.reason
    for move in transcript.moves:
        if (move.about, move.seat, move.round) not in told:
            yield move.because


def _judged(
    transcript: Transcript,
    layer: Literal["clerk", "llm"],
    purpose: str,
    records: Sequence[Relation | Restatement],
) -> Judged | None:
    """How many pairs a layer was asked about, by the replies to it: one that failed is a reply, too."""
    named = purpose if layer == "clerk" else f"{purpose}{_BY_VOTES}"
    asked = sum(each.seat == _CLERK and each.purpose == named for each in transcript.replies)
    if not asked:
        return None
    read = [each for each in records if each.layer == layer]
    votes = int((transcript.opening.protocol.log or {}).get("votes", _VOTES))
    calls = _ORDERS if layer == "clerk" else max(1, len(read[0].calls) if read else votes)
    return Judged(asked=-(-asked // calls), judged=len(read))
