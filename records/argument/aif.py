"""The argument graph in the Argument Interchange Format, as AIFdb's JSON has it, and back.

Claims are I-nodes, supports RA-nodes, attacks CA-nodes and restatements MA-nodes, each with an edge from
the claim that acts and one to the claim acted on. What a seat says is an L-node, which a YA-node ties to
its claim; what it does is a TA-node between two of these, which a YA-node ties to the RA-, CA- or MA-node
(Inference Anchoring Theory). What a model judged has no TA-node: nobody said it. Chesñevar et al.,
"Towards an argument interchange format", Knowledge Engineering Review 21(4), 2006; Reed and Budzynska,
"How dialogues create arguments", ISSA 2010.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from folkmoot.records.argument.graph import ArgumentGraph, Claim, Edge, EdgeType, fault
from folkmoot.records.errors import InputError

_SCHEMES: dict[EdgeType, tuple[str, str, str]] = {
    "support": ("RA", "Default Inference", "Arguing"),
    "attack": ("CA", "Default Conflict", "Disagreeing"),
    "restate": ("MA", "Default Rephrase", "Restating"),
}
"""Type → that of its node, the node's text, and what a seat does by it."""
_TYPES: dict[str, EdgeType] = {scheme: type for type, (scheme, _, _) in _SCHEMES.items()}
_KNOWN = {"I", "L", "YA", "TA", *_TYPES}


class _Writer:
    """Numbers nodes and edges from 1, as AIFdb does."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []

    def node(self, type: str, text: str, own: dict[str, object] | None = None) -> str:
        """Add a node; its id. `own` is what the format has no field for."""
        number = str(len(self.nodes) + 1)
        self.nodes.append({"nodeID": number, "text": text, "type": type})
        if own is not None:
            self.nodes[-1]["folkmoot"] = own
        return number

    def path(self, *nodes: str) -> None:
        """Add edges from each node to the next."""
        for source, target in pairwise(nodes):
            number = str(len(self.edges) + 1)
            edge = {"edgeID": number, "fromID": source, "toID": target, "formEdgeID": None}
            self.edges.append(edge)


def to_aif(graph: ArgumentGraph) -> dict[str, Any]:
    """The graph as a JSON object of AIFdb: `nodes`, `edges`, `locutions`, `participants`.

    What the format has no field for (spans, rounds, layers, weights) stands under `folkmoot` in a node;
    other tools pass over it. There are no timestamps: a record has none of its messages.
    """
    made = _Writer()
    seats = list(dict.fromkeys(claim.seat for claim in graph.claims if claim.seat is not None))
    speakers = {claim.id: claim.seat for claim in graph.claims}
    claims: dict[str, str] = {}
    said: dict[str, str] = {}
    locutions: list[dict[str, str]] = []
    for claim in graph.claims:
        own = claim.plain()
        del own["text"]
        own.pop("seat", None)
        claims[claim.id] = made.node("I", claim.text, own)
        if claim.seat is not None:
            said[claim.id] = made.node("L", f"{claim.seat} : {claim.text}")
            made.path(said[claim.id], made.node("YA", "Asserting"), claims[claim.id])
            person = str(seats.index(claim.seat) + 1)
            locutions.append({"nodeID": said[claim.id], "personID": person})
    for edge in graph.edges:
        type, text, act = _SCHEMES[edge.type]
        own = edge.plain()
        for field in ("source", "target", "type"):
            del own[field]
        scheme = made.node(type, text, own)
        made.path(claims[edge.source], scheme, claims[edge.target])
        # Of merged claims one stands for what several seats say. Where another of them acted, its own
        # locution is not in the graph, and nobody else took that step.
        if edge.by is not None and edge.by == speakers[edge.source] and edge.target in said:
            step = made.node("TA", "Default Transition")
            made.path(said[edge.target], step, said[edge.source])
            made.path(step, made.node("YA", act), scheme)
    return {
        "nodes": made.nodes,
        "edges": made.edges,
        "schemefulfillments": [],
        "descriptorfulfillments": [],
        "participants": [
            {"participantID": str(number), "firstname": seat, "surname": ""}
            for number, seat in enumerate(seats, 1)
        ],
        "locutions": locutions,
    }


def _name(given: object) -> object:
    """Ids are strings in AIFdb and numbers in some tools."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


_Id = Annotated[str, BeforeValidator(_name)]


