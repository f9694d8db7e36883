"""Decision rules: pure counts of valid ballots. A tie is a tie, and a bar not reached is a deadlock."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from pydantic import Field

from folkmoot.records import Ballot, InputError
from folkmoot.records.base import Frozen
from folkmoot.records.decisions import DecisionStatus

RuleName = Literal["plurality", "majority", "supermajority", "unanimity", "schulze"]

RULES: dict[RuleName, str] = {
    "plurality": "most first choices",
    "majority": "more than half of the valid first choices",
    "supermajority": "at least two thirds of the valid first choices",
    "unanimity": "all valid first choices",
    "schulze": "the strongest beat-paths between rankings (Schulze 2011)",
}


class Count(NamedTuple):
    """What a rule makes of the ballots."""

    status: DecisionStatus
    winner: str | None
    tied: tuple[str, ...]
    tally: dict[str, float]
    margin: float | None


class Rule(Frozen):
    """A decision rule by name, with the least share of seats whose ballots must be valid."""

    name: RuleName = "majority"
    quorum: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    """Fewer valid ballots than this share of all ballots: a deadlock."""

    @classmethod
    def of(cls, given: Any) -> "Rule":
        """A rule from its name, a mapping or a rule.

        Raises:
            InputError: there is no such rule.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, dict):
            return cls.model_validate(given)
        known: list[RuleName] = [name for name in RULES if name == given]
        if not known:
            raise InputError(
                f"no decision rule is named {given!r}", f"there are: {', '.join(RULES)}"
            )
        return cls(name=known[0])

    def count(self, ballots: Sequence[Ballot], options: Sequence[str]) -> Count:
        """Decide among the options; ballots that are not valid count for nothing but the quorum."""
        valid = [ballot for ballot in ballots if ballot.state == "valid" and ballot.ranking]
        if self.name == "schulze":
            count = _schulze(valid, options)
        else:
            count = _first_choices(valid, options, self.name)
        if not valid or len(valid) < self.quorum * len(ballots):
            return Count("deadlock", None, (), count.tally, None)
        return count


def _first_choices(valid: Sequence[Ballot], options: Sequence[str], name: str) -> Count:
    tally = dict.fromkeys(options, 0.0)
    for ballot in valid:
        tally[ballot.ranking[0]] += 1
    ranked = sorted(tally.values(), reverse=True)
    leaders = [option for option in options if ranked and tally[option] == ranked[0]]
    margin = ranked[0] - ranked[1] if len(ranked) > 1 else (ranked[0] if ranked else None)
    if not valid:
        return Count("deadlock", None, (), tally, None)
    share = Fraction(int(ranked[0]), len(valid))
    reached = {
        "plurality": True,
        "majority": share > Fraction(1, 2),
        "supermajority": share >= Fraction(2, 3),
        "unanimity": share == 1,
    }[name]
    if not reached:
        return Count("deadlock", None, (), tally, margin)
    if len(leaders) > 1:
        return Count("tied", None, tuple(leaders), tally, margin)
    return Count("decided", leaders[0], (), tally, margin)


def pairwise(valid: Sequence[Ballot], options: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many ballots rank the first of a pair strictly above the second. Unranked ones are last."""
    places = [{option: place for place, option in enumerate(ballot.ranking)} for ballot in valid]
    last = len(options)
    return {
        (a, b): sum(1 for place in places if place.get(a, last) < place.get(b, last))
        for a in options
        for b in options
        if a != b
    }


def _schulze(valid: Sequence[Ballot], options: Sequence[str]) -> Count:
    """Schulze's method with winning votes as the strength of a link (Schulze 2011, section 2)."""
    prefer = pairwise(valid, options)
    strength = {(a, b): votes if votes > prefer[b, a] else 0 for (a, b), votes in prefer.items()}
    for via in options:
        for a in options:
            for b in options:
                if a != b and via not in (a, b):
                    path = min(strength[a, via], strength[via, b])
                    strength[a, b] = max(strength[a, b], path)
    beats = {(a, b) for (a, b), value in strength.items() if value > strength[b, a]}
    wins = {option: float(sum((option, b) in beats for b in options)) for option in options}
    winners = [option for option in options if not any((a, option) in beats for a in options)]
    if not valid:
        return Count("deadlock", None, (), wins, None)
    if len(winners) > 1:
        return Count("tied", None, tuple(winners), wins, None)
    winner = winners[0]
    others = [option for option in options if option != winner]
    margin = min((strength[winner, b] - strength[b, winner] for b in others), default=None)
    return Count("decided", winner, (), wins, None if margin is None else float(margin))
