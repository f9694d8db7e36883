"""Fair order: no seat's conflicts, however many it opens, push another's out of sight."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from folkmoot.records import Conflict
from folkmoot.records.terms import EventName

_OPENS: tuple[EventName, ...] = ("opened", "sharpened", "reframed", "reopened")
"""What a seat does that makes a conflict one of its own, too: joining one cannot hide it."""


def fair_order(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """The conflicts by severity level, the highest first; within a level the seats take turns.

    Each seat that opened or sharpened a conflict has a row of its own; conflicts that no seat is on
    record as having opened, as those found by rules over stances, share one. Each row in turn gives
    its next conflict that has not been taken; rows come in the order in which they first appear, and
    conflicts stay in their order within a row. So of k rows in a level, the first conflict of each
    is among the first k of that level, whatever the other rows hold.
    """
    levels: dict[int, list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        levels[conflict.severity.level].append(conflict)
    return [each for level in sorted(levels, reverse=True) for each in _dealt(levels[level])]


def _dealt(conflicts: Sequence[Conflict]) -> list[Conflict]:
    rows: dict[str | None, list[int]] = defaultdict(list)
    for place, conflict in enumerate(conflicts):
        for seat in _openers(conflict):
            rows[seat].append(place)
    # Last first, so that the next of a row is taken from its end.
    waiting = [row[::-1] for row in rows.values()]
    taken: dict[int, None] = {}
    while len(taken) < len(conflicts):
        for row in waiting:
            while row and row[-1] in taken:
                row.pop()
            if row:
                taken[row.pop()] = None
    return [conflicts[place] for place in taken]


def _openers(conflict: Conflict) -> tuple[str | None, ...]:
    by = (event.by for event in conflict.history if event.event in _OPENS)
    return tuple(dict.fromkeys(seat for seat in by if seat is not None)) or (None,)
