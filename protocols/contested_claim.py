"""Single claims between the sides of a question that surely attack each other, as a clerk judged.

Only where the sides are known: one judgement of a small model makes no conflict by itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from folkmoot.protocols import gauge
from folkmoot.protocols.act_conflict import HOLDS
from folkmoot.protocols.fair_order import fair_order
from folkmoot.protocols.log import LAYERS
from folkmoot.protocols.points import place, points
from folkmoot.records import (
    Conflict,
    Detection,
    Event,
    Position,
    Relation,
    Restatement,
    Severity,
    Span,
    Transcript,
    Turn,
)
from folkmoot.records.terms import RELATIONS, Layer

QUOTES = 2
"""Quotations a position shows at most."""

_SURE = 0.8
"""The probability of an attack from which two claims of different sides are a conflict of their own."""

_CLAIMS = 5
"""Such conflicts of a run at most."""

_Points = Mapping[Span, tuple[Span, ...]]
"""Claim → all that make its point, the earliest first."""


class _Attack(NamedTuple):
    """A claim that surely attacks another."""

    relation: Relation
    on: Span
    by: Span

    @property
    def surety(self) -> float:
        """The probability that it does."""
        return self.relation.probabilities["attack"]


def over_claims(
    seen: Transcript,
    judged: Sequence[Relation],
    held: Mapping[str, int],
    layers: Sequence[Layer] = LAYERS,
) -> list[Conflict]:
    """Pairs of claims that surely attack each other, between seats of different sides: one conflict
    for each point that is attacked, whoever makes it and however often; five at most, the seats that
    opened them in turns.

    Args:
        seen: where conflicts are drawn up.
        judged: one judgement of each pair.
        held: seat → its side.
        layers: whose judgements of what makes the same point count.
    """
    same = points(seen, _restated(seen, judged, layers), held)
    attacks: dict[Span, list[_Attack]] = defaultdict(list)
    for each in judged:
        if each.first is None or each.probabilities.get("attack", 0.0) < _SURE:
            continue
        mine, yours = _author(seen, each.first), _author(seen, each.second)
        if mine in held and yours in held and held[mine] != held[yours]:
            attack = _attack(seen, each, each.first, same)
            attacks[_point(attack.on, same)].append(attack)
    ranked = sorted(attacks.values(), key=lambda those: -max(each.surety for each in those))
    found = [_contested(seen, judged, those, held, same) for those in ranked]
    return fair_order(found)[:_CLAIMS]


def _restated(
    seen: Transcript, judged: Sequence[Relation], layers: Sequence[Layer]
) -> list[Restatement]:
    """Of the messages that count, which are those that were judged."""
    ends = [span for each in judged for span in (each.first, each.second) if span is not None]
    messages = {span.message for span in ends}
    return [
        each
        for each in seen.restatements
        if each.layer in layers and {each.first.message, each.second.message} <= messages
    ]


def _attack(seen: Transcript, relation: Relation, first: Span, same: _Points) -> _Attack:
    """Two claims contradict each other: attacked is the one whose point was made first."""
    ends = sorted((first, relation.second), key=lambda end: place(seen, _point(end, same)))
    return _Attack(relation, *ends)


def _point(claim: Span, same: _Points) -> Span:
    """The earliest claim that makes its point."""
    return same.get(claim, (claim,))[0]


def _author(seen: Transcript, claim: Span) -> str:
    return seen.turn(claim.message).seat


def _contested(
    seen: Transcript,
    judged: Sequence[Relation],
    attacks: Sequence[_Attack],
    held: Mapping[str, int],
    same: _Points,
) -> Conflict:
    by_surety = sorted(attacks, key=lambda each: -each.surety)
    # The earliest of the attacked claims stands for the point.
    claim = min((each.on for each in attacks), key=lambda on: place(seen, on))
    positions = _sides(seen, judged, claim, by_surety, held, same)
    tensions = gauge.tensions(seen, positions)
    surest = by_surety[0].relation
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=f"Does this hold: “{claim.exact}”?",
        about=claim.message,
        parent="main",
        kind=gauge.kind(claim.exact, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=_severity(seen, positions),
        history=_history(seen, claim, by_surety),
        status="open",
        detection=Detection(
            method=surest.layer,
            rule=RELATIONS,
            model=surest.model,
            confidence=round(by_surety[0].surety, 6),
            relations=tuple(each.relation.id for each in by_surety),
        ),
    )


def _severity(seen: Transcript, positions: Sequence[Position]) -> Severity:
    """Over the panel, as of typed attacks: one seat's word against another's has no breadth."""
    sizes = [len(each.parties) for each in positions]
    smaller = 0 if sum(sizes) == 2 else min(sizes)
    return gauge.severity([len(seen.opening.seats) - smaller, smaller], [])


def _history(seen: Transcript, claim: Span, attacks: Sequence[_Attack]) -> tuple[Event, ...]:
    """Opened by who made the later of two claims, when it did. Another claim that makes the point, and
    is attacked, too, would have been a conflict of its own: it comes into this one when it is made."""
    surest: dict[Span, _Attack] = {}
    for each in attacks:
        surest.setdefault(each.on, each)
    opened = _later(seen, surest.pop(claim))
    merged = sorted(surest, key=lambda on: place(seen, on))
    return (
        Event(round=opened.round, event="opened", by=opened.seat),
        *(
            Event(
                round=max(opened.round, _later(seen, surest[on]).round),
                event="merged",
                by=_author(seen, on),
                to_position="a",
                spans=(on,),
            )
            for on in merged
        ),
    )


def _later(seen: Transcript, attack: _Attack) -> Turn:
    turns = [seen.turn(end.message) for end in (attack.on, attack.by)]
    return max(turns, key=lambda turn: (turn.step, turn.order))


def _sides(
    seen: Transcript,
    judged: Sequence[Relation],
    claim: Span,
    attacks: Sequence[_Attack],
    held: Mapping[str, int],
    same: _Points,
) -> tuple[Position, Position]:
    """Whose point it is and who surely supports it, against those whose claims attack it and those who
    make the same point as these."""
    author = _author(seen, claim)
    made = [claim, *(each for each in same.get(claim, ()) if each != claim)]
    with_it = [
        _author(seen, each.second)
        for each in judged
        if each.first in made and each.probabilities.get("support", 0.0) >= _SURE
    ]
    holders = [seat for seat in with_it if held.get(seat) == held[author]]
    against = [end for each in attacks for end in (each.by, *same.get(each.by, ()))]
    attackers = _authors(seen, [each.by for each in attacks])
    return (
        Position(
            id="a",
            summary=HOLDS,
            parties=tuple(dict.fromkeys((*_authors(seen, made), *holders))),
            held_first=(author,),
            spans=tuple(made)[:QUOTES],
        ),
        Position(
            id="b",
            summary="contradicted",
            parties=_authors(seen, against),
            held_first=attackers,
            spans=tuple(dict.fromkeys(against))[:QUOTES],
        ),
    )


def _authors(seen: Transcript, claims: Sequence[Span]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_author(seen, each) for each in claims))
