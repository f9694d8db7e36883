"""What can be held together: abstract argumentation after Dung (Artificial Intelligence 77, 1995).

Only attacks count. Supports have no one meaning here (deductive, necessary and evidential support each
give other extensions), and what seats declare does not say which is meant; they count in `strength`.
That a claim restates another counts for nothing: what attacks one does not attack the other, unless
`merged` has made them one.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Literal

import networkx as nx

from folkmoot.records.argument.graph import ArgumentGraph
from folkmoot.records.errors import InputError

Status = Literal["in", "out", "undecided"]
"""Under the grounded extension: in it, attacked by it, neither."""

MOST_UNDECIDED = 30
"""Undecided claims up to which preferred extensions are enumerated: at most 3 ** 10 of them."""

_Attackers = Mapping[str, frozenset[str]]


def conflict_free(graph: ArgumentGraph, claims: Collection[str]) -> bool:
    """Whether none of the claims attacks one of them, itself included.

    Raises:
        InputError: one is no claim of the graph.
    """
    held = {graph.claim(name).id for name in claims}
    attackers = graph.sources("attack")
    return not any(attackers[name] & held for name in held)


def admissible(graph: ArgumentGraph, claims: Collection[str]) -> bool:
    """Whether the claims are free of conflict and attack every claim that attacks one of them.

    Raises:
        InputError: one is no claim of the graph.
    """
    held = {graph.claim(name).id for name in claims}
    attackers = graph.sources("attack")
    against = {attacker for name in held for attacker in attackers[name]}
    return conflict_free(graph, claims) and all(attackers[each] & held for each in against)


def grounded(graph: ArgumentGraph) -> frozenset[str]:
    """The grounded extension: the least set that holds every claim whose attackers it attacks."""
    return frozenset(name for name, status in statuses(graph).items() if status == "in")


def statuses(graph: ArgumentGraph) -> Mapping[str, Status]:
    """Claim → whether it is in the grounded extension, attacked by it, or undecided."""
    attackers = graph.sources("attack")
    targets: dict[str, list[str]] = {name: [] for name in attackers}
    for name, against in attackers.items():
        for each in against:
            targets[each].append(name)
    found: dict[str, Status] = dict.fromkeys(attackers, "undecided")
    # How many attackers of a claim are not out yet; each claim is settled once, so each attack is
    # looked at once.
    left = {name: len(against) for name, against in attackers.items()}
    todo = [name for name, count in left.items() if not count]
    while todo:
        name = todo.pop()
        found[name] = "in"
        for beaten in targets[name]:
            if found[beaten] == "out":
                continue
            found[beaten] = "out"
            for freed in targets[beaten]:
                left[freed] -= 1
                todo += [] if left[freed] else [freed]
    return found


def preferred(graph: ArgumentGraph, at_most: int = MOST_UNDECIDED) -> tuple[frozenset[str], ...]:
    """The preferred extensions: the admissible sets that are part of no larger one. Never empty.

    Each holds the grounded extension, so that only what that leaves undecided is searched, one connected
    part at a time. There can be 3 ** (n / 3) of them for n undecided claims.

    Args:
        graph: the argument graph.
        at_most: how many claims may be undecided.

    Raises:
        InputError: more are.
    """
    status = statuses(graph)
    undecided = {name for name, each in status.items() if each == "undecided"}
    if len(undecided) > at_most:
        raise InputError(
            f"{len(undecided)} claims are undecided: preferred extensions are enumerated for up to "
            f"{at_most}",
            "ask for the grounded extension, leave claims out, or raise at_most: time doubles with "
            "every few claims",
        )
    attackers = {
        name: against & undecided
        for name, against in graph.sources("attack").items()
        if name in undecided
    }
    held = frozenset(name for name, each in status.items() if each == "in")
    parts = [_largest(part, attackers) for part in _connected(attackers)]
    return tuple(held.union(*each) for each in product(*parts))


def _connected(attackers: _Attackers) -> list[list[str]]:
    """The claims by connected parts, each in the graph's order."""
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(attackers)
    joined.add_edges_from((name, each) for name, against in attackers.items() for each in against)
    return [
        [name for name in attackers if name in part] for part in nx.connected_components(joined)
    ]


def _largest(part: list[str], attackers: _Attackers) -> list[frozenset[str]]:
    """The maximal admissible sets among some claims that nothing outside them attacks."""
    number = {name: at for at, name in enumerate(part)}
    against = [sum(1 << number[each] for each in attackers[name]) for name in part]
    return [
        frozenset(name for at, name in enumerate(part) if held >> at & 1)
        for held in _Search(against).found
    ]


class _Search:
    """All maximal admissible sets of claims 0 … n - 1; a set is a number with a bit for each claim.

    A claim is taken in before it is left out, so that no set is found before one that holds it.
    """

    def __init__(self, against: list[int]) -> None:
        everyone = range(len(against))
        self.against = against
        """Claim → those that attack it."""
        self.beats = [sum(1 << b for b in everyone if against[b] >> a & 1) for a in everyone]
        """Claim → those that it attacks."""
        self.able = sum(1 << a for a in everyone if not against[a] >> a & 1)
        """Claims that do not attack themselves."""
        self.found: list[int] = []
        self._extend(0, 0, 0, self.able)

    def _extend(self, held: int, owed: int, beaten: int, left: int) -> None:
        """Find the sets that hold `held` and beside it claims of `left` only. `owed` are those that
        attack `held`, `beaten` those that it attacks."""
        some = self._needed(held, owed, beaten, left)
        if some is None:
            if left:
                first = left & -left
                self._include(first, held, owed, beaten, left)
                self._extend(held, owed, beaten, left ^ first)
            elif not self._may_grow(held, beaten) or all(held & ~each for each in self.found):
                self.found.append(held)
            return
        for one in _each(some):
            self._include(1 << one, held, owed, beaten, left)
            left ^= 1 << one

    def _include(self, one: int, held: int, owed: int, beaten: int, left: int) -> None:
        at = one.bit_length() - 1
        against, beats = self.against[at], self.beats[at]
        rest = left & ~(one | against | beats)
        self._extend(held | one, owed | against, beaten | beats, rest)

    def _needed(self, held: int, owed: int, beaten: int, left: int) -> int | None:
        """Claims one of which every set still to be found holds; None where there is no such need."""
        unanswered = owed & ~beaten
        if unanswered:
            return left & self.against[(unanswered & -unanswered).bit_length() - 1]
        # A claim that was left out, and that has an answer to all that attack it, could be added to
        # every set that does not attack it: such a set would not be maximal.
        needs = (
            left & self.against[out]
            for out in _each(self.able & ~held & ~left & ~beaten)
            if not self.against[out] & ~(beaten | self.beats[out])
        )
        return min(needs, key=int.bit_count, default=None)

    def _may_grow(self, held: int, beaten: int) -> bool:
        """Whether claims that are left out might still be added together: they answer for each other."""
        more, before = self.able & ~held & ~beaten, -1
        while more != before:
            before = more
            answered = beaten
            for one in _each(more):
                answered |= self.beats[one]
            for one in _each(more):
                if self.against[one] & ~answered:
                    more ^= 1 << one
        return more != 0


def _each(claims: int) -> Iterator[int]:
    """The claims of a set, in order."""
    while claims:
        yield (claims & -claims).bit_length() - 1
        claims &= claims - 1
