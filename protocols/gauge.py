"""What kind a conflict is, which values are in tension, how severe it is: rules kind/1 and sev/1."""

import re
from collections.abc import Sequence

from folkmoot.records import Position, Severity, Stance, Tension, Transcript
from folkmoot.records.conflicts import ConflictKind

_NORMATIVE = re.compile(
    r"\b(should|shall|ought|must|may|allow(ed)?|permit(ted)?|right|wrong|fair|unfair|just|unjust"
    r"|moral|immoral|ethical|unethical|acceptable|unacceptable|deserves?|duty|better|best)\b",
    re.IGNORECASE,
)


def kind(issue: str, tensions: Sequence[Tension]) -> ConflictKind:
    """Rule kind/1: an issue in normative words is about values where both sides declared values
    that the other did not, else about a preference; an issue without them is factual."""
    if not _NORMATIVE.search(issue):
        return "factual"
    return "value" if len({tension.position for tension in tensions}) > 1 else "preference"


def tensions(seen: Transcript, positions: Sequence[Position]) -> tuple[Tension, ...]:
    """Values that the holders of one position declared and those of the others did not.

    A position that nobody holds any more counts for those who held it first.
    """
    holders = {position.id: position.parties or position.held_first for position in positions}
    declared = {
        position: {
            value: tuple(seat for seat in seats if value in _values(seen, seat))
            for seat in seats
            for value in _values(seen, seat)
        }
        for position, seats in holders.items()
    }
    return tuple(
        Tension(value=value, position=position, parties=parties)
        for position, values in declared.items()
        for value, parties in sorted(values.items())
        if not any(value in other for name, other in declared.items() if name != position)
    )


def severity(sides: Sequence[int], stances: Sequence[Stance], least: int = 1) -> Severity:
    """Rubric sev/1: breadth, times intensity where it is known, in three levels.

    Args:
        sides: how many seats hold each position.
        stances: those seats' stances, for their certainty.
        least: the lowest level to give.
    """
    total = sum(sides)
    breadth = min(1.0, 2 * (total - max(sides)) / total) if total else 0.0
    gaps = [_gap(stance) for stance in stances if stance.probabilities]
    intensity = round(sum(gaps) / len(gaps), 6) if gaps else None
    score = breadth * (1.0 if intensity is None else intensity)
    level = 3 if score >= 0.5 else 2 if score >= 0.2 else 1
    return Severity(level=max(least, level), breadth=round(breadth, 6), intensity=intensity)


def _gap(stance: Stance) -> float:
    ranked = sorted((stance.probabilities or {}).values(), reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else 1.0


def _values(seen: Transcript, seat: str) -> dict[str, float]:
    return seen.opening.party(seat).values
