"""Stopping rules: when an exchange has nothing left to do."""

from folkmoot.records import Transcript
from folkmoot.records.base import Frozen


class Settled(Frozen):
    """Every seat has a valid stance on the question, and all are the same.

    With `or_still`, also when at least two rounds were held and nobody moved in the last one.
    """

    or_still: bool = True
    name: str = "settled"

    def holds(self, seen: Transcript) -> bool:
        """Whether there is nothing left to exchange."""
        if seen.opening.options is None:
            return False
        last = {stance.seat: stance for stance in seen.stands()}
        choices = {stance.choice for stance in last.values()}
        if len(choices) == 1 and None not in choices:
            return True
        rounds = sorted({stance.round for stance in seen.stands()})
        if not self.or_still or len(rounds) < 2:
            return False
        held = [
            {s.seat: s.choice for s in seen.stands() if s.round == number} for number in rounds[-2:]
        ]
        return held[0] == held[1]
