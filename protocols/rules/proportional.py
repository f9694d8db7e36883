"""Proportional approval voting: the views that an answer is made of, each seat represented."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from folkmoot.protocols.rules.found import Found, Number
from folkmoot.protocols.rules.positional import approval
from folkmoot.records import Ballot


def pav(ballots: Sequence[Ballot], options: Sequence[str], *, views: int | None = None) -> Found:
    """The `views` options with the best sum over seats of 1 + 1/2 + … + 1/n, n the number of them that
    the seat approves (Thiele 1895). Every set is tried. The tally is of approvals.

    There is no one winner: the options are set out side by side.
    """
    size = min(2 if views is None else views, len(options))
    rewards = [sum((Fraction(1, n) for n in range(1, k + 1)), Fraction(0)) for k in range(size + 1)]
    approved = [frozenset(ballot.approvals or ()) for ballot in ballots]
    worth: dict[tuple[str, ...], Number] = {
        chosen: sum((rewards[len(each.intersection(chosen))] for each in approved), Fraction(0))
        for chosen in combinations(options, size)
    }
    top, *rest = sorted(worth.values(), reverse=True)
    best = tuple(chosen for chosen, value in worth.items() if value == top)
    return Found((), approval(ballots, options).tally, top - rest[0] if rest else top, views=best)
