"""Intervals and tests over items: what a figure of so few questions is worth.

numpy is brought in when the first interval is drawn: counting needs none.
"""

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from folkmoot.records import InputError
from folkmoot.records.base import Frozen

if TYPE_CHECKING:
    import numpy as np

    Table = np.ndarray[Any, np.dtype[np.float64]]

DRAWS = 10_000
"""Of a bootstrap."""

_AT_ONCE = 500
"""Draws that are in memory together."""


class Interval(Frozen):
    """A figure with its interval."""

    value: float
    low: float
    high: float
    level: float = 0.95

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it is on one side of zero."""
        return self.low > 0 or self.high < 0


def wilson(hits: float, n: int, level: float = 0.95) -> Interval | None:
    """The score interval of a share (Wilson 1927); None of nothing.

    Args:
        hits: of `n`; need not be whole where ties count in part.
        n: how many there were.
        level: of confidence.

    Raises:
        InputError: there are more hits than there can be.
    """
    if n == 0:
        return None
    if not 0 <= hits <= n:
        raise InputError(f"{hits} of {n} is no share")
    z = _z(level)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends rounding would leave the share itself outside.
    return Interval(
        value=share,
        low=min(share, max(0.0, middle - half)),
        high=max(share, min(1.0, middle + half)),
        level=level,
    )


def bootstrap(
    columns: Sequence[Sequence[float]],
    figure: "Callable[[Table], Table]",
    *,
    strata: Sequence[str] | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> Interval | None:
    """The percentile interval of a figure over items, which are drawn anew with replacement.

    All columns of an item are drawn together, so that what is measured on the same items is compared in pairs
    (Efron 1979). Within each stratum as many are drawn as it has.

    None where the figure cannot be said of the items themselves, such as a share of nothing.

    Args:
        columns: what was measured, one sequence of floats for each thing, an entry an item.
        figure: of an array (columns, draws, strata) of means → an array (draws,). A figure that is not
            finite in a draw is left out.
        strata: of each item, such as its task; None: all are one.
        draws: how often.
        level: of confidence.
        seed: of the draws.

    Raises:
        InputError: there is no item, or the columns are not of one length.
    """
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or 0 in lengths:
        raise InputError("there is nothing to draw from", "give every item in every column")
    np: Any = import_module("numpy")
    table = np.asarray(columns, dtype=float)
    names = strata if strata is not None else [""] * table.shape[1]
    places = [
        np.asarray([at for at, name in enumerate(names) if name == each])
        for each in dict.fromkeys(names)
    ]
    dice = np.random.default_rng(seed)
    whole = np.stack([table[:, own].mean(axis=1) for own in places], axis=-1)
    # A ratio may have nothing below its line: such draws are left out.
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(figure(whole[:, None, :])[0])
    if not math.isfinite(value):
        return None
    found: list[Any] = []
    for start in range(0, draws, _AT_ONCE):
        size = min(_AT_ONCE, draws - start)
        means = [
            table[:, own][:, dice.integers(0, len(own), (size, len(own)))].mean(axis=2)
            for own in places
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(figure(np.stack(means, axis=-1)))
    every = np.concatenate(found)
    low, high = np.quantile(every[np.isfinite(every)], [(1 - level) / 2, (1 + level) / 2])
    return Interval(value=value, low=float(low), high=float(high), level=level)


def mean(
    values: Sequence[float], *, seed: int = 0, draws: int = DRAWS, level: float = 0.95
) -> Interval:
    """The mean over items with its bootstrap interval.

    Raises:
        InputError: there is no item, or one is not finite.
    """
    found = bootstrap([values], lambda means: means[0, :, 0], seed=seed, draws=draws, level=level)
    if found is None:
        raise InputError("a value is not finite")
    return found


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value that two systems are right equally often (McNemar 1947), from the
    numbers of items on which only one of them is right: a binomial test with p = 1/2."""
    n, fewer = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n
    return min(1.0, 2 * tail)


def detectable(n: int, discordant: float, power: float = 0.8, level: float = 0.95) -> float | None:
    """The smallest difference of two paired accuracies that is found with so much power, by the normal
    approximation of McNemar's test (Connor 1987).

    Args:
        n: items.
        discordant: the share of items on which just one of the two is right.
        power: the chance of finding it.
        level: 1 minus the chance of finding a difference where there is none, two-sided.

    Returns:
        The difference, from 0 to `discordant`; None where even the largest would not be found.
    """
    low, high = 0.0, discordant

    def found(difference: float) -> float:
        spread = math.sqrt(max(0.0, discordant - difference * difference))
        if spread == 0:
            return 1.0
        at = (difference * math.sqrt(n) - _z(level) * math.sqrt(discordant)) / spread
        return _phi(at)

    if n < 1 or found(high) < power:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high


def _phi(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _z(level: float) -> float:
    """The two-sided normal quantile of a level of confidence."""
    if not 0 < level < 1:
        raise InputError(f"the level {level} is not between 0 and 1")
    low, high = 0.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _phi(middle) < (1 + level) / 2 else (low, middle)
    return (low + high) / 2
