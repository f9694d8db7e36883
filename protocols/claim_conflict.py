"""Conflicts over claims: a message that some seats agree with and others do not."""

from folkmoot.protocols import gauge
from folkmoot.records import (
    QUESTION,
    Conflict,
    Detection,
    Event,
    Position,
    Stance,
    Transcript,
    Turn,
)
from folkmoot.records.spans import quotation

_NAMES = {"agree": "a", "disagree": "b"}


def claim_conflicts(seen: Transcript, sure: float, main: Conflict | None) -> list[Conflict]:
    """One conflict for each judged claim with seats surely on both sides."""
    judged = dict.fromkeys(
        stance.about
        for stance in seen.stances
        if stance.about != QUESTION and set(stance.options) == set(_NAMES)
    )
    found = [_contested(seen, seen.turn(message), sure, main) for message in judged]
    return [conflict for conflict in found if conflict is not None]


def _contested(
    seen: Transcript, claim: Turn, sure: float, main: Conflict | None
) -> Conflict | None:
    stances = [stance for stance in seen.stands(claim.id) if _is_sure(stance, sure)]
    sides = {side: [stance for stance in stances if stance.choice == side] for side in _NAMES}
    claimed = quotation(claim)
    if not all(sides.values()):
        return None
    positions = tuple(
        Position(
            id=_NAMES[side],
            summary=side,
            parties=tuple(stance.seat for stance in held),
            spans=(claimed,) if side == "agree" and claimed is not None else (),
        )
        for side, held in sides.items()
    )
    tensions = gauge.tensions(seen, positions)
    smaller = min(len(held) for held in sides.values())
    said = claim.id if claimed is None else claimed.exact
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=f"Does {said} hold?" if claimed is None else f"Does this hold: “{said}”?",
        about=claim.id,
        parent="main" if main is not None and _same_sides(main, positions) else None,
        kind=gauge.kind(said, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity(
            # Over the panel, and by the surest of either side: whoever joins makes it no slighter.
            [len(seen.opening.seats) - smaller, smaller],
            [max(held, key=lambda each: gauge.certainty([each]) or 0.0) for held in sides.values()],
            stakes=gauge.stakes(seen, positions, tensions),
        ),
        history=(Event(round=stances[0].round, event="opened"),),
        status="open",
        detection=Detection(method="rule", rule="judgements/2"),
    )


def _is_sure(stance: Stance, sure: float) -> bool:
    if stance.state != "valid" or stance.choice is None:
        return False
    return stance.probabilities is None or stance.probabilities[stance.choice] >= sure


def _same_sides(main: Conflict, positions: tuple[Position, ...]) -> bool:
    """Whether everyone on one side here stands together in the main conflict, too."""
    camps = [set(position.parties) for position in main.positions]
    return all(any(set(position.parties) <= camp for camp in camps) for position in positions)
