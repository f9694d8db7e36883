"""Counted again: which rule is meant, and the ballots on record as it counts them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from folkmoot.eval.stored import before, counted_ballots, polled, rule_of, rule_with
from folkmoot.protocols.decide import counted
from folkmoot.protocols.polling import Poll, occasion
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.records import Decision, InputError, Transcript

_GUARDS = ("quorum", "ties", "status_quo", "forced", "veto", "refuters")
"""What stands around the count, and stays when another rule counts. A least margin does not: each rule
has figures of its own."""


def rule_for(
    recorded: Decision,
    given: Rule | str | Mapping[str, Any] | None,
    params: Mapping[str, Any] | None,
) -> Rule:
    """The rule asked for: the recorded one, a whole one, or a name under the recorded guards.

    Raises:
        InputError: there is no such rule, or it lacks a parameter.
    """
    changed = dict(params or {})
    if isinstance(given, Rule):
        return rule_with({**dict(given), **changed}) if changed else given
    if isinstance(given, Mapping):
        return rule_with({**given, **changed})
    name = recorded.rule if given is None else given
    own = rule_of(recorded)
    if own is not None and name == own.name:
        return rule_with({**own.model_dump(), **changed}) if changed else own
    kept = {} if own is None else {field: getattr(own, field) for field in _GUARDS}
    return rule_with({**kept, "name": Rule.of(name).name if name not in RULES else name, **changed})


def ballots_for(
    transcript: Transcript, recorded: Decision, rule: Rule, left_out: Sequence[str]
) -> tuple[Transcript, Poll]:
    """The record without these seats, and the ballots that the rule would count of it."""
    seen = seen_before(transcript, recorded, left_out)
    return seen, ballots_of(seen, recorded, rule)


def seen_before(transcript: Transcript, recorded: Decision, left_out: Sequence[str]) -> Transcript:
    """The record up to the decision, without these seats.

    Who had no ballot in the decision has none here, unless a judge decided: then last stances count.
    """
    voters = None
    if recorded.decided_by is None or recorded.rule in RULES:
        voters = {ballot.seat for ballot in counted_ballots(transcript, recorded)}
    return before(transcript, recorded, left_out, voters)


def ballots_of(seen: Transcript, recorded: Decision, rule: Rule) -> Poll:
    """The ballots that the rule would count of a record up to its decision."""
    return polled(seen, recorded, rule, fill=rule.name != recorded.rule)


def count_again(seen: Transcript, recorded: Decision, rule: Rule, ballots: Poll) -> Decision:
    """What a rule makes of ballots, with the lot and the round of the decision on record."""
    known = {name: recorded.params[name] for name in ("draw", "turn") if name in recorded.params}
    return counted(seen, rule, ballots, occasion(seen)._replace(**known))


def cannot_count(rule: Rule, found: Poll) -> str:
    """Why a rule cannot count ballots; "" where it can. Where none is valid, each rule can say so."""
    valid = [ballot for ballot in found.ballots if ballot.state == "valid"]
    if valid and not any(rule.reads_of(ballot) for ballot in valid):
        return f"none of them has {rule.reads}"
    several = any(len(ballot.ranking) > 1 for ballot in valid)
    if valid and rule.reads == "ranking" and len(found.options) > 2 and not several:
        return "they name one option each, and rank none below it"
    return ""


def seats_of(transcript: Transcript, named: Collection[str]) -> tuple[str, ...]:
    """Seats by name, in the panel's order.

    Raises:
        InputError: one is not on the panel.
    """
    known = transcript.opening.seats
    if strange := [seat for seat in named if seat not in known]:
        raise InputError(f"no seat is named {strange[0]!r}", f"the panel has: {', '.join(known)}")
    return tuple(seat for seat in known if seat in named)
