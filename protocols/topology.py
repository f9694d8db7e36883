"""Who hears whom: a directed graph, "i reads j". A seat always sees its own messages."""

from typing import Any, cast

import networkx as nx
from pydantic import field_validator

from folkmoot.records import InputError, Transcript, Turn
from folkmoot.records.base import Frozen

_NAMED = ("complete", "ring", "star")


class Topology(Frozen):
    """Who hears whom.

    complete: everyone reads everyone. ring: each reads its two neighbours in the panel's order
    (arXiv 2406.11776). star: the hub, the first seat unless named, reads everyone, and the others
    read the hub only. custom: the edges as given, reader first.
    """

    name: str = "complete"
    hub: str | None = None
    """star: the seat at the centre."""
    edges: tuple[tuple[str, str], ...] | None = None
    """custom: (reader, read) pairs of seat names."""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in (*_NAMED, "custom"):
            raise ValueError(f"no topology is named {name!r}; there are {', '.join(_NAMED)}")
        return name

    @classmethod
    def of(cls, given: Any) -> "Topology":
        """A topology from a name, a topology, or any networkx graph over seat names.

        A directed edge (i, j) means that i reads j; an undirected one means both; parallel ones
        mean what one of them means.

        Raises:
            InputError: it is none of these.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            if given not in _NAMED:
                raise InputError(
                    f"no topology is named {given!r}", f"there are: {', '.join(_NAMED)}"
                )
            return cls(name=given)
        if isinstance(given, dict):
            return cls.model_validate(given)
        if isinstance(given, nx.Graph):
            directed = cast(Any, given if given.is_directed() else given.to_directed())
            # Called, and not as a property: parallel edges come without their keys.
            edges = {(str(reader), str(read)) for reader, read in directed.edges()}
            return cls(name="custom", edges=tuple(sorted(edges)))
        raise InputError(f"{given!r} is no topology", "give a name or a networkx graph")

    def reads(self, seats: tuple[str, ...]) -> dict[str, frozenset[str]]:
        """For each seat, the seats whose messages it is shown, itself among them."""
        if self.name == "ring":
            at = {seat: index for index, seat in enumerate(seats)}
            near = {
                seat: {seats[index - 1], seats[(index + 1) % len(seats)]}
                for seat, index in at.items()
            }
        elif self.name == "star":
            hub = self.hub or seats[0]
            near = {seat: set(seats) if seat == hub else {hub} for seat in seats}
        elif self.name == "custom":
            near = {
                seat: {read for reader, read in self.edges or () if reader == seat}
                for seat in seats
            }
        else:
            near = {seat: set(seats) for seat in seats}
        return {seat: frozenset(near[seat] | {seat}) for seat in seats}

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What is wrong with the topology over these seats; () if nothing."""
        named = {seat for edge in self.edges or () for seat in edge}
        if self.hub is not None:
            named.add(self.hub)
        return tuple(
            f"the topology names {seat!r}, which has no seat on the panel ({', '.join(seats)})"
            for seat in sorted(named - set(seats))
        )


COMPLETE = Topology()


def heard(seen: Transcript, topology: Topology) -> dict[str, tuple[Turn, ...]]:
    """The messages of earlier rounds that each seat is shown, oldest first.

    One seeded order per round, shared by all readers, is the order of the message ids.
    """
    reads = topology.reads(seen.opening.seats)
    before = [turn for turn in seen.spoken() if turn.round < seen.place.round]
    return {seat: tuple(turn for turn in before if turn.seat in reads[seat]) for seat in reads}
