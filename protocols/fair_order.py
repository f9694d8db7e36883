"""Fair order: no seat's conflicts, however many it opens, push another's out of sight."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from folkmoot.records import QUESTION, Conflict
from folkmoot.records.terms import EventName

_OPENS: tuple[EventName, ...] = ("opened", "sharpened", "reframed", "reopened")
"""What a seat does that makes a conflict one of its own, too: joining one cannot hide it."""


def fair_order(
    conflicts: Iterable[Conflict], authors: Mapping[str, str] | None = None
) -> list[Conflict]:
    """The question's own conflict first, or second after a worse one; of the others, in turn, the
    gravest and that of the seat which opened fewest.

    Two rows, each in turns of the seats, whoever opened fewer first, each seat giving the worst of its
    conflicts that is not listed yet: one level by level, the other whatever the level. From the first
    row no trifles, of however many seats, push a graver conflict out of sight; from the second no flood
    does, of however high a level, which an opener may lift with a helper or two. Each row gives every
    second place, and what both have is listed once.

    A conflict is its seat's who opened, sharpened, reframed or reopened it; where no seat is on record
    as having opened it, as of judged claims, it is in a turn of the claim's author, apart from what
    that seat opens.

    Args:
        conflicts: in the order that is kept within a level.
        authors: message → seat; without it all that no seat opened is taken for one more seat's.
    """
    ranked = sorted(conflicts, key=lambda conflict: -conflict.severity.level)
    own = next((each for each in ranked if each.about == QUESTION), None)
    others = [each for each in ranked if each is not own]
    rows = [_openers(each, authors or {}) for each in others]
    levels: dict[int, list[int]] = defaultdict(list)
    for place, conflict in enumerate(others):
        levels[conflict.severity.level].append(place)
    gravest = [place for alike in levels.values() for place in _dealt(alike, rows)]
    fewest = _dealt(range(len(others)), rows)
    listed = [others[place] for place in _in_turns([gravest, fewest])]
    if own is None:
        return listed
    worse = 1 if listed and listed[0].severity.level > own.severity.level else 0
    return [*listed[:worse], own, *listed[worse:]]


_Opener = tuple[str, str | None]


def _dealt(places: Iterable[int], openers: Sequence[Sequence[_Opener]]) -> list[int]:
    """In turns, the seats with fewer conflicts first; of equals, that with the worst one."""
    rows: dict[_Opener, list[int]] = defaultdict(list)
    for place in places:
        for opener in openers[place]:
            rows[opener].append(place)
    return _in_turns(sorted(rows.values(), key=lambda row: (len(row), row[0])))


def _in_turns(rows: Iterable[Sequence[int]]) -> list[int]:
    """Row after row gives the first that it has and that is not listed yet."""
    # Last first, so that the next of a row is taken from its end.
    waiting = [[*reversed(row)] for row in rows]
    taken: dict[int, None] = {}
    while waiting:
        for row in waiting:
            while row and row[-1] in taken:
                row.pop()
            if row:
                taken[row.pop()] = None
        waiting = [row for row in waiting if row]
    return [*taken]


def _openers(conflict: Conflict, authors: Mapping[str, str]) -> tuple[_Opener, ...]:
    by = (event.by for event in conflict.history if event.event in _OPENS)
    opened = dict.fromkeys(("opened", seat) for seat in by if seat is not None)
    return (*opened,) or (("made", authors.get(conflict.about)),)
