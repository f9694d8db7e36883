"""Stored: the record as the stage that decided read it, with all seats or without some."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from folkmoot.agents import reading
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.polling import Poll, poll
from folkmoot.protocols.program import Step, place
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.records import (
    QUESTION,
    Ballot,
    Decision,
    InputError,
    Outcome,
    Place,
    Record,
    Stance,
    Transcript,
    load,
)

Stored = Transcript | Outcome | Path | str
"""A run: its transcript, its outcome, or the folder of its record."""


def transcript_of(record: Stored) -> Transcript:
    """The transcript of a run.

    Raises:
        RecordError: there is no record in the folder, or it is broken.
    """
    if isinstance(record, Transcript):
        return record
    return load(record).transcript if isinstance(record, Path | str) else record.transcript


def decision_of(transcript: Transcript) -> Decision:
    """What was decided.

    Raises:
        InputError: nothing was yet.
    """
    if transcript.decision is None:
        raise InputError(
            f"the run {transcript.opening.run_id!r} has come to no decision",
            "resume it first: there is nothing to decide again",
        )
    return transcript.decision


def counted_ballots(transcript: Transcript, decision: Decision) -> tuple[Ballot, ...]:
    """The ballots that the decision counted, in its order."""
    cast = {ballot.id: ballot for ballot in transcript.ballots}
    return tuple(cast[name] for name in decision.ballots if name in cast)


def before(
    transcript: Transcript,
    decision: Decision,
    without: Collection[str] = (),
    voters: Collection[str] | None = None,
) -> Transcript:
    """The record up to the decision, read from its place.

    Args:
        transcript: the whole record.
        decision: where it ends.
        without: seats whose messages, stances and ballots are left out, as if they had been silent.
        voters: whose ballots and stances on the question count; None for all.
    """
    earlier = [record for record in transcript if record.step < decision.step]
    here = _place(transcript, decision, earlier)
    seen = whole = Transcript(transcript.opening, earlier, here)
    if without:
        seen = seen.within(seat for seat in seen.opening.seats if seat not in without)
    if without or voters is not None:
        gone = {turn.id for turn in whole.turns if turn.seat in without}
        kept = (_struck(each, gone) for each in seen if _counts(each, voters))
        seen = Transcript(seen.opening, kept, here, whole)
    return seen


def polled(seen: Transcript, decision: Decision, rule: Rule, *, fill: bool) -> Poll:
    """The ballots that a rule would count there; see `protocols.polling`.

    Args:
        seen: the record up to the decision.
        decision: the one on record.
        rule: what the ballots are for.
        fill: whether a ballot that names one option alone, and has the probabilities of all, is read
            as the ranking that these are, where the rule reads rankings.
    """
    found = poll(seen, rule)
    options, ballots = found.options, found.ballots
    if seen.opening.options is None:
        # Candidates as they stood: whoever is left out has none.
        there = {turn.id for turn in seen.turns}
        options = tuple(option for option in decision.options or options if option in there)
    if fill and rule.reads == "ranking":
        ballots = tuple(_ranked(ballot) for ballot in ballots)
    return Poll(options, ballots, found.cast)


def rule_of(decision: Decision) -> Rule | None:
    """The rule of the book that made the decision, with its parameters; None where none did.

    Raises:
        InputError: the parameters on record are not the rule's.
    """
    if decision.rule not in RULES:
        return None
    known = set(Rule.model_fields) - {"name", "function"}
    params = {name: value for name, value in decision.params.items() if name in known}
    return rule_with({"name": decision.rule, **params})


def rule_with(fields: dict[str, Any]) -> Rule:
    """A rule from its fields.

    Raises:
        InputError: they do not make one.
    """
    if strange := [name for name in fields if name not in Rule.model_fields]:
        raise InputError(
            f"a rule has no parameter {strange[0]!r}",
            f"it has: {', '.join(name for name in Rule.model_fields if name != 'function')}",
        )
    try:
        return Rule.model_validate(fields)
    except ValueError as fault:
        errors: Any = getattr(fault, "errors", list[Any])()
        said = str(errors[0]["msg"]).removeprefix("Value error, ") if errors else str(fault)
        raise InputError(f"rule {fields.get('name')!r}: {said}", "change its parameters") from None


def _place(transcript: Transcript, decision: Decision, earlier: Sequence[Record]) -> Place:
    """Where it was decided; in the round of the ballots that it cast, where it cast some."""
    here = place(Step(decision.step, 0, 0, Decide()), earlier)
    cast = [each.round for each in transcript.ballots if each.step == decision.step]
    return here._replace(round=cast[0]) if cast else here


def _counts(record: Record, voters: Collection[str] | None) -> bool:
    if voters is None or record.record not in ("ballot", "stance"):
        return True
    voted = isinstance(record, Ballot) or (isinstance(record, Stance) and record.about == QUESTION)
    return not voted or getattr(record, "seat", None) in voters


def _struck(record: Record, gone: Collection[str]) -> Record:
    """A ballot without the candidates of those who are left out."""
    if not isinstance(record, Ballot) or not gone or not set(record.options) & set(gone):
        return record
    ranking = tuple(option for option in record.ranking if option not in gone)
    first_stays = record.choice not in gone
    fields: dict[str, Any] = {
        "options": tuple(option for option in record.options if option not in gone),
        "ranking": ranking,
        "state": "abstained" if record.state == "valid" and not ranking else record.state,
        "confidence": record.confidence if first_stays else None,
    }
    for name in ("scores", "points", "grades"):
        given: dict[str, float] | None = getattr(record, name)
        if given is not None:
            fields[name] = {o: value for o, value in given.items() if o not in gone} or None
    for name in ("approvals", "blocks"):
        listed: tuple[str, ...] | None = getattr(record, name)
        if listed is not None:
            fields[name] = tuple(option for option in listed if option not in gone)
    if record.held is not None:
        fields["held"] = tuple(None if each in gone else each for each in record.held)
    return record.model_copy(update=fields)


def _ranked(ballot: Ballot) -> Ballot:
    if len(ballot.ranking) != 1 or set(ballot.scores or ()) != set(ballot.options):
        return ballot
    ranking = reading.ranking(ballot.scores or {})
    return ballot.model_copy(update={"ranking": ranking}) if ranking else ballot
