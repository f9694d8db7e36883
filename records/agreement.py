"""Measures of agreement: how alike choices and distributions are. Plain functions of figures.

None stands for what is not defined: no measure of nothing is made up. Logarithms are base 2.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations

Distribution = Mapping[str, float]
"""Option → probability."""


def modes(choices: Iterable[str]) -> tuple[str, ...]:
    """The choices made most often, several where they tie; in the order of their first mention."""
    counts = Counter(choices)
    most = max(counts.values(), default=0)
    return tuple(choice for choice, times in counts.items() if times == most)


def share_of_mode(choices: Sequence[str]) -> float | None:
    """The share of the choice made most often; None of no choices."""
    return max(Counter(choices).values()) / len(choices) if choices else None


def shares(choices: Sequence[str], options: Sequence[str]) -> dict[str, float] | None:
    """The share of each option; None of no choices."""
    counts = Counter(choices)
    return {option: counts[option] / len(choices) for option in options} if choices else None


def entropy(distribution: Distribution) -> float:
    """Shannon's entropy in bits: H = −Σ p log p. Of shares that sum to 1."""
    return math.fsum(-p * math.log2(p) for p in distribution.values() if p > 0) + 0.0


def normalised_entropy(distribution: Distribution) -> float | None:
    """H / log m over m options: 0 where all agree, 1 where all options have the same share.

    None with fewer than two options.
    """
    return entropy(distribution) / math.log2(len(distribution)) if len(distribution) > 1 else None


def distance(one: Distribution, other: Distribution) -> float:
    """The total variation distance ½ Σ |p − q|, from 0 to 1."""
    options = {*one, *other}
    return math.fsum(abs(one.get(o, 0.0) - other.get(o, 0.0)) for o in options) / 2


def divergence(one: Distribution, other: Distribution) -> float:
    """The Jensen-Shannon divergence H((p + q) / 2) − (H(p) + H(q)) / 2, from 0 to 1 (Lin 1991)."""
    middle = {o: (one.get(o, 0.0) + other.get(o, 0.0)) / 2 for o in (*one, *other)}
    return max(0.0, entropy(middle) - (entropy(one) + entropy(other)) / 2)


def mean_pairwise(
    measure: Callable[[Distribution, Distribution], float], distributions: Iterable[Distribution]
) -> float | None:
    """The mean of `distance` or `divergence` over all pairs; None with fewer than two."""
    pairs = [measure(one, other) for one, other in combinations(distributions, 2)]
    return math.fsum(pairs) / len(pairs) if pairs else None


def polarisation(distribution: Distribution) -> float:
    """4 Σ p² (1 − p): 1 where two halves oppose each other, 0 where all agree.

    The RQ index (Reynal-Querol 2002; Montalvo and Reynal-Querol 2005), for options with no order
    between them. Unlike entropy it falls again where opinions scatter.
    """
    return 4 * math.fsum(p * p * (1 - p) for p in distribution.values())


def fleiss_kappa(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Fleiss' κ: agreement beyond how often each category is used at all (Fleiss 1971).

    κ = (P − Pe) / (1 − Pe), where P is the mean share of agreeing pairs within a unit, and Pe the
    sum of the squared shares of the categories.

    Args:
        units: for each thing that was rated, its ratings; the same number for each.

    Returns:
        None of no units, of fewer than two ratings each or not equally many, and where only one
        category is ever used: then there is no chance to be beyond.
    """
    tables = [Counter(unit) for unit in units]
    raters = {table.total() for table in tables}
    if len(raters) != 1 or min(raters) < 2:
        return None
    (n,) = raters
    within = [(sum(c * c for c in table.values()) - n) / (n * (n - 1)) for table in tables]
    used = _together(tables)
    if len(used) < 2:
        return None
    expected = math.fsum((count / (n * len(tables))) ** 2 for count in used.values())
    return (math.fsum(within) / len(within) - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's α for nominal data, 1 − Do / De (Krippendorff 2011, "Computing Krippendorff's
    Alpha-Reliability"). Units may have any number of ratings; those with one are left out.

    Returns:
        None where fewer than two ratings can be paired, or only one category is ever used.
    """
    tables = [table for table in (Counter(unit) for unit in units) if table.total() > 1]
    used = _together(tables)
    n = used.total()
    if len(used) < 2:
        return None
    agreeing = math.fsum(
        sum(count * (count - 1) for count in table.values()) / (table.total() - 1)
        for table in tables
    )
    by_chance = sum(count * (count - 1) for count in used.values())
    return 1 - (n - 1) * (n - agreeing) / (n * n - n - by_chance)


def _together(tables: Iterable[Counter[Hashable]]) -> Counter[Hashable]:
    together: Counter[Hashable] = Counter()
    for table in tables:
        together.update(table)
    return together
