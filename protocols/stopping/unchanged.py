"""Stopping rules over the distribution of votes: it changes less than a bar, round after round."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from pydantic import Field

from folkmoot.protocols.condition import Finding
from folkmoot.protocols.stopping.agreed import OPEN
from folkmoot.protocols.stopping.beta_binomial import Mixture, cumulative, gap
from folkmoot.records import Transcript
from folkmoot.records.agreement import Distribution, divergence, normalised_entropy, shares
from folkmoot.records.base import Frozen
from folkmoot.records.rounds import standings


class EntropyUnchanged(Frozen):
    """The entropy of the vote changes by less than `bar`: |H(r) - H(r-1)| < bar in each of the last
    `rounds` rounds, H being the normalised entropy of the shares of the valid stances.

    Votes that swap sides have the same entropy: `DivergenceUnchanged` sees that.
    """

    bar: float = Field(default=0.05, gt=0)
    rounds: int = Field(default=1, ge=1)
    name: str = "entropy-unchanged"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the largest of these changes."""
        return _unchanged(seen, _entropy_change, self.bar, self.rounds)


class DivergenceUnchanged(Frozen):
    """The vote moves by less than `bar`: JS(v(r), v(r-1)) < bar in each of the last `rounds` rounds,
    JS being the Jensen-Shannon divergence in bits between the shares of the valid stances."""

    bar: float = Field(default=0.05, gt=0)
    rounds: int = Field(default=1, ge=1)
    name: str = "divergence-unchanged"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the largest of these divergences."""
        return _unchanged(seen, divergence, self.bar, self.rounds)


class Stable(Frozen):
    """Consensus is stable: a Beta-Binomial mixture fitted to the votes stays as it is (Hu et al.,
    "Multi-Agent Debate for LLM Judges with Adaptive Stability Detection", arXiv 2510.12697).

    In the paper S is the number of judges that are right on an item, a mixture of two Beta-Binomials
    is fitted to it anew after each round, D(r) = max over s of |F(r)(s) - F(r-1)(s)| is the
    Kolmogorov-Smirnov statistic between successive rounds, and debate stops once D < 0.05 for two
    rounds in a row. There the sample of a round is a whole set of items, fitted by expectation
    maximisation, and S is counted with labels. A run has one question and no labels, so this is the
    same test worked out for one item: S is counted for every option o in turn, the mixture is the
    posterior, given s of n valid stances for o, of a mixture of two Beta priors in equal parts, one
    of a panel that goes with o, Beta(sharpness, 1), one of a panel that does not, Beta(1,
    sharpness), F is its prediction for the whole panel, and D(r) is the largest over the options.
    It works from the abstract, public accounts and the formulas above; it is not the authors' code.

    A vote that goes from one option to another moves D by 0.3 in a panel of five and by 0.05 in one
    of 130: with fewer seats and the paper's bar it amounts to "the tally stood still for `rounds`
    rounds", whoever moved.
    """

    bar: float = Field(default=0.05, gt=0, le=1)
    rounds: int = Field(default=2, ge=1)
    sharpness: float = Field(default=4.0, gt=1)
    name: str = "stable"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the largest statistic of these rounds."""
        options = seen.opening.options
        if options is None:
            return Finding(False, bar=self.bar, says=OPEN)
        prior, panel = Mixture.opposed(self.sharpness), len(seen.opening.seats)
        after: list[list[list[float]]] = []
        for each in standings(seen)[-self.rounds - 1 :]:
            held = list(each.choices.values())
            if not held:
                return Finding(False, bar=self.bar, says=f"no valid stance in round {each.round}")
            found = [prior.given(held.count(option), len(held)) for option in options]
            after.append([cumulative(mixture, panel) for mixture in found])
        steps = [max(map(gap, now, then)) for now, then in pairwise(after)]
        return _finding(steps, self.bar, self.rounds)


def _entropy_change(one: Distribution, other: Distribution) -> float:
    return abs((normalised_entropy(one) or 0.0) - (normalised_entropy(other) or 0.0))


def _unchanged(
    seen: Transcript,
    change: Callable[[Distribution, Distribution], float],
    bar: float,
    rounds: int,
) -> Finding:
    options = seen.opening.options
    if options is None:
        return Finding(False, bar=bar, says=OPEN)
    votes: list[Distribution] = []
    for each in standings(seen)[-rounds - 1 :]:
        vote = shares(list(each.choices.values()), options)
        if vote is None:
            return Finding(False, bar=bar, says=f"no valid stance in round {each.round}")
        votes.append(vote)
    return _finding([change(now, before) for before, now in pairwise(votes)], bar, rounds)


def _finding(changes: Sequence[float], bar: float, rounds: int) -> Finding:
    if len(changes) < rounds:
        return Finding(False, bar=bar, says=f"fewer than {rounds} rounds after the first")
    figures = ", ".join(f"{each:.3f}" for each in changes)
    return Finding(max(changes) < bar, max(changes), bar, f"change by round: {figures}")
