"""Raters: how far people who annotated the same things agree, beyond chance, label by label."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from folkmoot.eval.statistics import Interval, bootstrap, wilson
from folkmoot.records.agreement import krippendorff_alpha
from folkmoot.records.annotations import Annotation, standing
from folkmoot.records.base import Frozen

Rating = bool | int | float | str

Measure = Literal["cohen_kappa", "krippendorff_alpha", "krippendorff_alpha_interval"]


class LabelAgreement(Frozen):
    """How far annotators agree on one label."""

    label: str
    annotators: tuple[str, ...]
    n: int
    """Things that at least two of them rated."""
    measure: Measure
    """`cohen_kappa` between two, `krippendorff_alpha` between more; of figures, with the difference
    squared as the distance, `krippendorff_alpha_interval`."""
    value: Interval | None = None
    """With the interval of a bootstrap over the things rated. None where it is not defined."""
    same: Interval | None = None
    """The share of things on which all who rated them said the same; Wilson's interval."""
    why: str | None = None
    """Why there is no value."""


class Annotated(NamedTuple):
    """The annotations of a record."""

    run: str
    """What tells its run from others; copies of one record have the same."""
    annotations: Sequence[Annotation]


Table = Mapping[tuple[str, str], Mapping[str, Rating]]
"""Thing → annotator → rating."""


def agreement_of(records: Iterable[Annotated]) -> tuple[LabelAgreement, ...]:
    """How far annotators agree, on every label that two of them used, in the order of the labels.

    What counts is what stands, of people alone: what was corrected, and what scanners found, is left
    out. Two annotations are of the same thing where they are of the same message, conflict or call;
    spans are not compared. Where an annotator rated a thing twice, the later rating counts. A label
    that nobody gave a value to is rated true where it was given, and false by those who annotated the
    thing and did not give it.
    """
    found: list[LabelAgreement] = []
    for label, table in sorted(ratings(records).items()):
        rated = {thing: by for thing, by in table.items() if len(by) > 1}
        if rated:
            found.append(measured(label, rated))
    return tuple(found)


def ratings(records: Iterable[Annotated]) -> dict[str, dict[tuple[str, str], dict[str, Rating]]]:
    """Label → thing → annotator → rating."""
    given: dict[str, dict[tuple[str, str], dict[str, Rating | None]]] = {}
    looked: dict[tuple[str, str], dict[str, None]] = {}
    for run, annotations in records:
        for each in standing(annotations):
            if each.kind == "finding":
                continue
            thing = (run, each.about.id or each.about.what)
            looked.setdefault(thing, {})[each.by] = None
            if each.label is not None:
                given.setdefault(each.label, {}).setdefault(thing, {})[each.by] = each.value
    return {label: _filled(table, looked) for label, table in given.items()}


def _filled(
    table: Mapping[tuple[str, str], Mapping[str, Rating | None]],
    looked: Mapping[tuple[str, str], Iterable[str]],
) -> dict[tuple[str, str], dict[str, Rating]]:
    valued = any(value is not None for by in table.values() for value in by.values())
    if valued:
        return {
            thing: {name: True if value is None else value for name, value in by.items()}
            for thing, by in table.items()
        }
    users = {name for by in table.values() for name in by}
    return {
        thing: {name: name in table.get(thing, ()) for name in names if name in users}
        for thing, names in looked.items()
    }


def measured(label: str, table: Table) -> LabelAgreement:
    """The agreement on one label.

    Args:
        label: its name.
        table: things that at least two annotators rated.
    """
    names = tuple(sorted({name for by in table.values() for name in by}))
    units = [tuple(by.values()) for by in table.values()]
    numbers = all(type(value) in (int, float) for unit in units for value in unit)
    fields: dict[str, Any] = {"label": label, "annotators": names, "n": len(units)}
    fields["same"] = wilson(sum(len(set(unit)) == 1 for unit in units), len(units))
    if numbers:
        name, value = "krippendorff_alpha_interval", alpha_interval(units)
    elif len(names) == 2:
        name, value = "cohen_kappa", kappa([(by[names[0]], by[names[1]]) for by in table.values()])
    else:
        name, value = "krippendorff_alpha", alpha(units)
    if value is None:
        fields["why"] = "all say the same of everything: there is no chance to be beyond"
    return LabelAgreement(**fields, measure=name, value=value)


