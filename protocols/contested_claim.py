"""Single claims between the sides of a question that surely attack each other, as a clerk judged.

Only where the sides are known: one judgement of a small model makes no conflict by itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from folkmoot.protocols import gauge
from folkmoot.protocols.act_conflict import HOLDS
from folkmoot.records import Conflict, Detection, Event, Position, Relation, Span, Transcript

RELATIONS = "relations/1"
"""The rule."""

QUOTES = 2
"""Quotations a position shows at most."""

_SURE = 0.8
"""The probability of an attack from which two claims of different sides are a conflict of their own."""

_CLAIMS = 5
"""Such conflicts of a run at most, the surest first."""


def over_claims(
    seen: Transcript, judged: Sequence[Relation], held: Mapping[str, int]
) -> list[Conflict]:
    """Pairs of claims that surely attack each other, between seats of different sides: one conflict
    for each claim that is attacked.

    Args:
        seen: where conflicts are drawn up.
        judged: one judgement of each pair.
        held: seat → its side.
    """
    attacks: dict[Span, list[Relation]] = defaultdict(list)
    for each in judged:
        if each.first is None or each.probabilities.get("attack", 0.0) < _SURE:
            continue
        mine, yours = seen.turn(each.first.message).seat, seen.turn(each.second.message).seat
        if mine in held and yours in held and held[mine] != held[yours]:
            attacks[each.first].append(each)
    ranked = sorted(attacks.items(), key=lambda each: -_surety(each[1]))
    return [_contested(seen, judged, claim, by, held) for claim, by in ranked[:_CLAIMS]]


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
        severity=gauge.severity([len(each.parties) for each in positions], []),
        history=(Event(round=max(_round(seen, each) for each in attacks), event="opened"),),
        status="open",
        detection=Detection(
            method=by_surety[0].layer,
            rule=RELATIONS,
            model=by_surety[0].model,
            confidence=round(_surety(attacks), 6),
            relations=tuple(each.id for each in by_surety),
        ),
    )


def _round(seen: Transcript, relation: Relation) -> int:
    """When the later of two claims was made."""
    spans = (each for each in (relation.first, relation.second) if each is not None)
    return max(seen.turn(each.message).round for each in spans)


def _sides(
    seen: Transcript,
    judged: Sequence[Relation],
    claim: Span,
    attacks: Sequence[Relation],
    held: Mapping[str, int],
) -> tuple[Position, Position]:
    """Whose claim it is and who surely supports it, against those whose claims attack it."""
    author = seen.turn(claim.message).seat
    with_it = [
        seen.turn(each.second.message).seat
        for each in judged
        if each.first == claim and each.probabilities.get("support", 0.0) >= _SURE
    ]
    holders = [author, *(seat for seat in with_it if held.get(seat) == held[author])]
    against = tuple(dict.fromkeys(seen.turn(each.second.message).seat for each in attacks))
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
