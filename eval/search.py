"""Search: the size at which a cost that grows with it is nearest to what is wanted."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence

Cost = Callable[[int], Awaitable[float]]


async def nearest(cost: Cost, sizes: Sequence[int], want: float, first: int | None = None) -> int:
    """The size whose cost is nearest to `want`; of two that are as near, the smaller.

    Looks at few sizes: out from the first one until the cost is on both sides of what is wanted, then
    in between, by interpolation and by halves in turn. Where the cost does not grow with the size
    everywhere, it is a size whose neighbour's cost is on the other side.

    Args:
        cost: of a size.
        sizes: in ascending order, at least one.
        want: the cost that is wanted.
        first: the size to begin with.
    """
    known: dict[int, float] = {}

    async def at(place: int) -> float:
        if place not in known:
            known[place] = await cost(sizes[place])
        return known[place]

    last = len(sizes) - 1
    begin = 0 if first is None else min(bisect_left(sizes, first), last)
    low, high = await _bracket(at, begin, last, want)
    halve = False
    while high - low > 1:
        below, above = await at(low), await at(high)
        place = (low + high) // 2
        if not halve and above > below:
            place = low + round((high - low) * (want - below) / (above - below))
        place = min(max(place, low + 1), high - 1)
        low, high = (place, high) if await at(place) <= want else (low, place)
        halve = not halve
    return sizes[min((low, high), key=lambda place: (abs(known[place] - want), place))]


async def _bracket(
    at: Callable[[int], Awaitable[float]], begin: int, last: int, want: float
) -> tuple[int, int]:
    """Two places with what is wanted between their costs; one place twice where it is outside."""
    step = 1
    place = begin
    if await at(place) <= want:
        while place < last:
            after = min(place + step, last)
            if await at(after) > want:
                return place, after
            place, step = after, step * 2
        return last, last
    while place > 0:
        before = max(place - step, 0)
        if await at(before) <= want:
            return before, place
        place, step = before, step * 2
    return 0, 0
