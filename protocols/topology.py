"""Who hears whom: a directed graph, "i reads j"; whether a seat reads itself is a field of its own.

The shapes are in `adjacency`, edges by declared perspective in `kinship`, edges kept by what is on
record in `pruning`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, Self, cast

import networkx as nx
from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from folkmoot.protocols import adjacency, kinship, pruning
from folkmoot.protocols.adjacency import Near
from folkmoot.records import InputError, Party, Transcript
from folkmoot.records.base import Frozen

Rule = Callable[[Transcript], Mapping[str, Iterable[str]]]
"""A function of the record before the round: reader → those it reads."""

_TAKES: dict[str, tuple[str, ...]] = {
    "complete": (),
    "ring": (),
    "directed-ring": (),
    "chain": (),
    "tree": (),
    "star": ("hub",),
    "wheel": ("hub",),
    "k-regular": ("k", "redrawn"),
    "random": ("p", "redrawn"),
    "layers": ("groups", "k"),
    "bipartite": ("groups",),
    "groups": ("groups", "k", "delegates"),
    "cross-perspective": ("by",),
    "same-perspective": ("by",),
    "pruned": ("base", "weight", "at_least"),
    "per-round": ("rounds",),
    "custom": ("edges", "rule"),
}
"""Name → the parameters that it takes, beside `direction` and `self_visible`."""
_NEEDS = {
    "k-regular": ("k",),
    "random": ("p",),
    "layers": ("groups", "k"),
    "bipartite": ("groups",),
    "groups": ("groups", "k"),
    "per-round": ("rounds",),
    "custom": ("edges", "rule"),
}
"""Name → the parameters of which it needs exactly one."""
_NAMED = tuple(name for name in _TAKES if name != "custom")


class Around(NamedTuple):
    """What a topology's edges may depend on. What is not known makes them all that they may be."""

    seats: tuple[str, ...]
    round: int = 1
    seed: int | None = None
    parties: tuple[Party, ...] | None = None
    seen: Transcript | None = None
    """The record before the round."""


