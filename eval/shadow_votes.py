"""Shadow votes: what those on probation said beside runs, as evidence for a steward.

How often a seat was asked, answered, agreed with what was decided and was right, and in how many runs one
more ballot, its own, would have changed the outcome. That is a recount: had it sat on the panel, the others
would have heard it, and might have said other things.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from folkmoot.agents.intake import Finding
from folkmoot.eval.statistics import wilson
from folkmoot.eval.stored import counted_ballots, rule_of
from folkmoot.protocols.marks import marks
from folkmoot.protocols.rules import Count, Occasion, Rule
from folkmoot.records import Ballot, Decision, Outcome, Stance
from folkmoot.records.base import Frozen
from folkmoot.records.shadows import ShadowRun

CHECK = "shadow-votes"
"""The name of the finding."""

_ANSWERS = 0.9
"""The share of valid votes below which a steward should look."""


class Share(Frozen):
    """A share with its score interval at 95 % (Wilson 1927)."""

    hits: int
    of: int
    value: float
    low: float
    high: float

    @classmethod
    def counted(cls, found: Sequence[bool]) -> "Share | None":
        """The share of what holds; None of nothing."""
        hits, every = sum(found), len(found)
        interval = wilson(hits, every)
        if interval is None:
            return None
        bounds = {name: round(getattr(interval, name), 6) for name in ("value", "low", "high")}
        return cls(hits=hits, of=every, **bounds)

    def __str__(self) -> str:
        return f"{self.hits} of {self.of} ({self.low:.2f} to {self.high:.2f})"


class Changed(Frozen):
    """A run in which one more ballot would have come to another outcome."""

    run: str
    before: str
    """The winner, or the status where nobody won."""
    after: str


class Votes(Frozen):
    """What a seat said beside runs."""

    name: str
    asked: int
    states: dict[str, int]
    """State → how often."""
    valid: Share | None = None
    """Of the times that it was asked."""
    agreed: Share | None = None
    """With what was decided, where something was and it chose."""
    right: Share | None = None
    """Where the right answer is given and it chose."""
    panel_right: Share | None = None
    """What was decided, on the questions of `right`; no winner is not right."""
    chance: float | None = None
    """Of being right by a draw among the options, on the questions of `right`."""
    recounted: int = 0
    """Runs whose ballots could be counted again with its own."""
    changed: tuple[Changed, ...] = ()
    """Those of them that would have come to something else."""


class Case(NamedTuple):
    """One seat beside one run."""

    main: Outcome
    beside: ShadowRun
    gold: str | None = None
    """The option that is known to be right."""


def votes(name: str, cases: Sequence[Case]) -> Votes:
    """What a seat said beside these runs."""
    said = [each.beside.shadow(each.main.decision) for each in cases]
    keyed = [
        (case, shadow.choice)
        for case, shadow in zip(cases, said, strict=True)
        if case.gold is not None and shadow.choice is not None
    ]
    recounts = [found for case in cases if (found := recounted(case)) is not None]
    options = [len(case.main.transcript.opening.options or ()) for case, _ in keyed]
    return Votes(
        name=name,
        asked=len(cases),
        states=dict(sorted(Counter(shadow.state for shadow in said).items())),
        valid=Share.counted([shadow.state == "valid" for shadow in said]),
        agreed=Share.counted([shadow.agrees for shadow in said if shadow.agrees is not None]),
        right=Share.counted([choice == case.gold for case, choice in keyed]),
        panel_right=Share.counted([_winner(case) == case.gold for case, _ in keyed]),
        chance=sum(1 / many for many in options) / len(options) if options else None,
        recounted=len(recounts),
        changed=tuple(each for each in recounts if each.before != each.after),
    )


def recounted(case: Case) -> Changed | None:
    """What the run's own ballots come to, and what they come to with the shadow's among them.

    By the rule that decided, with its parameters. None where that cannot be told: a judge or a rule of one's
    own decided, the winner is drawn, the question is open, the seat chose nothing, or the ballots alone do
    not give the decision on record.
    """
    seen, decision = case.main.transcript, case.main.decision
    stance = case.beside.outcome.transcript.last_stand(case.beside.seat)
    if decision is None or stance is None or seen.opening.options != stance.options:
        return None
    rule = rule_of(decision)
    if rule is None or rule.random:
        return None
    occasion = _occasion(decision)
    ballots = counted_ballots(seen, decision)
    before = rule.count(ballots, decision.options, occasion)
    if (before.status, before.winner) != (decision.status, decision.winner):
        return None
    after = rule.count((*ballots, _ballot(stance, rule)), decision.options, occasion)
    return Changed(run=seen.opening.run_id, before=_outcome(before), after=_outcome(after))


def finding(found: Votes) -> Finding:
    """What a steward may put on record with a step; it warns where there is something to look at."""
    if not found.asked:
        never = f"{found.name} was never asked"
        return Finding(check=CHECK, verdict="not_asked", said=never, evidence=found.plain())
    silent = found.valid is not None and found.valid.value < _ANSWERS
    right, chance = found.right, found.chance
    poor = right is not None and chance is not None and right.high < chance
    mend = ["look at why it does not answer"] if silent else []
    mend += ["it is right less often than a draw"] if poor else []
    return Finding(
        check=CHECK,
        verdict="warned" if mend else "passed",
        said=said(found),
        mend="; ".join(mend),
        evidence=found.plain(),
        threshold=f"valid below {_ANSWERS:g}, or the whole interval of right below a draw",
    )


def said(found: Votes) -> str:
    """All of it in a sentence."""
    parts = [f"{found.name} was asked {found.asked} times", f"answered validly {found.valid}"]
    parts += [] if found.agreed is None else [f"agreed with the decision {found.agreed}"]
    if found.right is not None:
        parts.append(f"was right {found.right}, the decisions on these {found.panel_right}")
    if found.recounted:
        parts.append(f"would have changed {len(found.changed)} of {found.recounted} recounts")
    return "; ".join(parts)


def by_name(cases: Iterable[Case]) -> Mapping[str, list[Case]]:
    """Seat → where it was asked."""
    found: dict[str, list[Case]] = {}
    for each in cases:
        found.setdefault(each.beside.seat, []).append(each)
    return found


def _winner(case: Case) -> str | None:
    return None if case.main.decision is None else case.main.decision.winner


def _outcome(count: Count) -> str:
    return count.winner if count.winner is not None else count.status


def _occasion(decision: Decision) -> Occasion:
    """What stands of it in the decision's parameters; the rest does not matter to its rule."""
    known = {name: decision.params[name] for name in ("draw", "turn") if name in decision.params}
    return Occasion(**known)


def _ballot(stance: Stance, rule: Rule) -> Ballot:
    """The shadow's stance as the ballot that the rule reads."""
    fields: dict[str, Any] = {"ranking": () if stance.choice is None else (stance.choice,)}
    if stance.choice is not None and stance.probabilities:
        fields = marks(stance.probabilities, stance.choice, rule)
    if rule.reads == "held":
        fields["held"] = (stance.choice,)
    return Ballot(
        step=stance.step,
        order=stance.order,
        id="shadow",
        seat=stance.seat,
        round=stance.round,
        options=stance.options,
        state=stance.state,
        scores=stance.probabilities,
        **fields,
    )
