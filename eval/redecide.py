"""Re-decision: the ballots on record counted otherwise, at no tokens. The record stays as it is.

What seats said and heard stays said: a seat that is left out casts no ballot, and has no candidate on
an open question, but whom it persuaded stays persuaded. For what would have been without it, see
`folkmoot.eval.worth.branches`.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from folkmoot.eval.agreement import Agreement, agreement
from folkmoot.eval.counted import (
    ballots_for,
    cannot_count,
    count_again,
    rule_for,
    seats_of,
)
from folkmoot.eval.stored import Stored, before, counted_ballots, decision_of, transcript_of
from folkmoot.protocols.adopt import ACCEPTANCE, accepted
from folkmoot.protocols.rules import RULES, Found, Rule
from folkmoot.protocols.rules.found import best, exact, first_of
from folkmoot.records import Ballot, Decision, InputError, Transcript
from folkmoot.records.base import Frozen


class Redecision(Frozen):
    """A decision on record, and what the same ballots come to otherwise."""

    recorded: Decision
    decision: Decision
    """Of ballots that it casts anew from stances, the ids are on no record."""
    without: tuple[str, ...] = ()
    agreement: Agreement

    @property
    def changed(self) -> bool:
        """Whether it came to something else."""
        old, new = self.recorded, self.decision
        return (old.status, old.winner, old.views) != (new.status, new.winner, new.views)


def redecide(
    record: Stored,
    *,
    without: Collection[str] = (),
    rule: Rule | str | Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Decision:
    """Count the ballots on record again, by the rules' own code and without a model.

    Nothing changed gives the decision on record.

    Args:
        record: a run that has decided.
        without: seats that are left out.
        rule: another rule. By its name alone it keeps the quorum, the policy for ties and the blocks
            of the decision.
        params: parameters of the rule, such as `{"quorum": 1.0}` or `{"competences": {…}}`.
        weights: seat → how much its first choice counts, in place of a rule; 1 where it is not named.

    Raises:
        InputError: no such seat or rule; the run has not decided; or the ballots do not hold what the
            rule reads.
        RecordError: there is no record, or it is broken.
    """
    transcript = transcript_of(record)
    recorded = decision_of(transcript)
    left_out = seats_of(transcript, without)
    if weights is not None and (rule is not None or params):
        raise InputError("weights are a rule of their own", "give weights, or a rule")
    if rule is None and weights is None and not params and recorded.rule not in RULES:
        return _not_of_the_book(transcript, recorded, left_out)
    if recorded.rule == ACCEPTANCE:
        raise InputError(
            "the ballots accept or reject one draft: no other rule counts them",
            "leave out seats alone",
        )
    chosen = (
        _weighted(transcript, weights) if weights is not None else rule_for(recorded, rule, params)
    )
    seen, ballots = ballots_for(transcript, recorded, chosen, left_out)
    if why := cannot_count(chosen, ballots):
        raise InputError(
            f"the rule {chosen.name!r} cannot count these ballots: {why}", _hint(chosen)
        )
    decision = count_again(seen, recorded, chosen, ballots)
    if weights is not None:
        decision = decision.model_copy(
            update={"params": {**decision.params, "weights": dict(weights)}}
        )
    return decision


def redecision(
    record: Stored,
    *,
    without: Collection[str] = (),
    rule: Rule | str | Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Redecision:
    """As `redecide`, beside the decision on record, with how far all rules agree.

    Raises:
        InputError, RecordError: as `redecide`.
    """
    transcript = transcript_of(record)
    decision = redecide(transcript, without=without, rule=rule, params=params, weights=weights)
    return Redecision(
        recorded=decision_of(transcript),
        decision=decision,
        without=seats_of(transcript, without),
        agreement=agreement(transcript, decision, without),
    )


def _not_of_the_book(
    transcript: Transcript, recorded: Decision, left_out: Sequence[str]
) -> Decision:
    """A decision that no rule of the book made, again: a judge's, of a draft, of a rule of one's own."""
    ballots = counted_ballots(transcript, recorded)
    if not {ballot.seat for ballot in ballots} & set(left_out):
        return recorded
    if recorded.rule == ACCEPTANCE:
        seen = before(transcript, recorded, left_out)
        draft = next((o for o in recorded.options if seen.whole.turn(o).seat not in left_out), None)
        forced = recorded.params.get("forced", True if recorded.status == "decided" else None)
        rest = [ballot for ballot in ballots if ballot.seat not in left_out]
        return accepted(seen, draft, rest if draft else (), forced)
    if recorded.decided_by is not None:
        raise InputError(
            f"{recorded.decided_by!r} decided alone: without it there is no decision",
            "give a rule, such as plurality: it counts the ballots, or the last stances",
        )
    raise InputError(
        f"the rule {recorded.rule!r} is none of the book", "give it: rule=Rule.of(function)"
    )


def _weighted(transcript: Transcript, weights: Mapping[str, float] | None) -> Rule:
    """The plurality of first choices, each as heavy as its seat.

    Raises:
        InputError: a weight is of nobody, negative or no number.
    """
    given = dict(weights or {})
    seats_of(transcript, given)
    if wrong := [seat for seat, weight in given.items() if not 0 <= weight < float("inf")]:
        raise InputError(
            f"the weight of {wrong[0]!r} is {given[wrong[0]]}", "a weight is 0 or more"
        )
    heavy = {seat: exact(float(weight)) for seat, weight in given.items()}

    def weighted_plurality(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
        tally = dict.fromkeys(options, Fraction(0))
        for ballot in ballots:
            first = first_of(ballot, options)
            if first is not None:
                tally[first] += heavy.get(ballot.seat, Fraction(1))
        return best(options, tally)

    return Rule.of(weighted_plurality)


def _hint(rule: Rule) -> str:
    reads = [name for name, known in RULES.items() if known.reads == "choice" and not known.needs]
    return f"{rule.name!r} reads {rule.reads}; first choices are counted by {', '.join(reads)}"
