"""Single claims between the sides of a question that surely attack each other, as a clerk judged.

Only where the sides are known: one judgement of a small model makes no conflict by itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from folkmoot.protocols import gauge
from folkmoot.protocols.act_conflict import HOLDS
from folkmoot.protocols.fair_order import fair_order
from folkmoot.records import (
    Conflict,
    Detection,
    Event,
    Position,
    Relation,
    Severity,
    Span,
    Transcript,
)
from folkmoot.records.terms import RELATIONS

QUOTES = 2
"""Quotations a position shows at most."""

_SURE = 0.8
"""The probability of an attack from which two claims of different sides are a conflict of their own."""

_CLAIMS = 5
"""Such conflicts of a run at most."""


def over_claims(
    seen: Transcript, judged: Sequence[Relation], held: Mapping[str, int]
) -> list[Conflict]:
    """Pairs of claims that surely attack each other, between seats of different sides: one conflict
    for each claim that is attacked; five at most, the seats that opened them in turns.

    Args:
        seen: where conflicts are drawn up.
        judged: one judgement of each pair.
        held: seat → its side.
    """
    attacks: dict[Span, list[Relation]] = defaultdict(list)
    for each in judged:
        if each.first is None or each.probabilities.get("attack", 0.0) < _SURE:
            continue
        mine, yours = _author(seen, each.first), _author(seen, each.second)
        if mine in held and yours in held and held[mine] != held[yours]:
            attacks[each.first].append(each)
    ranked = sorted(attacks.items(), key=lambda each: -_surety(each[1]))
    found = [_contested(seen, judged, claim, by, held) for claim, by in ranked]
    return fair_order(found)[:_CLAIMS]


def _author(seen: Transcript, claim: Span) -> str:
    return seen.turn(claim.message).seat


def _surety(relations: Sequence[Relation]) -> float:
    return max(each.probabilities["attack"] for each in relations)


def _contested(
    seen: Transcript,
    judged: Sequence[Relation],
    claim: Span,
    attacks: Sequence[Relation],
    held: Mapping[str, int],
) -> Conflict:
    by_surety = sorted(attacks, key=lambda each: -each.probabilities["attack"])
    positions = _sides(seen, judged, claim, by_surety, held)
    tensions = gauge.tensions(seen, positions)
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
        history=(_opened(seen, by_surety[0]),),
        status="open",
        detection=Detection(
            method=by_surety[0].layer,
            rule=RELATIONS,
            model=by_surety[0].model,
            confidence=round(_surety(attacks), 6),
            relations=tuple(each.id for each in by_surety),
        ),
    )


def _severity(seen: Transcript, positions: Sequence[Position]) -> Severity:
    """Over the panel, as of typed attacks: one seat's word against another's has no breadth."""
    sizes = [len(each.parties) for each in positions]
    smaller = 0 if sum(sizes) == 2 else min(sizes)
    return gauge.severity([len(seen.opening.seats) - smaller, smaller], [])


def _opened(seen: Transcript, attack: Relation) -> Event:
    """By who made the later of two claims, when it did."""
    spans = (span for span in (attack.first, attack.second) if span is not None)
    turns = [seen.turn(span.message) for span in spans]
    later = max(turns, key=lambda turn: (turn.step, turn.order))
    return Event(round=later.round, event="opened", by=later.seat)


def _sides(
    seen: Transcript,
    judged: Sequence[Relation],
    claim: Span,
    attacks: Sequence[Relation],
    held: Mapping[str, int],
) -> tuple[Position, Position]:
    """Whose claim it is and who surely supports it, against those whose claims attack it."""
    author = _author(seen, claim)
    with_it = [
        _author(seen, each.second)
        for each in judged
        if each.first == claim and each.probabilities.get("support", 0.0) >= _SURE
    ]
    holders = [author, *(seat for seat in with_it if held.get(seat) == held[author])]
    against = tuple(dict.fromkeys(_author(seen, each.second) for each in attacks))
    return (
        Position(
            id="a",
            summary=HOLDS,
            parties=tuple(dict.fromkeys(holders)),
            held_first=(author,),
            spans=(claim,),
        ),
        Position(
            id="b",
            summary="contradicted",
            parties=against,
            held_first=against,
            spans=tuple(each.second for each in attacks)[:QUOTES],
        ),
    )
