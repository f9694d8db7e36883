"""Camps: the split of some seats that explains best what pulls them together and apart."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

_EXACT_TWO, _EXACT_MANY = 12, 7
"""Seats up to which every split is tried, into two camps (4,096) or into any number (877); beyond, seats
change camps one by one until none gains."""

_STARTS = 12
"""Splits from which seats are moved, beyond."""

_LEAST = 0.03
"""What pulls a seat by less says nothing of where it stands."""

_TINY = 1e-12
"""A gain of less is a rounding error."""

Split = tuple[int, ...]
"""Of each seat its camp: 1 or -1 of two, else from 1 up."""


class Ties(NamedTuple):
    """What pulls seats together, or, below 0, apart."""

    near: Sequence[Sequence[tuple[int, float]]]
    """Seat → the others that it is tied to, and by how much."""

    @classmethod
    def of(cls, seats: int, pulls: Mapping[tuple[int, int], float]) -> "Ties":
        """From the pull of every two."""
        near: list[list[tuple[int, float]]] = [[] for _ in range(seats)]
        for (a, b), each in sorted(pulls.items()):
            near[a].append((b, each))
            near[b].append((a, each))
        return cls(near)


class Camps(NamedTuple):
    """Seats that are to be split."""

    own: Sequence[float]
    """What pulls a seat to camp 1 or, below 0, to camp -1 by itself; of no meaning unless `polar`."""
    ties: Ties
    polar: bool
    """Whether there are two camps, 1 and -1, and no more."""

    def worth(self, split: Sequence[int]) -> float:
        """How much of what pulls them it explains: what holds less what does not."""
        alone = math.fsum(camp * each for camp, each in zip(split, self.own, strict=True))
        tied = math.fsum(
            each if split[seat] == split[other] else -each
            for seat, those in enumerate(self.ties.near)
            for other, each in those
            if seat < other
        )
        return tied + (alone if self.polar else 0.0)

    def together(self) -> float:
        """The worth of the best way to put all into one camp."""
        ways = (1, -1) if self.polar else (1,)
        return max(self.worth((way,) * len(self.own)) for way in ways)

    def pull(self, split: Sequence[int], seat: int, camp: int) -> float:
        """What of the worth a seat would bring in a camp, the others as they are."""
        tied = math.fsum(
            each if split[other] == camp else -each for other, each in self.ties.near[seat]
        )
        return tied + (camp * self.own[seat] if self.polar else 0.0)

    def margins(self, split: Sequence[int], among: Collection[int]) -> list[float]:
        """By how much more each seat brings in its camp than in the next best one, as a share of what pulls
        it to and from these two: from -1 to 1, 0 where nothing does.

        Args:
            split: of each seat its camp.
            among: the seats whose camps are known; ties to others do not count.
        """
        found: list[float] = []
        for seat, camp in enumerate(split):
            pulls = dict.fromkeys(
                (1, -1) if self.polar else {camp, *map(split.__getitem__, among)}, 0.0
            )
            sizes = dict(pulls)
            for other, each in self.ties.near[seat]:
                if other in among:
                    pulls[split[other]] += each
                    sizes[split[other]] += abs(each)
            if self.polar:
                pulls[camp] += camp * self.own[seat]
                sizes[camp] += abs(self.own[seat])
            others = (way for way in pulls if way != camp)
            best = max(others, key=pulls.__getitem__, default=camp)
            most = sizes[camp] + (sizes[best] if best != camp else 0.0)
            gain = pulls[camp] - (pulls[best] if best != camp else 0.0)
            found.append(gain / most if most >= _LEAST else 0.0)
        return found

    def anchors(self, split: Sequence[int]) -> set[int]:
        """Seats of which the camp does not hang on who agrees with them: by their own pull, or since
        something pulls them from a seat of another camp."""
        return {
            seat
            for seat, those in enumerate(self.ties.near)
            if (self.polar and abs(self.own[seat]) >= _LEAST)
            or any(each < 0 and split[seat] != split[other] for other, each in those)
        }


def best_split(camps: Camps, apart: tuple[int, int] | None = None) -> Split:
    """The split of most worth in which two camps at least are held; of equal ones that of the fewest
    shapes, and of these the first.

    Args:
        camps: the seats, two at least.
        apart: two seats that are in different camps whatever else is so.
    """
    count = len(camps.own)
    if count <= (_EXACT_TWO if camps.polar else _EXACT_MANY):
        every = product((1, -1), repeat=count) if camps.polar else _partitions(count)
        ways = (way for way in every if len(set(way)) > 1 and _keeps(way, apart))
        return max(ways, key=lambda way: _rank(camps, way))
    found = [_climbed(camps, start, apart) for start in _starts(camps, apart)]
    return _named(max(found, key=lambda way: _rank(camps, way)), camps.polar)


def shapes(split: Sequence[int]) -> float:
    """The logarithm (nats) of how many splits have camps of these sizes: n! / (a! b! …)."""
    sizes = Counter(split).values()
    return math.lgamma(len(split) + 1) - math.fsum(math.lgamma(each + 1) for each in sizes)


def _rank(camps: Camps, split: Sequence[int]) -> tuple[float, float]:
    return round(camps.worth(split), 9), -round(shapes(split), 9)


def _keeps(split: Sequence[int], apart: tuple[int, int] | None) -> bool:
    return apart is None or split[apart[0]] != split[apart[1]]


def _partitions(count: int) -> Iterator[Split]:
    """Every way to part so many into camps, each once: camps are numbered as they first occur."""

    def longer(begun: Split) -> Iterator[Split]:
        if len(begun) == count:
            yield begun
            return
        for camp in range(1, max(begun) + 2):
            yield from longer((*begun, camp))

    yield from longer((1,))


def _starts(camps: Camps, apart: tuple[int, int] | None) -> Iterator[list[int]]:
    """One seat against all others, for those that are pulled away most; where there may be many camps,
    everybody alone as well."""
    count, other = len(camps.own), -1 if camps.polar else 2
    if apart is not None:
        yield [other if at == apart[0] else 1 for at in range(count)]
        if camps.polar:
            yield [other if at == apart[1] else 1 for at in range(count)]
        return
    together = [1] * count
    drawn = sorted(range(count), key=lambda seat: (camps.pull(together, seat, 1), seat))
    for alone in drawn[:_STARTS]:
        yield [other if at == alone else 1 for at in range(count)]
    if not camps.polar:
        yield list(range(1, count + 1))


def _climbed(camps: Camps, split: list[int], apart: tuple[int, int] | None) -> list[int]:
    """Seats change camps, in turns, as long as one gains."""
    moved = True
    while moved:
        moved = False
        for seat in range(len(split)):
            camp = _better(camps, split, seat)
            if camp == split[seat]:
                continue
            before, split[seat] = split[seat], camp
            if len(set(split)) < 2 or not _keeps(split, apart):
                split[seat] = before
            else:
                moved = True
    return split


def _better(camps: Camps, split: Sequence[int], seat: int) -> int:
    """The camp in which a seat brings most; its own where none is better. Where there may be many, one
    of its own is among them."""
    pulls: dict[int, float] = {}
    tied = math.fsum(each for _, each in camps.ties.near[seat])
    for other, each in camps.ties.near[seat]:
        pulls[split[other]] = pulls.get(split[other], 0.0) + 2 * each
    here = pulls.get(split[seat], 0.0) - tied
    if camps.polar:
        there = pulls.get(-split[seat], 0.0) - tied
        gain = there - here - 2 * split[seat] * camps.own[seat]
        return -split[seat] if gain > _TINY else split[seat]
    held = {camp: pull - tied for camp, pull in pulls.items()}
    held.setdefault(max(split) + 1, -tied)
    best = max(held, key=lambda camp: (held[camp], -camp))
    return best if held[best] - here > _TINY else split[seat]


def _named(split: Sequence[int], polar: bool) -> Split:
    """Camps are numbered as they first occur; of two they are named already."""
    if polar:
        return tuple(split)
    names: dict[int, int] = {}
    return tuple(names.setdefault(camp, len(names) + 1) for camp in split)
