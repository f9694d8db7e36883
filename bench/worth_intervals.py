"""How narrow intervals of worth are over few questions: simulated voters whose true worth is known.

    python bench/worth_intervals.py

For each number of questions: how often a voter worth nothing would be said to lower accuracy, or to
raise it, and how often the 95% interval holds the true value.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from folkmoot.eval.worth.shapley import Coalition, shapley

SETS, RESAMPLES = 2_000, 1_000
QUESTIONS = (5, 10, 20, 50, 100)
PATTERNS = tuple(itertools.product((0, 1), repeat=3))
"""Which of three voters are right."""


def value_of(pattern: Sequence[int], voter: int) -> float:
    """What a voter is worth on one question with two options, decided by plurality."""

    def chance(coalition: Coalition) -> float:
        right, size = sum(pattern[int(each)] for each in coalition), len(coalition)
        return 0.5 if 2 * right == size else float(2 * right > size)

    return shapley(("0", "1", "2"), chance).values[str(voter)]


def chances(accuracies: Sequence[float]) -> list[float]:
    """How likely each pattern is, where voters err independently."""
    return [
        float(np.prod([p if x else 1 - p for p, x in zip(accuracies, each, strict=True)]))
        for each in PATTERNS
    ]


def nothing() -> float:
    """The accuracy with which a third voter beside two of 0.8 is worth nothing."""
    low, high = 0.3, 0.7
    values = [value_of(each, 2) for each in PATTERNS]
    for _ in range(60):
        middle = (low + high) / 2
        below = float(np.dot(chances((0.8, 0.8, middle)), values)) < 0
        low, high = (middle, high) if below else (low, middle)
    return low


def main() -> None:
    """Print a line for each setting and number of questions."""
    dice = np.random.default_rng(1)
    for accuracies, voter in (
        ((0.8, 0.8, nothing()), 2),
        ((0.8, 0.8, 0.3), 2),
        ((0.9, 0.6, 0.6), 0),
    ):
        values = np.array([value_of(each, voter) for each in PATTERNS])
        often = chances(accuracies)
        true = float(np.dot(often, values))
        said = ", ".join(f"{each:.3f}" for each in accuracies)
        print(f"voter {voter} of ({said}), worth {true:+.3f}")
        for questions in QUESTIONS:
            held = lowers = raises = 0
            for _ in range(SETS):
                drawn = dice.choice(values, size=questions, p=often)
                means = drawn[dice.integers(0, questions, (RESAMPLES, questions))].mean(axis=1)
                low, high = np.quantile(means, [0.025, 0.975])
                held += low - 1e-9 <= true <= high + 1e-9
                lowers += high < -1e-9
                raises += low > 1e-9
            shares = (f"{each / SETS:.3f}" for each in (lowers, raises, held))
            print(
                f"  {questions:3} questions: lowers {{}}, raises {{}}, holds {{}}".format(*shares)
            )


if __name__ == "__main__":
    main()
