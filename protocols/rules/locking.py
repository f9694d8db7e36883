"""Ranked pairs: majorities are locked in from the largest, those that would close a cycle skipped."""

from collections.abc import Sequence

from folkmoot.protocols.rules.duels import margins
from folkmoot.protocols.rules.found import Found
from folkmoot.records import Ballot

Order = frozenset[tuple[str, str]]
"""A partial order: pairs of which the first is above the second, all that follow among them."""

_MOST = 20_000
"""Orders looked at before a count is given up: the number of ways to break ties grows fast."""


def ranked_pairs(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Tideman's rule (1987). Equal margins are locked in every order: whoever comes out on top in one
    of them wins. The tally counts the options below in all of them."""
    lead = margins(ballots, options)
    orders: set[Order] = {frozenset()}
    looked = 0
    for size in sorted({margin for margin in lead.values() if margin > 0}, reverse=True):
        level = [pair for pair, margin in lead.items() if margin == size]
        after: set[Order] = set()
        for order in orders:
            ends, seen = _lock(order, level, _MOST - looked)
            after |= ends
            looked += seen
            if looked >= _MOST:
                none = dict.fromkeys(options, 0)
                return Found((), none, why="too many equal margins to try every order")
        orders = after
    below: Order = frozenset[tuple[str, str]].intersection(*orders)
    winners = tuple(
        option
        for option in options
        if any(all(lower != option for _, lower in order) for order in orders)
    )
    return Found(winners, {a: sum(upper == a for upper, _ in below) for a in options})


def _lock(order: Order, level: Sequence[tuple[str, str]], most: int) -> tuple[set[Order], int]:
    """Every order that locking these pairs, one after the other, can end in; how many were seen."""
    together = order
    for pair in level:
        together = _with(together, pair)
    if not any((b, a) in together for a, b in together):
        return {together}, 1
    ends: set[Order] = set()
    seen, todo = {order}, [order]
    while todo and len(seen) < most:
        now = todo.pop()
        more = [(a, b) for a, b in level if (a, b) not in now and (b, a) not in now]
        if not more:
            ends.add(now)
        for pair in more:
            following = _with(now, pair)
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return ends, len(seen)


def _with(order: Order, pair: tuple[str, str]) -> Order:
    """The order with a pair more, and all that follows from it."""
    above = {a for a, b in order if b == pair[0]} | {pair[0]}
    below = {b for a, b in order if a == pair[1]} | {pair[1]}
    return order | {(a, b) for a in above for b in below}
