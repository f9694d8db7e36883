"""Who is one and the same behind several names, by what they answer: seats too alike count as one.

How a seat answers a common battery, less what the plain base answers to it, is its behaviour: a vector of log-odds.
Two behaviours are as alike as they correlate (Pearson), whatever their size: a copy whose changes are
scaled, noised or trained a little further still points the same way.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import correlation, fmean

COPY = 0.98
"""From here on two are one and the same."""
ALIKE = 0.9
"""From here on they are to be looked at, and share one weight."""
NOTHING = 0.02
"""Log-odds: a behaviour that differs from the base by less on average is the base's own."""


def is_own(behaviour: Sequence[float]) -> bool:
    """Whether it differs from the plain base at all."""
    return fmean(map(abs, behaviour)) >= NOTHING


def likeness(first: Sequence[float], second: Sequence[float]) -> float:
    """How alike two behaviours are, from -1 to 1. Two that are both the base's own are one; one that is and one that
    is not have nothing in common."""
    if not (is_own(first) and is_own(second)):
        return float(is_own(first) == is_own(second))
    if all(map(math.isclose, first, second)):
        return 1.0
    flat = min(len(set(first)), len(set(second))) < 2
    return 0.0 if flat else correlation(first, second)


def identities(
    behaviours: Mapping[str, Sequence[float]], alike: float = ALIKE
) -> tuple[tuple[str, ...], ...]:
    """Groups of names that count as one: whoever is as alike to one of a group belongs to it (single linkage).

    Args:
        behaviours: name → vector, all of one battery.
        alike: from which likeness on.

    Returns:
        Every name in just one group, groups and names in the order given.
    """
    groups: list[list[str]] = []
    for name, mine in behaviours.items():
        near = [
            group
            for group in groups
            if any(likeness(mine, behaviours[other]) >= alike for other in group)
        ]
        merged = [each for group in near for each in group]
        groups = [group for group in groups if group not in near]
        groups.append([*merged, name])
    place = {name: at for at, name in enumerate(behaviours)}
    ordered = [tuple(sorted(group, key=place.__getitem__)) for group in groups]
    return tuple(sorted(ordered, key=lambda group: place[group[0]]))


def capped(
    groups: Sequence[Sequence[str]], weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Weights under which a group together weighs what its heaviest member did: with equal weights, 1.

    Args:
        groups: as `identities` returns them.
        weights: of each name, not negative; None: 1 each.
    """
    found: dict[str, float] = {}
    for group in groups:
        own = {name: 1.0 if weights is None else weights[name] for name in group}
        whole = sum(own.values())
        share = max(own.values()) / whole if whole else 0.0
        found |= {name: weight * share for name, weight in own.items()}
    return found
