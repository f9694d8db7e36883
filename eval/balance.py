"""Balance: a set of questions brought to a total, though a single one cannot be.

Sizes are whole numbers, and one more draw or round may be a tenth of a run. So what one question is
over or under is carried to the next one (error diffusion, as in a sigma-delta modulator): over a set
the difference stays about as large as half a step of its last question, and its share of the total
shrinks with every question.
"""

from typing import NamedTuple


class Balance(NamedTuple):
    """What a row of questions has cost so far, held against what it should have."""

    target: float = 0.0
    """Tokens that the protocol took on the questions so far."""
    spent: float = 0.0
    """Tokens that the control took on them."""
    foretold: float = 0.0
    """Tokens that the control was expected to take on those whose cost is known."""
    measured: float = 0.0
    """Tokens that it took on these."""

    def want(self, target: float) -> float:
        """What the next question should cost, so that the row is even with its targets."""
        return self.target - self.spent + target

    @property
    def factor(self) -> float:
        """Tokens for a token foretold, from the questions so far; 1 before the first."""
        return self.measured / self.foretold if self.foretold and self.measured else 1.0

    def paid(self, target: float, foretold: float, spent: int | None, expected: float) -> "Balance":
        """With one question more.

        Args:
            target: what the protocol took on it.
            foretold: what the control was expected to take, before the factor.
            spent: what it took; None where that is not known.
            expected: what it was expected to take, which then stands in.
        """
        known = spent is not None
        return Balance(
            self.target + target,
            self.spent + (spent if known else expected),
            self.foretold + (foretold if known else 0),
            self.measured + (spent if known else 0),
        )

    def even(self, target: float, cost: float, slack: float) -> bool:
        """Whether the row is within `slack` tokens of its targets if the next question costs so much."""
        return abs(self.target + target - self.spent - cost) <= slack


def rows(count: int, at_once: int) -> tuple[tuple[int, ...], ...]:
    """Places of questions dealt out to rows that are balanced side by side, each on its own.

    As many rows as may run at once, with at least eight questions each: fewer would not even out.
    """
    number = max(1, min(at_once, count // 8))
    return tuple(tuple(range(first, count, number)) for first in range(number))
