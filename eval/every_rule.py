"""Every rule: the ballots of a run under all rules of the book that can read them, at no tokens.

Each rule is counted by its own code under the guards of the decision on record (quorum, ties, blocks), or under
others that are given. What a rule cannot read is said, not filled in. And the decision on record is held
against its own rule: it has to come out again.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from folkmoot.eval.counted import (
    ballots_of,
    cannot_count,
    count_again,
    rule_for,
    seats_of,
    seen_before,
)
from folkmoot.eval.redecide import redecide
from folkmoot.eval.stored import Stored, decision_of, rule_with, transcript_of
from folkmoot.protocols.adopt import ACCEPTANCE
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.records import Decision, InputError, Transcript
from folkmoot.records.base import Frozen
from folkmoot.records.decisions import DecisionStatus
from folkmoot.records.recount import recount

WEIGHTED: Final = "weighted plurality"
"""First choices, each as heavy as its seat: beside the rules of the book, where weights are given."""


PLURAL: Final = "pav"
"""The rule that sets several views out."""

_OWN: Final = frozenset(
    name for known in RULES.values() for name in known.takes if name in Rule.model_fields
)
"""Parameters that only some rules take."""


class Ruled(Frozen):
    """What the ballots come to under one rule."""

    status: DecisionStatus
    winner: str | None = None
    tied: tuple[str, ...] = ()
    views: tuple[str, ...] | None = None
    tally: dict[str, float]
    margin: float | None = None
    pivotal: tuple[str, ...] | None = None
    """Seats without whose ballot it would be another outcome; None where it is drawn."""
    compared: bool = True
    """Whether it is held against other rules: not one that draws its winner, nor the one that sets several
    views out and picks none."""

    @classmethod
    def of(cls, decision: Decision, *, compared: bool = True) -> "Ruled":
        """A decision, without what it has in common with the others."""
        return cls(
            status=decision.status,
            winner=decision.winner,
            tied=decision.tied,
            views=decision.views,
            tally=decision.tally,
            margin=decision.margin,
            pivotal=decision.pivotal,
            compared=compared,
        )


class EveryRule(Frozen):
    """The ballots of one run under every rule."""

    run_id: str
    question: str
    record: str | None = None
    recorded: Decision
    reproduced: bool | None
    """Whether the rule on record comes to the decision on record; None where that is a rule of somebody's
    own, which cannot be counted here."""
    why: str = ""
    """In what it does not."""
    without: tuple[str, ...] = ()
    held: Ruled | None = None
    """The rule on record over these ballots; None where it cannot count them."""
    rules: dict[str, Ruled]
    cannot: dict[str, str] = Field(default_factory=dict)
    """Rule → why it cannot count these ballots."""

    @property
    def agree(self) -> tuple[str, ...]:
        """The rules that come to the same winner as the rule on record, or likewise to none."""
        held = self.held
        if held is None:
            return ()
        return tuple(n for n, r in self.rules.items() if r.compared and r.winner == held.winner)

    @property
    def counted(self) -> int:
        """How many rules are held against the one on record."""
        return sum(each.compared for each in self.rules.values())

    def plain(self) -> dict[str, object]:
        """As JSON, with how many agree."""
        return {**super().plain(), "agree": list(self.agree), "counted": self.counted}


def every_rule(
    record: Stored,
    *,
    without: Collection[str] = (),
    params: Mapping[str, Any] | None = None,
    weights: Mapping[str, float] | None = None,
) -> EveryRule:
    """Count the ballots of a run under every rule that can read them.

    Args:
        record: a run that has decided.
        without: seats that are left out.
        params: of the rules: guards such as `{"quorum": 1.0}` go to all of them, and what only some take,
            such as `{"seat": "nurse"}`, to those.
        weights: seat → how much its first choice counts, under `WEIGHTED` alone; 1 where it is not named.

    Raises:
        InputError: no such seat or parameter, or the run has not decided.
        RecordError: there is no record, or it is broken.
    """
    hold_params(params or {})
    transcript = transcript_of(record)
    recorded = decision_of(transcript)
    left_out = seats_of(transcript, without)
    rules, cannot = _counted(transcript, recorded, left_out, params or {})
    if weights is not None:
        weighed = redecide(transcript, without=left_out, weights=weights)
        rules[WEIGHTED] = Ruled.of(weighed)
    same, why = _reproduced(transcript, recorded)
    return EveryRule(
        run_id=transcript.opening.run_id,
        question=transcript.opening.question,
        record=str(record) if isinstance(record, Path | str) else None,
        recorded=recorded,
        reproduced=same,
        why=why,
        without=left_out,
        held=_held(transcript, recorded, left_out, rules),
        rules=rules,
        cannot=cannot,
    )


def hold_params(params: Mapping[str, Any]) -> None:
    """Hold that rules have these parameters.

    Raises:
        InputError: none has one of them, or a guard cannot be what it is given as.
    """
    guards = {name: value for name, value in params.items() if name not in _OWN}
    if "name" in guards or "function" in guards:
        raise InputError("a rule is no parameter of a rule", "every rule is counted as it is")
    rule_with({"name": "plurality", **guards})


def _counted(
    transcript: Transcript,
    recorded: Decision,
    left_out: tuple[str, ...],
    params: Mapping[str, Any],
) -> tuple[dict[str, Ruled], dict[str, str]]:
    rules, cannot = dict[str, Ruled](), dict[str, str]()
    seen = None if recorded.rule == ACCEPTANCE else seen_before(transcript, recorded, left_out)
    for name, known in RULES.items():
        if seen is None:
            cannot[name] = "the ballots accept or reject one draft"
            continue
        given = {key: value for key, value in params.items() if _goes_to(key, name)}
        if lacking := [n for n in known.needs if n not in given and name != recorded.rule]:
            cannot[name] = f"it needs its {lacking[0]}"
            continue
        rule = rule_for(recorded, name, given)
        ballots = ballots_of(seen, recorded, rule)
        if why := cannot_count(rule, ballots):
            cannot[name] = why
            continue
        decision = count_again(seen, recorded, rule, ballots)
        rules[name] = Ruled.of(decision, compared=not rule.random and name != PLURAL)
    return rules, cannot


def _goes_to(param: str, rule: str) -> bool:
    return param not in _OWN or param in RULES[rule].takes


def _held(
    transcript: Transcript,
    recorded: Decision,
    left_out: tuple[str, ...],
    rules: Mapping[str, Ruled],
) -> Ruled | None:
    """The rule on record over these ballots. A judge's, and a draft's, decision is no count of the book."""
    if recorded.rule in RULES:
        return rules.get(recorded.rule)
    try:
        return Ruled.of(redecide(transcript, without=left_out))
    except InputError:
        return None


def _reproduced(transcript: Transcript, recorded: Decision) -> tuple[bool | None, str]:
    """Whether the decision comes out again: by the rule's own code, else by an independent recount."""
    wrong = next(iter(recount(transcript)), "")
    if wrong:
        return False, wrong
    if recorded.rule in RULES:
        try:
            again = redecide(transcript)
        except InputError as fault:
            return False, fault.message
        if again == recorded:
            return True, ""
        ours, theirs = recorded.plain(), again.plain()
        fields = [name for name in ours if ours[name] != theirs.get(name)]
        return False, f"counted again it differs in {', '.join(fields) or 'what it leaves out'}"
    return (True if recorded.rule == ACCEPTANCE or recorded.decided_by else None), ""
