"""How severe a conflict is: rubric sev/2, from what was measured and never from an adjective."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from folkmoot.records import Position, Severity, Stance, Tension, Transcript
from folkmoot.records.recount import pivotal

_STEM: Final = 4
"""Letters that a word of a red line must have to say what the line is about, and by which two words
are taken for the same: `records`, `record`; `sharing`, `shares`."""


def severity(
    sides: Sequence[int],
    stances: Sequence[Stance],
    least: int = 1,
    *,
    stakes: float | None = None,
    sensitivity: float | None = None,
) -> Severity:
    """Rubric sev/2 (`Severity.score`), in which a greater part never makes the score smaller.

    Level 3 from 0.5, level 2 from 0.2: all red lines touched make a conflict serious by themselves,
    an answer that hangs on every seat makes it notable.

    Args:
        sides: how many seats hold each position.
        stances: those seats' stances, for their certainty.
        least: the lowest level to give.
        stakes: what `stakes` found.
        sensitivity: what `sensitivity` found.
    """
    total = sum(sides)
    breadth = min(1.0, 2 * (total - max(sides)) / total) if total else 0.0
    intensity = certainty(stances)
    found = Severity(
        level=least,
        breadth=round(breadth, 6),
        intensity=intensity,
        stakes=stakes,
        answer_sensitivity=sensitivity,
        rubric="sev/2",
    )
    return found.model_copy(update={"level": max(least, found.measured)})


def certainty(stances: Iterable[Stance]) -> float | None:
    """The mean gap between the two leading probabilities; None where no stance carries any."""
    gaps = [_gap(stance) for stance in stances if stance.probabilities]
    return round(sum(gaps) / len(gaps), 6) if gaps else None


def sensitivity(held: Mapping[str, str]) -> float | None:
    """The share of seats that are pivotal under plurality: without whose first choice another
    option would lead, or tie. None where fewer than two seats hold anything.

    It is drawn up before the decision, from the stances as they stand then, and whatever the rule
    that decides later. Which ballots were pivotal under that rule the decision says.

    Args:
        held: seat → what it holds.
    """
    return round(len(pivotal(held)) / len(held), 6) if len(held) > 1 else None


def stakes(
    seen: Transcript, positions: Sequence[Position], tensions: Sequence[Tension]
) -> float | None:
    """What the parties to a conflict have at stake, on average.

    Of one whose red line a position touches: 1. Of others: the largest weight of its declared values
    in tension, 0 without any. A position touches a red line if a ballot on record strikes it out, or
    if more than half of the line's words of four letters and more stand in the option that it is or in
    a message that it quotes (by their first four letters). None where nothing declared is touched.
    """
    seats = dict.fromkeys(s for each in positions for s in (each.parties or each.held_first))
    texts = [said(seen, position) for position in positions]
    summaries = {position.summary for position in positions}
    each: list[float] = []
    for seat in seats:
        party = seen.opening.party(seat)
        blocked = {b for ballot in seen.ballots if ballot.seat == seat for b in ballot.blocks or ()}
        crossed = any(_names(line, text) for line in party.red_lines for text in texts)
        if party.red_lines and (crossed or blocked & summaries):
            each.append(1.0)
            continue
        mine = [t.value for t in tensions if t.source == "declared" and seat in t.parties]
        each.append(max((party.values.get(value, 0.0) for value in mine), default=0.0))
    return round(sum(each) / len(each), 6) if any(each) else None


def said(seen: Transcript, position: Position) -> str:
    """What is said for a position: the option that it is, if it is one, and the messages that it
    quotes. Other summaries ("attacked") are our names for a side, and nobody's words."""
    option = [each for each in seen.opening.options or () if each == position.summary]
    quoted = dict.fromkeys(span.message for span in position.spans)
    return "\n".join((*option, *(seen.turn(message).text for message in quoted)))


def _names(line: str, text: str) -> bool:
    stems, spoken = _stems(line), _stems(text)
    return bool(stems) and 2 * len(stems & spoken) > len(stems)


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in re.findall(rf"\w{{{_STEM},}}", text.lower())}


def _gap(stance: Stance) -> float:
    ranked = sorted((stance.probabilities or {}).values(), reverse=True)
    return ranked[0] - ranked[1] if len(ranked) > 1 else 1.0