class _Read(BaseModel):
    """A part of a document; members that are not named here are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Node(_Read):
    id: _Id = Field(alias="nodeID")
    text: str
    type: str
    own: dict[str, Any] | None = Field(default=None, alias="folkmoot")


class _Edge(_Read):
    id: _Id = Field(alias="edgeID")
    source: _Id = Field(alias="fromID")
    target: _Id = Field(alias="toID")


class _Participant(_Read):
    id: _Id = Field(alias="participantID")
    firstname: str | None = None
    surname: str | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.firstname, self.surname) if part)


class _Locution(_Read):
    node: _Id = Field(alias="nodeID")
    person: _Id = Field(alias="personID")


class _Document(_Read):
    nodes: tuple[_Node, ...]
    edges: tuple[_Edge, ...]
    participants: tuple[_Participant, ...] | None = None
    locutions: tuple[_Locution, ...] | None = None


class _Laid(NamedTuple):
    """A document, laid out: nodes by id, and what leads to and from each."""

    nodes: dict[str, _Node]
    before: dict[str, list[_Node]]
    after: dict[str, list[_Node]]
    seats: dict[str, str]
    """L-node → who says it."""


def from_aif(data: object) -> ArgumentGraph:
    """The graph of an AIF document, as `to_aif` or AIFdb writes it, or wrapped as `{"AIF": …}` (xAIF).

    What `to_aif` wrote comes back equal. Of other documents claims and edges have the ids of their nodes;
    an inference from several premises becomes a support of each, as with conflicts and rephrasings, and
    the first locution of a claim gives its seat.

    Args:
        data: the document, as read from JSON.

    Raises:
        InputError: it is not such a document, names a node that it does not have, or has what the graph
            cannot hold: preference (PA), attacks on inferences, or other types.
    """
    laid = _laid_out(_document(data))
    found = {node.id: _claim(node, laid) for node in laid.nodes.values() if node.type == "I"}
    edges: list[Edge] = []
    for node in laid.nodes.values():
        if node.type in _TYPES:
            edges += _edges(node, laid, found)
    return ArgumentGraph(claims=tuple(found.values()), edges=tuple(edges))


def _document(data: object) -> _Document:
    # Some tools wrap the document, with the text that it was drawn up from beside it.
    inner = data
    if isinstance(data, dict):
        inner = cast("dict[str, object]", data).get("AIF", inner)
    try:
        return _Document.model_validate(inner)
    except ValidationError as error:
        raise InputError(f"no AIF document: {fault(error)}") from None


def _laid_out(document: _Document) -> _Laid:
    nodes: dict[str, _Node] = {}
    for node in document.nodes:
        if node.id in nodes:
            raise InputError(f"two AIF nodes have the id {node.id!r}")
        if node.type not in _KNOWN:
            raise InputError(
                f"AIF node {node.id!r} is of type {node.type!r}",
                f"the argument graph holds {', '.join(sorted(_KNOWN))}",
            )
        nodes[node.id] = node
    before: dict[str, list[_Node]] = {name: [] for name in nodes}
    after: dict[str, list[_Node]] = {name: [] for name in nodes}
    for edge in document.edges:
        for end in (edge.source, edge.target):
            if end not in nodes:
                raise InputError(f"AIF edge {edge.id!r} ends at {end!r}, which is no node")
        source, target = nodes[edge.source], nodes[edge.target]
        if source.type == target.type == "I":
            raise InputError(
                f"AIF edge {edge.id!r} ties two I-nodes", "put an RA-, CA- or MA-node between them"
            )
        before[target.id].append(source)
        after[source.id].append(target)
    people = {person.id: person.name for person in document.participants or ()}
    seats: dict[str, str] = {}
    for said in document.locutions or ():
        if said.node not in nodes or nodes[said.node].type != "L":
            raise InputError(f"a locution is of {said.node!r}, which is no L-node")
        seats[said.node] = people.get(said.person, said.person)
    return _Laid(nodes, before, after, seats)


def _claim(node: _Node, laid: _Laid) -> Claim:
    said = [
        laid.seats[first.id]
        for tie in laid.before[node.id]
        if tie.type == "YA"
        for first in laid.before[tie.id]
        if first.id in laid.seats
    ]
    seat = said[0] if said else None
    found = {"id": node.id, **(node.own or {}), "text": node.text, "seat": seat}
    try:
        return Claim.model_validate(found)
    except ValidationError as error:
        raise InputError(f"AIF node {node.id!r}: folkmoot.{fault(error)}") from None


def _edges(node: _Node, laid: _Laid, claims: dict[str, Claim]) -> Iterable[Edge]:
    """The edges that an RA-, CA- or MA-node stands for: one for each claim that it leads from."""
    before, after = laid.before[node.id], laid.after[node.id]
    if any(each.type in _TYPES for each in (*before, *after)):
        raise InputError(
            f"AIF node {node.id!r} is tied to an inference, a conflict or a rephrasing, not to claims "
            "alone",
            "the argument graph has edges between claims only: leave out what is done to inferences",
        )
    sources = [claims[each.id] for each in before if each.type == "I"]
    targets = [claims[each.id] for each in after if each.type == "I"]
    if not sources or len(targets) != 1:
        raise InputError(
            f"AIF node {node.id!r} leads from {len(sources)} claims to {len(targets)}",
            "it needs at least one, and exactly one",
        )
    anchored = any(
        first.type == "TA" for tie in before if tie.type == "YA" for first in laid.before[tie.id]
    )
    own = node.own or {}
    name = own.get("id", node.id)
    try:
        for at, source in enumerate(sources, 1):
            yield Edge.model_validate(
                {
                    "by": source.seat if anchored and node.own is None else None,
                    **own,
                    "id": name if len(sources) == 1 else f"{name}.{at}",
                    "source": source.id,
                    "target": targets[0].id,
                    "type": _TYPES[node.type],
                }
            )
    except ValidationError as error:
        raise InputError(f"AIF node {node.id!r}: folkmoot.{fault(error)}") from None
