"""Mixtures of two Beta-Binomial distributions, and how far two of them are apart."""

import math
from itertools import accumulate
from typing import NamedTuple


class Mixture(NamedTuple):
    """Beta distributions of a rate, and the weight of each; the weights sum to 1."""

    weights: tuple[float, ...]
    betas: tuple[tuple[float, float], ...]

    @classmethod
    def opposed(cls, sharpness: float) -> "Mixture":
        """Beta(sharpness, 1) and Beta(1, sharpness) in equal parts."""
        return cls((0.5, 0.5), ((sharpness, 1.0), (1.0, sharpness)))

    def given(self, count: int, of: int) -> "Mixture":
        """The posterior after `count` of `of`: each part by Beta's rule, weighed by how well it had
        foretold the count. Exact, since Beta is conjugate to the binomial."""
        logs = [
            math.log(weight) + beta_binomial(count, of, a, b)
            for weight, (a, b) in zip(self.weights, self.betas, strict=True)
        ]
        top = max(logs)
        likely = [math.exp(each - top) for each in logs]
        weights = tuple(each / sum(likely) for each in likely)
        return Mixture(weights, tuple((a + count, b + of - count) for a, b in self.betas))


def beta_binomial(count: int, of: int, a: float, b: float) -> float:
    """The log probability of `count` of `of` under a rate drawn from Beta(a, b)."""
    choose = math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)
    return choose + _log_beta(count + a, of - count + b) - _log_beta(a, b)


def cumulative(mixture: Mixture, of: int) -> list[float]:
    """P(S ≤ s) for s = 0 … of."""
    return list(
        accumulate(
            math.fsum(
                weight * math.exp(beta_binomial(count, of, a, b))
                for weight, (a, b) in zip(mixture.weights, mixture.betas, strict=True)
            )
            for count in range(of + 1)
        )
    )


def gap(one: list[float], other: list[float]) -> float:
    """The Kolmogorov-Smirnov statistic: the largest difference of two cumulative distributions."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
