"""Fair order: no seat's conflicts, however many it opens, push another's out of sight."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from folkmoot.records import QUESTION, Conflict
from folkmoot.records.terms import EventName

_OPENS: tuple[EventName, ...] = ("opened", "sharpened", "reframed", "reopened")
"""What a seat does that makes a conflict one of its own, too: joining one cannot hide it."""


def fair_order(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """The question's own conflict first, or second after a worse one; then the seats take turns,
    whoever opened fewer first, each giving the worst of its conflicts that is not listed yet.

    Levels do not part them: an opener can lift the level of its trifles with a helper or two, and not
    that of others' conflicts. A conflict is its seat's who opened, sharpened, reframed or reopened it;
    those that no seat is on record as having opened, as those found by rules over stances, are taken
    for one more seat's. So before the worst conflict of a seat stand the question's own and one of each
    seat that opened no more than it did, whatever all others open, alone or together.

    Args:
        conflicts: in the order that is kept within a level.
    """
    ranked = sorted(conflicts, key=lambda conflict: -conflict.severity.level)
    own = next((each for each in ranked if each.about == QUESTION), None)
    others = _dealt([each for each in ranked if each is not own])
    if own is None:
        return others
    worse = 1 if others and others[0].severity.level > own.severity.level else 0
    return [*others[:worse], own, *others[worse:]]


def _dealt(conflicts: Sequence[Conflict]) -> list[Conflict]:
    """In turns, the seats with fewer conflicts first; of equals, that with the worst one."""
    rows: dict[str | None, list[int]] = defaultdict(list)
    for place, conflict in enumerate(conflicts):
        for seat in _openers(conflict):
            rows[seat].append(place)
    # Last first, so that the next of a row is taken from its end.
    waiting = [row[::-1] for row in sorted(rows.values(), key=lambda row: (len(row), row[0]))]
    taken: dict[int, None] = {}
    while waiting:
        for row in waiting:
            while row and row[-1] in taken:
                row.pop()
            if row:
                taken[row.pop()] = None
        waiting = [row for row in waiting if row]
    return [conflicts[place] for place in taken]


def _openers(conflict: Conflict) -> tuple[str | None, ...]:
    by = (event.by for event in conflict.history if event.event in _OPENS)
    return tuple(dict.fromkeys(seat for seat in by if seat is not None)) or (None,)
