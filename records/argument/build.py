"""From a transcript to its argument graph: which messages are claims, and which records are edges."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from folkmoot.records.acts import QUESTION, Stance, Turn
from folkmoot.records.argument.graph import RESTATED, ArgumentGraph, Claim, Edge, EdgeType
from folkmoot.records.conflicts import Span
from folkmoot.records.relations import ATTACK, SUPPORT
from folkmoot.records.spans import sentences, span
from folkmoot.records.terms import ActName, Layer
from folkmoot.records.transcript import Key, Transcript, key

LAYERS: tuple[Layer, ...] = ("protocol_act", "rule", "clerk", "llm")
"""Everything that finds edges, cheapest first."""

_ACTS: dict[ActName, EdgeType] = {"attack": "attack", "support": "support", "concede": "support"}
"""Who concedes a claim grants it. A qualification neither grants nor denies it, and to claim or to
hold does nothing to another's: these make no edge."""

_STANCES: dict[str, EdgeType] = {"agree": "support", "disagree": "attack"}
_RELATIONS: dict[str, EdgeType] = {ATTACK: "attack", SUPPORT: "support"}


class _Found(NamedTuple):
    """An edge whose ends are claims."""

    source: Claim
    target: Claim
    type: EdgeType
    layer: Layer
    weight: float = 1.0
    by: str | None = None
    record: str | None = None


def argument_graph(
    seen: Transcript, layers: Collection[Layer] = LAYERS, at_least: float = 0.0
) -> ArgumentGraph:
    """The claims of a run, and which of them support, attack or restate which.

    A claim is every message with a sentence to hear, and every piece of such a message that a clerk's
    edge ends at; the question is one only where a relation is about it. Edges lead from the claim that
    acts:

    - protocol_act: an act attack, support or concede (a support); an issue attacks what it objects to.
    - rule: a seat's last valid agree or disagree about another's message, from the seat's latest message
      before it; none where the seat had said nothing.
    - clerk, llm: a relation that is likeliest an attack or a support, from the second claim to the first;
      a restatement that is at least as likely as not, from the later claim to the earlier one.

    What is about a message that has no sentence makes no edge.

    Args:
        seen: the record, or a part of it.
        layers: which of them to read.
        at_least: edges with less weight are left out; restatements under 0.5 always are.
    """
    told = [turn for turn in seen.turns if turn.heard and sentences(turn.text)]
    wholes = {turn.id: _whole(turn) for turn in told}
    found = [
        each
        for each in (
            *_declared(seen, wholes),
            *_judged(seen, wholes, told),
            *_read(seen, wholes),
            *_restated(seen, wholes),
        )
        if each.layer in layers and each.weight >= at_least
    ]
    claims = dict(wholes)
    places = {name: at for at, name in enumerate(wholes)}
    for each in found:
        claims |= {each.source.id: each.source, each.target.id: each.target}
    return ArgumentGraph(
        claims=tuple(sorted(claims.values(), key=lambda claim: _place(claim, places))),
        edges=tuple(
            Edge(
                id=f"e{number}",
                source=each.source.id,
                target=each.target.id,
                type=each.type,
                layer=each.layer,
                weight=each.weight,
                by=each.by,
                record=each.record,
            )
            for number, each in enumerate(found, 1)
        ),
    )


def _whole(turn: Turn) -> Claim:
    return Claim(
        id=turn.id,
        text=turn.text,
        seat=turn.seat,
        round=turn.round,
        role=turn.role,
        span=span(turn, 0, len(turn.text)),
    )


def _declared(seen: Transcript, wholes: dict[str, Claim]) -> Iterator[_Found]:
    """What seats declare: acts, and typed objections."""
    for act in seen.acts:
        kind = _ACTS.get(act.act)
        source, target = wholes.get(act.message), wholes.get(act.about or "")
        if kind and source and target:
            yield _Found(source, target, kind, "protocol_act", by=act.seat, record=act.id)
    for issue in seen.issues:
        source, target = wholes.get(issue.message), wholes.get(issue.about)
        if source and target:
            yield _Found(source, target, "attack", "protocol_act", by=issue.seat, record=issue.id)


def _judged(seen: Transcript, wholes: dict[str, Claim], told: list[Turn]) -> Iterator[_Found]:
    """What seats think of others' messages: of each, its last valid judgement alone."""
    last: dict[tuple[str, str], Stance] = {}
    for stance in seen.stances:
        if stance.state == "valid" and stance.choice in _STANCES and stance.about in wholes:
            last[stance.seat, stance.about] = stance
    said: dict[str, list[tuple[Key, str]]] = defaultdict(list)
    for turn in told:
        said[turn.seat].append((key(turn), turn.id))
    for (seat, about), stance in last.items():
        target = wholes[about]
        mine = said[seat]
        before = bisect_left(mine, key(stance), key=lambda each: each[0])
        if target.seat != seat and before and stance.choice is not None:
            weight = 1.0 if stance.probabilities is None else stance.probabilities[stance.choice]
            kind = _STANCES[stance.choice]
            source = wholes[mine[before - 1][1]]
            yield _Found(source, target, kind, "rule", min(weight, 1.0), by=seat)


def _read(seen: Transcript, wholes: dict[str, Claim]) -> Iterator[_Found]:
    """What a model judged of two claims."""
    question = Claim(id=QUESTION, text=seen.opening.question)
    for relation in seen.relations:
        kind = _RELATIONS.get(relation.likeliest)
        source = _piece(relation.second, wholes)
        target = question if relation.first is None else _piece(relation.first, wholes)
        if kind and source and target:
            weight = min(relation.probabilities[relation.likeliest], 1.0)
            yield _Found(source, target, kind, relation.layer, weight, record=relation.id)


def _restated(seen: Transcript, wholes: dict[str, Claim]) -> Iterator[_Found]:
    """Which claims make the same point, as a model judged it."""
    for each in seen.restatements:
        source, target = _piece(each.second, wholes), _piece(each.first, wholes)
        if source and target and each.probability >= RESTATED:
            yield _Found(source, target, "restate", each.layer, each.probability, record=each.id)


def _piece(quoted: Span, wholes: dict[str, Claim]) -> Claim | None:
    """The claim that a span quotes: its message where nothing but blanks is left out, else a piece."""
    whole = wholes.get(quoted.message)
    if whole is None or quoted.exact.strip() == whole.text.strip():
        return whole
    return whole.model_copy(
        update={
            "id": f"{quoted.message}:{quoted.start}-{quoted.end}",
            "text": quoted.exact,
            "span": quoted,
        }
    )


def _place(claim: Claim, places: dict[str, int]) -> tuple[int, int, int, int]:
    """The question, then message by message, each before its pieces."""
    if claim.span is None:
        return (-1, 0, 0, 0)
    piece = claim.within is not None
    return (places[claim.span.message], piece, claim.span.start, claim.span.end)
