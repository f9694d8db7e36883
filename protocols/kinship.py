"""When two seats speak from the same declared perspective: by what is compared, exactly."""

from collections.abc import Hashable, Sequence
from typing import Literal

from folkmoot.protocols.adjacency import Near
from folkmoot.records import Party

Kinship = Literal["perspective", "statement", "values", "leading", "model", "contributor"]
"""What two seats have to have in common to be the same.

perspective: statement, values and red lines, all three. statement: its words, whatever their case
and white space. values: the same values with the same weights. leading: the same heaviest value or
values. model: the model's name. contributor: who brought the model. Nothing declared equals
nothing declared.
"""


def same_perspective(parties: Sequence[Party], by: Kinship) -> Near:
    """Each reads those of its own perspective."""
    return {
        party.seat: {other.seat for other in parties if _kin(other, by) == _kin(party, by)}
        for party in parties
    }


def cross_perspective(parties: Sequence[Party], by: Kinship) -> Near:
    """Each reads those of another perspective than its own: what `same_perspective` leaves out."""
    every = {party.seat for party in parties}
    return {seat: every - near for seat, near in same_perspective(parties, by).items()}


def _kin(party: Party, by: Kinship) -> Hashable:
    statement = " ".join(party.statement.casefold().split())
    values = frozenset(party.values.items())
    match by:
        case "perspective":
            return statement, values, frozenset(party.red_lines)
        case "statement":
            return statement
        case "values":
            return values
        case "leading":
            most = max(party.values.values(), default=0)
            return frozenset(name for name, weight in party.values.items() if weight == most)
        case "model":
            return party.model
        case "contributor":
            return party.contributor
