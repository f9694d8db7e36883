"""Reputation: judges weighed by how often they were right before.

A judge with h hits and m misses has the reputation (1+h)/(2+h+m): the mean of the Beta distribution that
an even prior and its record make (Jøsang and Ismail 2002, "The beta reputation system"). With a decay
below 1 every later item makes what went before count less (their forgetting factor).
"""

import math
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from folkmoot.eval.collaboration.answers import AnswerSheet
from folkmoot.protocols import Rule
from folkmoot.records import InputError
from folkmoot.records.agreement import modes
from folkmoot.records.base import Frozen

Against = Literal["key", "others"]
"""key: the right option of each item; it may also be what was decided later. others: what most of the
other judges said, where one option leads: a judge does not vouch for itself."""

_DIGITS = 6


class Reputation(Frozen):
    """A judge's record."""

    seat: str
    hits: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Verdicts that were right, less what has been forgotten."""
    misses: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @property
    def value(self) -> float:
        """Between 0 and 1; a half without a record."""
        return (1 + self.hits) / (2 + self.hits + self.misses)

    def after(self, hit: bool, decay: float = 1.0) -> "Reputation":
        """With one verdict more."""
        return Reputation(
            seat=self.seat,
            hits=self.hits * decay + hit,
            misses=self.misses * decay + (not hit),
        )


def reputations(
    sheet: AnswerSheet,
    against: Against = "key",
    *,
    decay: float = 1.0,
    before: Mapping[str, Reputation] | None = None,
) -> dict[str, Reputation]:
    """Judge → its reputation, in the order of the answers.

    Args:
        sheet: past verdicts; items in the order in which they were given, the oldest first.
        against: what verdicts are held against. Items that have none of it count neither way.
        decay: what is left of a judge's record after one verdict more of its own, above 0 to 1.
        before: reputations from earlier on, which are carried on.

    Raises:
        InputError: the decay is out of its range, or nothing could be held against anything.
    """
    if not 0 < decay <= 1:
        raise InputError(f"the decay {decay} is not above 0 and at most 1")
    found = {seat: Reputation(seat=seat) for seat in sheet.seats} | dict(before or {})
    held = 0
    for item, votes in zip(sheet.items, sheet.by_item().values(), strict=True):
        for seat, choice in votes.items():
            right = item.right if against == "key" else plurality_of_others(votes, seat)
            if right is not None:
                held += 1
                found[seat] = found[seat].after(choice == right, decay)
    if not held:
        raise InputError(
            "no verdict can be held against anything",
            "give items a key" if against == "key" else "give the verdicts of several judges",
        )
    return found


def reputation_rule(
    found: Mapping[str, Reputation | float], seats: Iterable[str] | None = None
) -> Rule:
    """The decision rule under which each judge's vote weighs its reputation.

    It is the rule `competence`, whose weights are the logarithms of odds, with the competences that
    make them the reputations, to six decimals: the tally shows sums of reputations. Judges without a
    record have equal weights. Log-odds in place of reputations: `competence_rule` with the values.

    Args:
        found: judge → its reputation, or any weight from 0 to 10.
        seats: those of them that will vote; None for all.

    Raises:
        InputError: a judge has no reputation, or it is out of its range.
    """
    chosen = tuple(found) if seats is None else tuple(seats)
    if missing := [seat for seat in chosen if seat not in found]:
        raise InputError(
            f"{missing[0]!r} has no reputation",
            "give it the one of a new judge: Reputation(seat=…)",
        )
    return Rule(name="competence", competences={seat: _odds(found[seat]) for seat in chosen})


def _odds(given: Reputation | float) -> float:
    """The competence whose log-odds are the weight."""
    weight = given.value if isinstance(given, Reputation) else given
    if not 0 <= weight <= 10:
        raise InputError(f"the weight {weight} is not from 0 to 10")
    return round(1 / (1 + math.exp(-weight)), _DIGITS)


def plurality_of_others(votes: Mapping[str, str], seat: str) -> str | None:
    """What most of the others said, of seat → choice; None where nothing leads."""
    leading = modes(choice for other, choice in votes.items() if other != seat)
    return leading[0] if len(leading) == 1 else None
