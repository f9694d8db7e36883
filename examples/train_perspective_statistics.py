"""The few statistics of the perspective scores, each with its interval."""

import math
import random
from collections.abc import Sequence
from typing import Any


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a proportion (Wilson 1927)."""
    if not n:
        return (0.0, 1.0)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (round(middle - half, 3), round(middle + half, 3))


def bootstrap(values: Sequence[float], times: int = 4000, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of a mean."""
    dice = random.Random(seed)
    means = sorted(sum(dice.choices(values, k=len(values))) / len(values) for _ in range(times))
    return (round(means[int(0.025 * times)], 3), round(means[int(0.975 * times)], 3))


def share(hits: Sequence[bool]) -> dict[str, Any]:
    """Return a proportion with its count and its Wilson interval."""
    return {
        "value": round(sum(hits) / max(1, len(hits)), 3),
        "n": len(hits),
        "interval": wilson(sum(hits), len(hits)),
    }


def mean(values: Sequence[float]) -> dict[str, Any]:
    """Return a mean with its count and its bootstrap interval."""
    return {
        "value": round(sum(values) / len(values), 3),
        "n": len(values),
        "interval": bootstrap(values),
    }


def macro_f1(said: Sequence[bool], true: Sequence[bool]) -> float:
    """Return the unweighted mean of the F1 of both classes."""
    scores = []
    for kind in (True, False):
        hit = sum(s == t == kind for s, t in zip(said, true, strict=True))
        scores.append(2 * hit / max(1, sum(s == kind for s in said) + sum(t == kind for t in true)))
    return round(sum(scores) / 2, 3)


def area(scores: Sequence[float], true: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a true one scores above a false one."""
    above, below = (
        [s for s, t in zip(scores, true, strict=True) if t],
        [s for s, t in zip(scores, true, strict=True) if not t],
    )
    wins = sum((a > b) + 0.5 * (a == b) for a in above for b in below)
    return round(wins / max(1, len(above) * len(below)), 3)