def kappa(pairs: Sequence[tuple[Rating, Rating]]) -> Interval | None:
    """Cohen's κ = (po - pe) / (1 - pe) (Cohen 1960, Educational and Psychological Measurement 20).

    po is the share of equal ratings, pe the share expected if both rated by their own frequencies alone.

    Args:
        pairs: what each of the two said of each thing.

    Returns:
        With the percentile interval of a bootstrap over things; None where pe is 1.
    """
    categories = _categories(pairs)
    first = [[float(_key(one) == c) for one, _ in pairs] for c in categories]
    second = [[float(_key(other) == c) for _, other in pairs] for c in categories]
    same = [float(_key(one) == _key(other)) for one, other in pairs]
    k = len(categories)

    def figure(means: Any) -> Any:
        means = means[:, :, 0]
        expected = (means[1 : k + 1] * means[k + 1 :]).sum(axis=0)
        return (means[0] - expected) / (1 - expected)

    return bootstrap([same, *first, *second], figure) if k > 1 else None


def alpha(units: Sequence[Sequence[Rating]]) -> Interval | None:
    """Krippendorff's α = 1 - Do / De of nominal ratings (Krippendorff 2011, "Computing Krippendorff's
    Alpha-Reliability"), by any number of annotators, some of whom may not have rated everything.

    Returns:
        With the percentile interval of a bootstrap over things; None where only one rating is used.
    """
    if krippendorff_alpha([[_key(value) for value in unit] for unit in units]) is None:
        return None
    categories = _categories(units)
    counts = [[float(sum(_key(v) == c for v in unit)) for unit in units] for c in categories]
    pairs = [
        sum(_key(a) == _key(b) for a in unit for b in unit) - float(len(unit)) for unit in units
    ]
    agreeing = [pair / (len(unit) - 1) for pair, unit in zip(pairs, units, strict=True)]
    size = len(units)

    def figure(means: Any) -> Any:
        sums = means[:, :, 0] * size
        used, n = sums[1:], sums[1:].sum(axis=0)
        chance = (used * (used - 1)).sum(axis=0)
        return 1 - (n - 1) * (n - sums[0]) / (n * n - n - chance)

    return bootstrap([agreeing, *counts], figure)


def alpha_interval(units: Sequence[Sequence[Any]]) -> Interval | None:
    """Krippendorff's α of figures, where two ratings are as far apart as the square of their difference.

    Do is the mean over ratings of the squared distance to the others of the same thing, De that to all.

    Returns:
        With the percentile interval of a bootstrap over things; None where all figures are equal.
    """
    sizes = [float(len(unit)) for unit in units]
    sums = [float(sum(unit)) for unit in units]
    squares = [float(sum(value * value for value in unit)) for unit in units]
    # Σ over ordered pairs (a - b)² = 2 (n Σ a² - (Σ a)²), so nothing is paired one by one.
    apart = [2 * (n * q - s * s) / (n - 1) for n, s, q in zip(sizes, sums, squares, strict=True)]
    size = len(units)

    def figure(means: Any) -> Any:
        pairs, n, total, square = means[:, :, 0] * size
        by_chance = 2 * (n * square - total * total)
        return 1 - (n - 1) * pairs / by_chance

    every = {value for unit in units for value in unit}
    return bootstrap([apart, sizes, sums, squares], figure) if len(every) > 1 else None


def _categories(units: Iterable[Sequence[Rating]]) -> tuple[tuple[str, Rating], ...]:
    return tuple(dict.fromkeys(_key(value) for unit in units for value in unit))


def _key(value: Rating) -> tuple[str, Rating]:
    # True and 1 are equal in Python, and no rating of one says the other.
    return ("truth" if isinstance(value, bool) else "value", value)
