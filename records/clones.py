"""Clones: seats that are the same agent, whatever their names."""

from collections.abc import Hashable, Iterable

from folkmoot.records.calls import HUMAN
from folkmoot.records.opening import Party


def clones(parties: Iterable[Party]) -> tuple[tuple[str, ...], ...]:
    """Groups of two seats or more that speak through one model from one declared perspective.

    A perspective is the statement, whatever its case and white space, the values with their weights
    and the red lines; nothing declared is nothing declared. Two people are two people.

    Returns:
        The seats of each group in the panel's order, groups by their first seat; () if all differ.
    """
    same: dict[Hashable, list[str]] = {}
    for party in parties:
        if party.model != HUMAN:
            same.setdefault(_agent(party), []).append(party.seat)
    return tuple(tuple(seats) for seats in same.values() if len(seats) > 1)


def _agent(party: Party) -> Hashable:
    statement = " ".join(party.statement.casefold().split())
    values = frozenset(party.values.items())
    return party.model, statement, values, frozenset(party.red_lines)
