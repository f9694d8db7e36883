"""Difference: what two records come to otherwise, conflict by conflict, seat by seat.

    from folkmoot.records.diff import diff

    found = diff("runs/one", "runs/two")

Conflicts are compared with their likes, whatever ids they bear (`records.same_conflict`); messages that are
options of an open question go by their words. Times, run ids and engines are no differences.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import Field

from folkmoot.records.acts import Ballot
from folkmoot.records.base import Frozen
from folkmoot.records.conflict_log import ConflictEntry, RunStatus
from folkmoot.records.diff_conflicts import (
    Changed,
    Compared,
    Conflicts,
    changes,
    conflicts_between,
    worded,
)
from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.records.outcome import Outcome, load

Held = Outcome | Path | str
"""A run: its outcome, or the folder of its record."""

_OPENING = ("question", "options", "of_values", "seed", "budget", "branch_of")
_DECISION = ("status", "rule", "margin", "decided_by", "params")
_SEVERAL = ("options", "tied", "views")

Meaning = Callable[[str], str]


class Side(Frozen):
    """One of the two records."""

    run_id: str
    question: str
    protocol: str
    seed: int
    status: RunStatus
    record: str | None = None


class Difference(Compared):
    """What stands otherwise in two records; each change is of what the first has, and the second.

    Only what differs is in it: two records that come to the same leave every part empty.
    """

    first: Side
    second: Side
    begun: dict[str, Changed] = Field(default_factory=dict)
    """How they began: question, options, seed, protocol, its parameters, models."""
    seats: dict[str, Changed] = Field(default_factory=dict)
    """Seat → its party, where it is not the same in both."""
    answer: Changed | None = None
    """The texts of the answers."""
    decision: dict[str, Changed] = Field(default_factory=dict)
    """status, rule, winner, tied, margin, … of the last decision."""
    tally: dict[str, Changed] = Field(default_factory=dict)
    """Option → what the rule counted for it."""
    ballots: dict[str, Changed] = Field(default_factory=dict)
    """Seat → the ballots of it that the decision counted."""
    stances: dict[str, Changed] = Field(default_factory=dict)
    """Seat → what it held last of the question."""
    conflicts: Conflicts = Conflicts()
    figures: dict[str, Changed] = Field(default_factory=dict)
    """How much there is: messages, rounds, conflicts, dissents, changes of stance."""
    cost: dict[str, Changed] = Field(default_factory=dict)
    """Calls and tokens in all."""
    cost_by_seat: dict[str, dict[str, Changed]] = Field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not any(
            getattr(self, name) for name in type(self).model_fields if name not in _NAMES
        )

    @property
    def same_outcome(self) -> bool:
        """Whether both came to the same, however they began and whatever they cost."""
        return not any(getattr(self, name) for name in _OUTCOME)

    def mirrored(self) -> Self:
        """The same, seen from the second record."""
        turned = super().mirrored()
        return turned.model_copy(update={"first": self.second, "second": self.first})


_NAMES = ("first", "second")
_OUTCOME = ("answer", "decision", "tally", "ballots", "stances", "conflicts")


def diff(first: Held, second: Held) -> Difference:
    """What two records come to otherwise.

    Args:
        first, second: the runs; they need not be of one question.

    Raises:
        RecordError: there is no record in a folder, or its journal is broken.
    """
    ours, theirs = _outcome(first), _outcome(second)
    ledgers = ours.ledger, theirs.ledger
    return Difference(
        first=side_of(ours),
        second=side_of(theirs),
        begun=changes(_begun(ours), _begun(theirs)),
        seats=changes(_parties(ours), _parties(theirs)),
        answer=changes({"": ours.answer}, {"": theirs.answer}).get(""),
        decision=changes(_decision(ours), _decision(theirs)),
        tally=changes(_tally(ours), _tally(theirs)),
        ballots=changes(_ballots(ours), _ballots(theirs)),
        stances=changes(_stances(ours), _stances(theirs)),
        conflicts=conflicts_between(_of(ours), _of(theirs)),
        figures=changes(_figures(ours), _figures(theirs)),
        cost=changes(_cost(ours.ledger.total), _cost(theirs.ledger.total)),
        cost_by_seat=_by_seat(*ledgers),
    )


def _outcome(held: Held) -> Outcome:
    return held if isinstance(held, Outcome) else load(held)


def _of(outcome: Outcome) -> tuple[Sequence[ConflictEntry], Mapping[str, str]]:
    return outcome.conflicts, worded(outcome.transcript.turns)


def side_of(outcome: Outcome) -> Side:
    """Which run it is."""
    opening = outcome.transcript.opening
    return Side(
        run_id=opening.run_id,
        question=opening.question,
        protocol=opening.protocol.name,
        seed=opening.seed,
        status=outcome.status,
        record=None if outcome.record is None else str(outcome.record),
    )


def _begun(outcome: Outcome) -> dict[str, Any]:
    opening = outcome.transcript.opening
    plain, protocol = opening.plain(), opening.protocol.plain()
    found = {name: plain.get(name) for name in _OPENING}
    found |= {f"protocol {name}": value for name, value in protocol.items() if name != "params"}
    found |= {f"param {name}": value for name, value in opening.protocol.params.items()}
    found |= {f"model {each.name}": each.plain() for each in opening.models}
    found |= {"folkmoot": opening.versions.get("folkmoot"), "status": outcome.status}
    return {**found, "seats": list(opening.seats)}


def _parties(outcome: Outcome) -> dict[str, Any]:
    return {each.seat: each.plain() for each in outcome.transcript.opening.parties}


def _decision(outcome: Outcome) -> dict[str, Any]:
    decided = outcome.decision
    if decided is None:
        return {}
    said, plain = _means(outcome), decided.plain()
    return {
        **{name: plain.get(name) for name in _DECISION},
        "winner": None if decided.winner is None else said(decided.winner),
        **{name: [said(each) for each in getattr(decided, name) or ()] for name in _SEVERAL},
        "pivotal": decided.pivotal,
        "not_valid": decided.not_valid,
        "blocked": {said(o): list(seats) for o, seats in (decided.blocked or {}).items()},
    }


def _tally(outcome: Outcome) -> dict[str, Any]:
    said, decided = _means(outcome), outcome.decision
    return {} if decided is None else _summed((said(o), n) for o, n in decided.tally.items())


def _summed(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Candidates of the same words count together here."""
    found: dict[str, float] = {}
    for name, value in pairs:
        found[name] = found.get(name, 0.0) + value
    return found


