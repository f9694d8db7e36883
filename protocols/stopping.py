"""Stopping rules: when an exchange has nothing left to do."""

from collections import Counter

from folkmoot.protocols.condition import Finding
from folkmoot.records import Transcript
from folkmoot.records.base import Frozen


class Settled(Frozen):
    """Every seat has a valid stance on the question, and all are the same.

    With `or_still`, also when at least two rounds were held and nobody moved in the last one.
    """

    or_still: bool = True
    name: str = "settled"

    def look(self, seen: Transcript) -> Finding:
        """Whether there is nothing left to exchange; the figure is the largest side's share."""
        if seen.opening.options is None:
            return Finding(False, says="an open question has no options to agree on")
        last = {stance.seat: stance.choice for stance in seen.stands()}
        sides = Counter(last.values())
        if not last:
            return Finding(False, says="nobody has taken a stance")
        share = max(sides[choice] for choice in sides) / len(last)
        if len(sides) == 1 and None not in sides:
            return Finding(True, 1, 1, "all hold the same")
        if self.or_still and _still(seen):
            return Finding(True, share, 1, "nobody moved in the last round")
        return Finding(False, share, 1, f"{len(sides)} sides")


def _still(seen: Transcript) -> bool:
    rounds = sorted({stance.round for stance in seen.stands()})
    if len(rounds) < 2:
        return False
    before, now = (
        {s.seat: s.choice for s in seen.stands() if s.round == number} for number in rounds[-2:]
    )
    return before == now
