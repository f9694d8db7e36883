"""Points: which claims make the same point, as a clerk judged, so that each point counts once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import networkx as nx

from folkmoot.records import Restatement, Span, Transcript

_SURE = 0.8
"""The probability from which two claims are taken to make the same point."""


def points(
    seen: Transcript, restated: Sequence[Restatement], held: Mapping[str, int]
) -> Mapping[Span, tuple[Span, ...]]:
    """Claim → all claims that make its point, itself among them, the earliest first. A claim that makes
    a point alone is in none.

    Only claims of seats on one side make one point: what two sides both grant divides nobody. Claims
    that a chain of others ties together make one point, too.

    Args:
        seen: where conflicts are drawn up.
        restated: the judgements that count.
        held: seat → its side.
    """
    tied = cast(Any, nx.Graph())
    for each in restated:
        sides = [held.get(seen.turn(span.message).seat) for span in (each.first, each.second)]
        if each.probability >= _SURE and sides[0] == sides[1] is not None:
            tied.add_edge(each.first, each.second)
    found: dict[Span, tuple[Span, ...]] = {}
    for together in cast("Iterable[set[Span]]", nx.connected_components(tied)):
        ordered = tuple(sorted(together, key=lambda span: place(seen, span)))
        found |= dict.fromkeys(ordered, ordered)
    return found


def place(seen: Transcript, claim: Span) -> tuple[int, int, int]:
    """Where a claim stands in the record: earlier claims have lower places."""
    turn = seen.turn(claim.message)
    return (turn.step, turn.order, claim.start)
