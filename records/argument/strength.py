"""How strong each claim is: DF-QuAD (Rago, Toni, Aurisicchio and Baroni, KR 2016).

A claim starts from a base score v. With A and S the aggregated strengths of its attackers and of its
supporters, 1 - (1 - s1)(1 - s2)… each, 0 of none, its strength is

    v - v * (A - S)          where A >= S
    v + (1 - v) * (S - A)    where S >  A

That is a recursion where no claim depends on itself. Where claims do, they are computed round by round
from their base scores, all at once (as in arXiv 1807.06685 and 1809.07133), which need not come to rest.

Only attacks and supports count. That a claim restates another is nothing to the strength of either:
where a point made twice should count once, take `merged` first.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

import networkx as nx

from folkmoot.records.argument.graph import ArgumentGraph
from folkmoot.records.base import Frozen
from folkmoot.records.errors import InputError

BASE = 0.5
"""The base score of a claim of which nothing else is said."""

TOLERANCE = 1e-9
"""Claims have come to rest when none changes by more than this in a round."""

ROUNDS = 1000
"""Rounds after which claims that have not come to rest have no strength."""


class Strengths(Frozen):
    """The strength of each claim, or that it has none."""

    converged: bool
    """Whether every claim has a strength. False: there is no fixpoint within the bound."""
    rounds: int
    """The rounds that the slowest cycle of claims took; 0 where there is no cycle."""
    values: dict[str, float | None]
    """Claim → its strength, from 0 to 1. None: it is part of a cycle that does not come to rest, or
    depends on one."""
    base: dict[str, float]
    """Claim → the base score that it started from."""
    tolerance: float
    at_most: int
    """The bound on the rounds."""


def aggregated(values: Iterable[float]) -> float:
    """The probabilistic sum: 1 - (1 - v1)(1 - v2)…; 0 of nothing."""
    return 1.0 - math.prod(1.0 - value for value in values)


def combined(base: float, attackers: float, supporters: float) -> float:
    """A base score, moved by the aggregated strengths of attackers and supporters, all from 0 to 1."""
    if attackers >= supporters:
        return base - base * (attackers - supporters)
    return base + (1.0 - base) * (supporters - attackers)


def strengths(
    graph: ArgumentGraph,
    base: float | Mapping[str, float] = BASE,
    tolerance: float = TOLERANCE,
    at_most: int = ROUNDS,
) -> Strengths:
    """The DF-QuAD strength of every claim.

    Claims that depend on each other are computed together, after all that they depend on and with the
    final strengths of that. So a chain of any length needs no round, and a cycle without a fixpoint takes
    the strength from itself and from what depends on it alone.

    Args:
        graph: the argument graph; parallel edges count once, weights and restate edges not at all.
        base: the base score, from 0 to 1, of all claims or of some; of the others it is 0.5.
        tolerance: the largest change in a round at which a cycle has come to rest.
        at_most: the bound on the rounds.

    Raises:
        InputError: a base score is not from 0 to 1, or is of no claim.
    """
    start = _bases(graph, base)
    sources = (graph.sources("attack"), graph.sources("support"))
    values: dict[str, float | None] = {}
    slowest = 0
    for part in _parts(graph):
        needs = {each for name in part for kind in sources for each in kind[name]}
        known = {name: value for name in needs - part if (value := values[name]) is not None}
        if needs - part - set(known):
            values |= dict.fromkeys(part)
        elif not needs & part:
            values |= {name: _strength(start[name], name, sources, known) for name in part}
        else:
            settled, rounds = _settled(part, start, sources, known, tolerance, at_most)
            values |= settled
            slowest = max(slowest, rounds)
    return Strengths(
        converged=None not in values.values(),
        rounds=slowest,
        values={name: values[name] for name in graph.ids},
        base=start,
        tolerance=tolerance,
        at_most=at_most,
    )


_Sources = tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]


def _bases(graph: ArgumentGraph, base: float | Mapping[str, float]) -> dict[str, float]:
    given = base if isinstance(base, Mapping) else dict.fromkeys(graph.ids, base)
    for name, value in given.items():
        graph.claim(name)
        if not 0 <= value <= 1:
            raise InputError(f"the base score of {name!r} is {value}", "give one from 0 to 1")
    return {name: float(given.get(name, BASE)) for name in graph.ids}


def _parts(graph: ArgumentGraph) -> list[set[str]]:
    """The claims by what depends on each other, each part after those that it depends on."""
    bare: nx.DiGraph[str] = nx.DiGraph()
    bare.add_nodes_from(graph.ids)
    bare.add_edges_from(
        (edge.source, edge.target) for edge in graph.edges if edge.type != "restate"
    )
    condensed = cast(Any, nx.condensation(bare))
    order = cast("Iterable[int]", nx.topological_sort(condensed))
    return [set(condensed.nodes[number]["members"]) for number in order]


def _strength(base: float, name: str, sources: _Sources, values: Mapping[str, float]) -> float:
    # In one order, whatever the order of a set: a product of floats depends on it.
    attackers, supporters = (
        aggregated(values[each] for each in sorted(kind[name])) for kind in sources
    )
    return combined(base, attackers, supporters)


def _settled(
    part: set[str],
    start: Mapping[str, float],
    sources: _Sources,
    known: Mapping[str, float],
    tolerance: float,
    at_most: int,
) -> tuple[dict[str, float | None], int]:
    """The strengths of claims that depend on each other, and the rounds that it took."""
    held = {name: start[name] for name in part}
    for number in range(1, at_most + 1):
        values = {**known, **held}
        new = {name: _strength(start[name], name, sources, values) for name in part}
        change = max(abs(new[name] - held[name]) for name in part)
        held = new
        if change <= tolerance:
            return dict(held), number
    return dict.fromkeys(part), at_most