class Topology(Frozen):
    """Who hears whom: a name and the parameters that go with it.

    complete, ring, directed-ring, chain, tree; star and wheel (`hub`); k-regular (`k`) and random
    (`p`), drawn from the run's seed; layers, bipartite and groups (`groups`, or `k` seats each);
    cross-perspective and same-perspective (`by`); pruned (`base`, `weight`, `at_least`); per-round
    (`rounds`); custom (`edges`, or a `rule` over the record).
    """

    name: str = "complete"
    hub: str | None = None
    """star, wheel: the seat at the centre; the panel's first by default."""
    edges: tuple[tuple[str, str], ...] | None = None
    """custom: (reader, read) pairs of seat names."""
    rule: Rule | None = None
    """custom: in place of edges, a named function of the record before the round."""
    k: int | None = Field(default=None, ge=1)
    """k-regular: how many others each reads. layers, groups: seats in each, in the panel's order."""
    p: float | None = Field(default=None, ge=0, le=1)
    """random: the probability of each edge."""
    redrawn: bool = False
    """k-regular, random: drawn anew for each round."""
    groups: adjacency.Groups | None = None
    """layers: first layer first. bipartite: the two sides. groups: the groups."""
    delegates: tuple[str, ...] | None = None
    """groups: those who read each other across groups; the first of each by default."""
    by: kinship.Kinship = "perspective"
    """cross-perspective, same-perspective: what makes two seats the same."""
    base: "Topology | None" = None
    """pruned: whose edges are pruned; complete by default."""
    weight: str | pruning.Weight = "agreement"
    """pruned: what an edge is weighed by."""
    at_least: float | None = None
    """pruned: the least weight that is kept; the mean of the reader's edges by default."""
    rounds: tuple["Topology", ...] | None = None
    """per-round: that of round 1, of round 2 and so on; the last one stays."""
    direction: Literal["as-is", "reversed", "both"] = "as-is"
    """Whether the edges are as the shape has them, the other way round, or both ways."""
    self_visible: bool = True
    """Whether a seat is shown its own messages."""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in _TAKES:
            raise ValueError(f"no topology is named {name!r}; there are {', '.join(_NAMED)}")
        return name

    @field_validator("weight")
    @classmethod
    def _weighs(cls, weight: str | pruning.Weight) -> str | pruning.Weight:
        if isinstance(weight, str) and weight not in pruning.WEIGHTS:
            known = ", ".join(pruning.WEIGHTS)
            raise ValueError(f"no weight of edges is named {weight!r}; there are {known}")
        return weight

    @model_validator(mode="after")
    def _fits(self) -> Self:
        common = {"name", "direction", "self_visible"}
        given = {field for field in type(self).model_fields if not self._default(field)} - common
        if unknown := sorted(given - set(_TAKES[self.name])):
            raise ValueError(f"topology {self.name!r} has no parameter {unknown[0]!r}")
        needed = _NEEDS.get(self.name, ())
        if needed and len(given & set(needed)) != 1:
            raise ValueError(f"topology {self.name!r} needs {' or '.join(needed)}")
        if self.name == "bipartite" and len(self.groups or ()) != 2:
            raise ValueError("topology 'bipartite' needs two groups")
        if self.name == "per-round" and not self.rounds:
            raise ValueError("topology 'per-round' needs rounds")
        return self

    @field_serializer("rule", "weight")
    def _function(self, given: Any) -> str | None:
        return f"{given.__module__}:{given.__qualname__}" if callable(given) else given

    @model_serializer(mode="wrap")
    def _written(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Its name and what differs from the default: a record does not list what is not used."""
        fields: dict[str, Any] = written(self)
        return {
            field: value
            for field, value in fields.items()
            if field == "name" or not self._default(field)
        }

    @classmethod
    def of(cls, given: Any) -> "Topology":
        """A topology from a name, a topology, a networkx graph over seat names, or a function.

        A directed edge (i, j) means that i reads j; an undirected one means both; parallel ones
        mean what one of them means. A function of the record before the round returns reader →
        those it reads. A list is one topology for each round.

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
        if isinstance(given, list | tuple):
            each = cast("list[Any]", given)
            return cls(name="per-round", rounds=tuple(cls.of(one) for one in each))
        if isinstance(given, nx.Graph):
            directed = cast(Any, given if given.is_directed() else given.to_directed())
            # Called, and not as a property: parallel edges come without their keys.
            edges = {(str(reader), str(read)) for reader, read in directed.edges()}
            return cls(name="custom", edges=tuple(sorted(edges)))
        if callable(given) and hasattr(given, "__qualname__"):
            return cls(name="custom", rule=cast(Rule, given))
        raise InputError(f"{given!r} is no topology", "give a name or a networkx graph")

    @property
    def depends_on(self) -> frozenset[str]:
        """What its edges depend on beside the seats: "seed", "round", "perspectives", "record"."""
        inner = (*(self.rounds or ()), *((self.base,) if self.base else ()))
        found = {each for one in inner for each in one.depends_on}
        if self.name in ("k-regular", "random"):
            found |= {"seed"} | ({"round"} if self.redrawn else set())
        if self.name in ("cross-perspective", "same-perspective"):
            found.add("perspectives")
        if self.name == "pruned" or self.rule is not None:
            found.add("record")
        return frozenset(found | ({"round"} if self.name == "per-round" else set()))

    def reads(self, seats: tuple[str, ...], at: Around | None = None) -> dict[str, frozenset[str]]:
        """For each seat, the seats whose messages it is shown, itself among them if it sees itself.

        Without the seed, the perspectives or the record that the edges depend on: all that they may be.
        """
        near = self._near(seats, at or Around(seats))
        if self.direction != "as-is":
            turned = adjacency.turned(near)
            if self.direction == "both":
                turned = {seat: turned[seat] | near[seat] for seat in seats}
            near = turned
        found: dict[str, frozenset[str]] = {}
        for seat in seats:
            own = {seat} if self.self_visible else set[str]()
            found[seat] = frozenset((near.get(seat, set()) - {seat}) | own)
        return found

    def over(self, seen: Transcript) -> dict[str, frozenset[str]]:
        """Who reads whom where a stage stands; `seen` is the record before the round."""
        opening = seen.opening
        at = Around(opening.seats, seen.place.round, opening.seed, opening.parties, seen)
        return self.reads(opening.seats, at)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What is wrong with the topology over these seats; () if nothing."""
        named = {seat for edge in self.edges or () for seat in edge}
        named |= {seat for group in self.groups or () for seat in group}
        named |= {*(self.delegates or ()), *((self.hub,) if self.hub is not None else ())}
        found = [
            f"the topology names {seat!r}, which has no seat on the panel ({', '.join(seats)})"
            for seat in sorted(named - set(seats))
        ]
        if self.name == "k-regular" and (self.k or 0) >= len(seats):
            found.append(f"the topology has each read {self.k} others of {len(seats)} seats")
        for group_of in seats if self.groups else ():
            if sum(group_of in group for group in self.groups or ()) != 1:
                found.append(f"the topology has {group_of!r} in no group, or in several")
        inner = (*(self.rounds or ()), *((self.base,) if self.base else ()))
        return tuple(dict.fromkeys([*found, *(f for each in inner for f in each.faults(seats))]))

    def _default(self, field: str) -> bool:
        return getattr(self, field) == type(self).model_fields[field].default

    def _near(self, seats: tuple[str, ...], at: Around) -> Near:
        match self.name:
            case "pruned" | "per-round" | "custom":
                return self._given(seats, at)
            case "k-regular" | "random" if at.seed is not None:
                return self._drawn(seats, at.seed, at.round if self.redrawn else 0)
            case "cross-perspective" if at.parties is not None:
                return kinship.cross_perspective(at.parties, self.by)
            case "same-perspective" if at.parties is not None:
                return kinship.same_perspective(at.parties, self.by)
            case "star" | "wheel":
                return adjacency.CENTRED[self.name](seats, self.hub or seats[0])
            case "layers" | "bipartite" | "groups":
                groups = self.groups or adjacency.chunks(seats, self.k or 1)
                delegates = self.delegates or tuple(group[0] for group in groups if group)
                if self.name == "groups":
                    return adjacency.grouped(seats, groups, delegates)
                return adjacency.SIDED[self.name](seats, groups)
            case _:
                return adjacency.PLAIN.get(self.name, adjacency.complete)(seats)

    def _drawn(self, seats: tuple[str, ...], seed: int, draw: int) -> Near:
        if self.name == "random":
            return adjacency.random(seats, self.p or 0, seed, draw)
        return adjacency.k_regular(seats, self.k or 1, seed, draw)

    def _given(self, seats: tuple[str, ...], at: Around) -> Near:
        if self.name == "per-round":
            rounds = self.rounds or ()
            current = rounds[min(max(at.round, 1), len(rounds)) - 1]
            return {seat: set(read) for seat, read in current.reads(seats, at).items()}
        if self.name == "pruned":
            base = (self.base or COMPLETE).reads(seats, at)
            near = {seat: set(read) for seat, read in base.items()}
            weight = pruning.WEIGHTS[self.weight] if isinstance(self.weight, str) else self.weight
            return near if at.seen is None else pruning.pruned(near, at.seen, weight, self.at_least)
        if self.rule is not None:
            if at.seen is None:
                return adjacency.complete(seats)
            return _ruled(self.rule, at.seen, seats)
        return {
            seat: {read for reader, read in self.edges or () if reader == seat} for seat in seats
        }


COMPLETE = Topology()


def _ruled(rule: Rule, seen: Transcript, seats: tuple[str, ...]) -> Near:
    near = {reader: set(read) for reader, read in rule(seen).items()}
    if strange := sorted({*near, *(seat for read in near.values() for seat in read)} - set(seats)):
        raise InputError(
            f"the topology {rule.__name__!r} names {strange[0]!r}, which has no seat here",
            f"the seats are: {', '.join(seats)}",
        )
    return {seat: near.get(seat, set()) for seat in seats}
