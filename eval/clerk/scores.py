"""What a clerk's answers are worth against what people said."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from folkmoot.records.base import Frozen

BINS = 10
"""Of the expected calibration error: equally wide, from 0 to 1."""


class Scores(Frozen):
    """Of one set. A figure that the set does not allow is None."""

    n: int
    """Pairs."""
    precision: float | None = None
    """Of the pairs called a conflict, the share that are one."""
    recall: float | None = None
    specificity: float | None = None
    """Of the pairs that are no conflict, the share not called one."""
    conflict_f1: float | None = None
    macro_f1: float | None = None
    """The mean of F1 over `conflict` true and false."""
    accuracy: float | None = None
    auc: float | None = None
    """The chance that a conflict gets a higher probability than a pair that is none; ties count half."""
    ece: float | None = None
    """Expected calibration error over ten bins of the probability of a conflict (Guo et al., arXiv
    1706.04599)."""
    brier: float | None = None
    """The mean squared error of that probability (Brier 1950)."""
    same_f1: float | None = None
    """F1 of "they make the same point"."""
    same_auc: float | None = None
    """The chance that a pair that makes it gets a higher probability than one that does not."""
    pairs_per_s: float | None = None
    unanswered: int = 0
    """Pairs without a readable answer; they count as no conflict, at probability one half."""
    baselines: dict[str, dict[str, float]] = Field(default_factory=dict)
    """What trivial rules come to on the same pairs: always, never."""

    def line(self) -> dict[str, Any]:
        """As one JSON object, figures to four places."""
        plain = self.model_dump(exclude_none=True)
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in plain.items()
        }


def conflict_scores(
    truth: Sequence[bool], given: Sequence[float], called: Sequence[bool]
) -> dict[str, float]:
    """Precision, recall, specificity, F1, macro-F1, accuracy, AUC, calibration.

    Args:
        truth: whether each pair is a conflict.
        given: the probability that it is one.
        called: whether it was called one.
    """
    precision, recall, f1 = _prf(truth, called)
    _, specificity, other = _prf([not each for each in truth], [not each for each in called])
    found = {
        "precision": precision,
        "recall": recall,
        "specificity": specificity,
        "conflict_f1": f1,
        "macro_f1": (f1 + other) / 2,
        "accuracy": _mean([a == b for a, b in zip(truth, called, strict=True)]),
        "ece": ece(truth, given),
        "brier": _mean([(p - t) ** 2 for p, t in zip(given, truth, strict=True)]),
    }
    area = auc(truth, given)
    return found if area is None else {**found, "auc": area}


def f1(truth: Sequence[bool], called: Sequence[bool]) -> float:
    """The harmonic mean of precision and recall; 0 where nothing was rightly called."""
    return _prf(truth, called)[2]


def auc(truth: Sequence[bool], given: Sequence[float]) -> float | None:
    """The area under the ROC curve, by ranks (Mann-Whitney); None where all pairs are of one kind."""
    positive = sum(truth)
    negative = len(truth) - positive
    if not positive or not negative:
        return None
    order = sorted(range(len(given)), key=given.__getitem__)
    ranks = [0.0] * len(given)
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and given[order[end]] == given[order[at]]:
            end += 1
        for place in range(at, end):
            ranks[order[place]] = (at + end + 1) / 2
        at = end
    total = sum(rank for rank, is_one in zip(ranks, truth, strict=True) if is_one)
    return (total - positive * (positive + 1) / 2) / (positive * negative)


def ece(truth: Sequence[bool], given: Sequence[float]) -> float:
    """The mean gap between probability and frequency over the bins, weighted by their size."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, is_one in zip(given, truth, strict=True):
        bins.setdefault(min(int(probability * BINS), BINS - 1), []).append((probability, is_one))
    gaps = [
        len(each) * abs(_mean([p for p, _ in each]) - _mean([t for _, t in each]))
        for each in bins.values()
    ]
    return sum(gaps) / len(truth) if truth else 0.0


def _prf(truth: Sequence[bool], called: Sequence[bool]) -> tuple[float, float, float]:
    right = sum(t and c for t, c in zip(truth, called, strict=True))
    precision = right / sum(called) if any(called) else 0.0
    recall = right / sum(truth) if any(truth) else 0.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
