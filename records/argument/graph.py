"""The argument graph as a frozen value, and as a networkx graph."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, Self, cast

import networkx as nx
from pydantic import Field, ValidationError, model_validator

from folkmoot.records.acts import TurnRole
from folkmoot.records.base import Frozen
from folkmoot.records.conflicts import Span
from folkmoot.records.errors import InputError
from folkmoot.records.terms import Layer

EdgeType = Literal["support", "attack", "restate"]

RESTATED = 0.5
"""The probability from which on two claims are taken to make the same point."""


class Claim(Frozen):
    """A claim: what a message says as a whole, a piece of one, or the question itself."""

    id: str
    """The id of its message (`M3`); of a piece of one, that and its codepoints (`M3:120-188`); or
    `question`."""
    text: str
    seat: str | None = None
    """Who says it; None for the question."""
    round: int | None = None
    role: TurnRole | None = None
    """Of its message."""
    span: Span | None = None
    """Where it stands: the whole message or the piece; None for the question."""

    @property
    def within(self) -> str | None:
        """The id of the message that it is a piece of; None where it is no piece."""
        return self.span.message if self.span is not None and self.span.message != self.id else None

    @model_validator(mode="after")
    def _quotes(self) -> Self:
        if self.span is not None and self.span.exact != self.text:
            raise InputError(
                f"claim {self.id!r}: its text is not what its span quotes",
                "a text that was edited is no quotation: take its span away",
            )
        return self


class Edge(Frozen):
    """One claim supports, attacks or restates another."""

    id: str
    """`e1`, `e2`, …"""
    source: str
    """The claim that acts."""
    target: str
    """The claim that is acted on."""
    type: EdgeType
    layer: Layer | None = None
    """What found it; None where that is not known."""
    weight: float = Field(default=1.0, ge=0, le=1)
    """How sure it is: 1 for what a seat declared, else the probability that was given to it."""
    by: str | None = None
    """The seat that acted; None where a model judged two claims."""
    record: str | None = None
    """The id of the act, issue, relation or restatement that it is read from; a stance has none."""


class ArgumentGraph(Frozen):
    """Claims, and edges between them. Parallel edges are kept, with what each was read from; where
    sets of attackers or supporters are meant, as everywhere in the theory, they count once."""

    claims: tuple[Claim, ...] = ()
    edges: tuple[Edge, ...] = ()

    @model_validator(mode="after")
    def _ends_meet(self) -> Self:
        known = Counter(claim.id for claim in self.claims)
        for what, ids in (("claims", known), ("edges", Counter(edge.id for edge in self.edges))):
            for name in (name for name, times in ids.items() if times > 1):
                raise InputError(f"the argument graph has two {what} {name!r}")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in known:
                    raise InputError(f"edge {edge.id!r} ends at {end!r}, which is no claim")
        return self

    @classmethod
    def of(
        cls,
        claims: Iterable[str],
        attacks: Iterable[tuple[str, str]] = (),
        supports: Iterable[tuple[str, str]] = (),
        restates: Iterable[tuple[str, str]] = (),
    ) -> Self:
        """An abstract graph: claims that are only names, and pairs (claim that acts, claim acted on).

        Args:
            claims: the names.
            attacks: who attacks whom.
            supports: who supports whom.
            restates: who restates whom.

        Raises:
            InputError: a name is given twice, or a pair names no claim.
        """
        pairs: list[tuple[EdgeType, tuple[str, str]]] = [
            *(("attack", pair) for pair in attacks),
            *(("support", pair) for pair in supports),
            *(("restate", pair) for pair in restates),
        ]
        return cls(
            claims=tuple(Claim(id=name, text=name) for name in claims),
            edges=tuple(
                Edge(id=f"e{number}", source=source, target=target, type=kind)
                for number, (kind, (source, target)) in enumerate(pairs, 1)
            ),
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the claims, in their order."""
        return tuple(claim.id for claim in self.claims)

    def claim(self, id: str) -> Claim:
        """The claim with that id; InputError if there is none."""
        at = self._places.get(id)
        # A changed copy has the places of what it was copied from.
        if at is not None and at < len(self.claims) and self.claims[at].id == id:
            return self.claims[at]
        for claim in self.claims:
            if claim.id == id:
                return claim
        raise InputError(
            f"the argument graph has no claim {id!r}", f"there are: {', '.join(self.ids)}"
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {claim.id: at for at, claim in enumerate(self.claims)}

    def sources(self, type: EdgeType) -> Mapping[str, frozenset[str]]:
        """Every claim → the claims that attack it, support it or restate it, each once."""
        found: dict[str, set[str]] = {name: set() for name in self.ids}
        for edge in self.edges:
            if edge.type == type:
                found[edge.target].add(edge.source)
        return {name: frozenset(sources) for name, sources in found.items()}

    def without(self, *ids: str) -> Self:
        """The graph without some claims and the edges that end at them.

        Raises:
            InputError: one of them is no claim.
        """
        gone = {self.claim(id).id for id in ids}
        return type(self)(
            claims=tuple(claim for claim in self.claims if claim.id not in gone),
            edges=tuple(edge for edge in self.edges if not {edge.source, edge.target} & gone),
        )

    def folded(self) -> Self:
        """The graph over whole messages: what a piece does, or what is done to it, its message does or
        has done to it. Edges between pieces of one message go: no message is set against itself."""
        wholes = set(self.ids)
        folds = {
            claim.id: claim.within
            for claim in self.claims
            if claim.within is not None and claim.within in wholes
        }
        return self._drawn(folds, self.edges)

    def merged(self, at_least: float = RESTATED) -> Self:
        """The graph in which claims that restate one another are one, so that a point counts once,
        however often and in whatever words it is made.

        Claims that restate edges tie together, directly or over other claims and whichever way these
        lead, are drawn as the earliest of them, which keeps its text and seat. What the others do or
        have done to them, it does or has done to it. Edges between them go: no claim is set against
        itself. Parallel edges stay, with what each was read from and `by` whom.

        A piece is a claim of its own here too: its message stays where the piece goes, and pieces stay
        where their message goes. Merge before folding. Folded first, messages of many sentences would
        be one claim for one sentence that they share.

        Args:
            at_least: the weight from which on a restate edge merges; lighter ones stay edges, unless
                others merge their ends.
        """
        alike: nx.Graph[str] = nx.Graph()
        alike.add_edges_from(
            (edge.source, edge.target)
            for edge in self.edges
            if edge.type == "restate" and edge.weight >= at_least
        )
        # Not those that are cached: a changed copy may have its claims in another order.
        places = {name: at for at, name in enumerate(self.ids)}
        stands: dict[str, str] = {}
        for group in nx.connected_components(alike):
            first = min(group, key=places.__getitem__)
            stands |= {name: first for name in group if name != first}
        # A claim that restates itself says nothing more, even where it did so from the start.
        telling = (
            edge
            for edge in self.edges
            if edge.type != "restate"
            or stands.get(edge.source, edge.source) != stands.get(edge.target, edge.target)
        )
        return self._drawn(stands, telling)

    def _drawn(self, stands: Mapping[str, str], edges: Iterable[Edge]) -> Self:
        """The graph without the claims for which others stand, to which their edges lead now. What
        becomes a loop by that goes; what was one stays."""
        led: list[Edge] = []
        for edge in edges:
            source = stands.get(edge.source, edge.source)
            target = stands.get(edge.target, edge.target)
            if source != target or edge.source == edge.target:
                led.append(edge.model_copy(update={"source": source, "target": target}))
        return type(self)(
            claims=tuple(claim for claim in self.claims if claim.id not in stands),
            edges=tuple(led),
        )


def to_networkx(graph: ArgumentGraph) -> "nx.MultiDiGraph[str]":
    """A new networkx graph: claims are nodes by their id, edges lead from the claim that acts and have
    their id as key. Attributes are the fields of `Claim` and `Edge`, those that are None left out."""
    made = cast(Any, nx.MultiDiGraph())
    for claim in graph.claims:
        about = claim.plain()
        del about["id"]
        made.add_node(claim.id, **about)
    for edge in graph.edges:
        about = edge.plain()
        for end in ("id", "source", "target"):
            del about[end]
        made.add_edge(edge.source, edge.target, key=edge.id, **about)
    return made


def from_networkx(given: "nx.MultiDiGraph[str]") -> ArgumentGraph:
    """What `to_networkx` made, or any directed multigraph with its attributes. A node needs a `text`,
    an edge a `type`.

    Raises:
        InputError: an attribute is missing, unknown or of another type.
    """
    nodes = cast("Iterable[tuple[str, dict[str, Any]]]", cast(Any, given).nodes(data=True))
    ends = cast(
        "Iterable[tuple[str, str, Any, dict[str, Any]]]",
        cast(Any, given).edges(keys=True, data=True),
    )
    claims: list[Claim] = []
    edges: list[Edge] = []
    where = ""
    try:
        for name, about in nodes:
            where = f"node {name!r}"
            claims.append(Claim.model_validate({**about, "id": name}))
        for source, target, name, about in ends:
            where = f"the edge from {source!r} to {target!r}"
            found = {**about, "id": str(name), "source": source, "target": target}
            edges.append(Edge.model_validate(found))
    except ValidationError as error:
        raise InputError(f"{where}: {fault(error)}") from None
    return ArgumentGraph(claims=tuple(claims), edges=tuple(edges))


def fault(error: ValidationError) -> str:
    """The first fault of a value that was refused: where in it, and why."""
    first = error.errors()[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"
