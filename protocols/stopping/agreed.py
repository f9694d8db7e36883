"""Stopping rules over where the seats stand: agreement, stillness, a share, a lead that holds."""

from collections import Counter
from itertools import pairwise

from pydantic import Field

from folkmoot.protocols.condition import Finding
from folkmoot.records import Transcript
from folkmoot.records.base import Frozen
from folkmoot.records.rounds import standings

OPEN = "an open question has no options to agree on"
NOBODY = "nobody has taken a stance"


class Settled(Frozen):
    """Every seat has a valid stance on the question, and all are the same.

    With `or_still`, also when at least two rounds were held and nobody moved in the last one.
    """

    or_still: bool = True
    name: str = "settled"

    def look(self, seen: Transcript) -> Finding:
        """Whether there is nothing left to exchange; the figure is the largest side's share."""
        if seen.opening.options is None:
            return Finding(False, says=OPEN)
        last = {stance.seat: stance.choice for stance in seen.stands()}
        sides = Counter(last.values())
        if not last:
            return Finding(False, says=NOBODY)
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


class Unanimous(Frozen):
    """All valid stances on the question are the same, and there are at least `quorum` of them.

    A seat that abstains, or could not be read, neither agrees nor stands in the way.
    """

    quorum: int = Field(default=2, ge=1)
    name: str = "unanimous"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the share of the valid stances that hold the mode."""
        return Share(bar=1, quorum=self.quorum).look(seen)


class Still(Frozen):
    """Nobody moved: in each of the last `rounds` rounds every seat stands as it did before it.

    To become valid, or to cease to be, is to move.
    """

    rounds: int = Field(default=1, ge=1)
    name: str = "still"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the most seats that moved in one of these rounds; the bar is 0."""
        if seen.opening.options is None:
            return Finding(False, bar=0, says=OPEN)
        held = [
            {seat: stance.choice for seat, stance in each.stances.items()}
            for each in standings(seen)[-self.rounds - 1 :]
        ]
        if len(held) <= self.rounds:
            return Finding(False, bar=0, says=f"fewer than {self.rounds} rounds after the first")
        moved = [
            sum(before.get(seat) != choice for seat, choice in now.items())
            for before, now in pairwise(held)
        ]
        return Finding(max(moved) == 0, max(moved), 0, f"moved: {', '.join(map(str, moved))}")


class Share(Frozen):
    """One option has at least a share `bar` of the valid stances, of which there are `quorum`."""

    bar: float = Field(default=0.75, gt=0, le=1)
    quorum: int = Field(default=2, ge=1)
    name: str = "share"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the share of the valid stances that hold the mode."""
        if seen.opening.options is None:
            return Finding(False, bar=self.bar, says=OPEN)
        stood = standings(seen)
        choices = list(stood[-1].choices.values()) if stood else []
        if not choices:
            return Finding(False, bar=self.bar, says=NOBODY)
        most = max(Counter(choices).values())
        share = most / len(choices)
        if len(choices) < self.quorum:
            says = f"{len(choices)} valid of the {self.quorum} that it takes"
            return Finding(False, share, self.bar, says)
        # In whole numbers: a share of 2/3 given as 0.6666666 is not missed by a rounding.
        return Finding(
            share >= self.bar - 1e-6, share, self.bar, f"{most} of {len(choices)} hold the mode"
        )


class Unassailable(Frozen):
    """The lead can no longer be overturned by the seats that are undecided.

    With c(o) the seats whose last stance is valid and for o, L the option with the most, and u the
    seats that have none (not asked yet, abstained, unreadable, unavailable): it holds where
    c(L) > c(o) + u for every other option o. Even if all undecided seats went to the runner-up it
    would neither overtake nor tie. That who has decided stays is assumed; under plurality alone.
    """

    seats: tuple[str, ...] | None = None
    """Who has a vote; None for all seats of the panel."""
    name: str = "unassailable"

    def look(self, seen: Transcript) -> Finding:
        """The figure is c(L) - c(runner-up) - u; it holds above the bar 0."""
        options = seen.opening.options
        if options is None:
            return Finding(False, bar=0, says=OPEN)
        voters = seen.opening.seats if self.seats is None else self.seats
        stood = standings(seen)
        held = stood[-1].choices if stood else {}
        counts = Counter(dict.fromkeys(options, 0))
        counts.update(choice for seat, choice in held.items() if seat in voters)
        undecided = sum(seat not in held for seat in voters)
        (_, first), *others = counts.most_common()
        second = others[0][1] if others else 0
        slack = first - second - undecided
        says = f"{first} against {second}, {undecided} undecided"
        return Finding(slack > 0, slack, 0, says)


class Quorum(Frozen):
    """At least `need` seats stand somewhere: on a choice question with a valid last stance, on an
    open one with a message that can be heard. To be combined with others: `AllOf`."""

    need: int = Field(ge=1)
    name: str = "quorum"

    def look(self, seen: Transcript) -> Finding:
        """The figure is how many seats there are."""
        if seen.opening.options is None:
            there = len({turn.seat for turn in seen.spoken()})
        else:
            stood = standings(seen)
            there = len(stood[-1].choices) if stood else 0
        return Finding(there >= self.need, there, self.need, f"{there} seats stand somewhere")