def _ballots(outcome: Outcome) -> dict[str, Any]:
    """Of each seat the ballots that the decision counted; all that it cast where nothing was decided."""
    decided, said = outcome.decision, _means(outcome)
    counted = None if decided is None else set(decided.ballots)
    found: dict[str, list[dict[str, Any]]] = {}
    for ballot in outcome.transcript.ballots:
        if counted is None or ballot.id in counted:
            found.setdefault(ballot.seat, []).append(_ballot(ballot, said))
    return found


def _ballot(ballot: Ballot, said: Meaning) -> dict[str, Any]:
    """What a ballot says, options by what they say; probabilities are no part of a vote."""
    found: dict[str, Any] = {
        "state": ballot.state,
        "ranking": [said(option) for option in ballot.ranking],
        "confidence": ballot.confidence,
    }
    for name, listed in (("approvals", ballot.approvals), ("blocks", ballot.blocks)):
        found[name] = None if listed is None else [said(option) for option in listed]
    for name, given in (("points", ballot.points), ("grades", ballot.grades)):
        found[name] = None if given is None else {said(o): n for o, n in given.items()}
    return {name: value for name, value in found.items() if value is not None}


def _stances(outcome: Outcome) -> dict[str, Any]:
    seen = outcome.transcript
    last = {seat: seen.last_stand(seat) for seat in seen.opening.seats}
    return {seat: said.choice for seat, said in last.items() if said is not None}


def _figures(outcome: Outcome) -> dict[str, Any]:
    coverage, seen = outcome.conflict_log.coverage, outcome.transcript
    return {
        "messages": len(seen.turns),
        "rounds": outcome.conflict_log.run.rounds,
        "conflicts": coverage.conflicts,
        "dissents": coverage.dissents,
        "stance changes": coverage.stance_changes,
        "unexplained changes": coverage.unexplained_changes,
        "flagged": coverage.flagged,
        "absences": len(outcome.absences),
    }


def _cost(line: LedgerLine) -> dict[str, Any]:
    return dict(line)


def _by_seat(first: Ledger, second: Ledger) -> dict[str, dict[str, Changed]]:
    seats = dict.fromkeys((*sorted(first.seats), *sorted(second.seats)))
    ours, theirs = first.seats, second.seats
    found = {
        seat: changes(
            _cost(ours[seat]) if seat in ours else {}, _cost(theirs[seat]) if seat in theirs else {}
        )
        for seat in sorted(seats)
    }
    return {seat: differing for seat, differing in found.items() if differing}


def _means(outcome: Outcome) -> Meaning:
    """What an option says: itself, or, where it is a message of an open question, its words."""
    if outcome.transcript.opening.options is not None:
        return str
    words = worded(outcome.transcript.turns)
    return lambda option: words.get(option, option)
