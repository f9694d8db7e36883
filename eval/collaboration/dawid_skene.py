"""Accuracy without a key: how often each seat is right, from how seats agree.

Dawid and Skene 1979 ("Maximum likelihood estimation of observer error-rates using the EM algorithm"), in
the form with one figure a seat ("one coin"): a seat is right with probability p on every item, and its
errors fall on the other options alike. Items may have options of their own. Where all have the same
options, `confusion` estimates a whole table for each seat.

It stands on two things. Seats err independently of each other: the answers must be blind, and copies of
one model are not independent. And on most items the plurality is right: no figure of agreement tells a
panel that is mostly right from one that is mostly wrong together. Items with a key are held at it, so
that a few of them help where the second is in doubt.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

from folkmoot.eval.collaboration import em
from folkmoot.eval.collaboration.answers import AnswerSheet, Given, Item
from folkmoot.eval.statistics import Interval
from folkmoot.records.base import Frozen

STRENGTH = 2.0
"""As many made-up items, answered at chance, are added for each seat."""

_HALVINGS = 50


class Estimate(Frozen):
    """How often one seat is right, as far as agreement tells."""

    seat: str
    answered: int
    chance: float
    """What a blind guess would be right, as a share."""
    accuracy: Interval
    """Where the likelihood of its answers, with all other seats at their estimates, is above
    exp(-z²/2) of its largest. It is too narrow where the others' accuracies are not known well."""


class OneCoin(Frozen):
    """What the one-coin model makes of a sheet."""

    seats: dict[str, Estimate]
    """In the order of the answers."""
    posteriors: dict[str, dict[str, float]]
    """Item → option → the probability that it is right; even where nobody answered."""
    log_likelihood: float
    """Of all answers, in nats, with any option of an item as likely to be right."""
    gains: tuple[float, ...]
    """What was maximised, after each step: that and, with a strength above 0, the log-density of the
    prior. It never falls."""
    converged: bool
    """Whether the last step gained less than the tolerance. If not, the figures are those of the last
    step, and no maximum."""

    @property
    def accuracies(self) -> dict[str, float]:
        """Seat → how often it is right, for `competence_rule`."""
        return {seat: each.accuracy.value for seat, each in self.seats.items()}

    def likeliest(self, item: str) -> tuple[str, ...]:
        """The option that is likeliest to be right; several where they are equal."""
        found = self.posteriors[item]
        most = max(found.values())
        return tuple(option for option, each in found.items() if math.isclose(each, most))


def one_coin(
    sheet: AnswerSheet,
    *,
    strength: float = STRENGTH,
    level: float = 0.95,
    start: AnswerSheet | None = None,
    steps: int = em.STEPS,
    tolerance: float = em.TOLERANCE,
) -> OneCoin:
    """Estimate accuracies and answers together.

    Args:
        sheet: what seats answered, each by itself. Items with a key are held at it.
        strength: of the shrinking towards chance (a Beta prior with its mode there); 0 for the plain
            maximum of the likelihood.
        level: of confidence, of the intervals.
        start: whose votes to begin from, on the same items; None for all votes and, where some items
            have a key, also for the accuracies on these, of which the higher end is taken. The likelihood
            may have several maxima, and the steps end at the one above where they begin.
        steps: at most.
        tolerance: a step that gains less, in nats, is the last.

    Raises:
        InputError: there is no answer, or an argument is out of its range.
    """
    em.check(sheet, strength, steps, level)
    table = _Table.of(sheet, strength)
    starts = table.starts() if start is None else (em.majority_start(start),)
    every = [em.climb(s, table.maximise, table.expect, steps, tolerance) for s in starts]
    done = max(every, key=lambda each: each.gains[-1])
    return OneCoin(
        seats={
            seat: Estimate(
                seat=seat,
                answered=len(mine),
                chance=table.chances[seat],
                accuracy=_interval(table, done, seat, level),
            )
            for seat, mine in table.votes.items()
        },
        posteriors={item: dict(each) for item, each in done.posteriors.items()},
        log_likelihood=done.gains[-1] - table.prior(done.parameters),
        gains=done.gains,
        converged=done.converged,
    )


class _Table(NamedTuple):
    """A sheet, laid out for the steps."""

    sheet: AnswerSheet
    by_item: Mapping[str, Mapping[str, str]]
    votes: Mapping[str, Sequence[Given]]
    """Seat → its answers; of seats with any."""
    chances: Mapping[str, float]
    strength: float

    @classmethod
    def of(cls, sheet: AnswerSheet, strength: float) -> "_Table":
        votes: dict[str, list[Given]] = {}
        for each in sheet.given():
            votes.setdefault(each.seat, []).append(each)
        chances = {
            seat: math.fsum(each.item.chance for each in mine) / len(mine)
            for seat, mine in votes.items()
        }
        return cls(sheet, sheet.by_item(), votes, chances, strength)

    def starts(self) -> tuple[em.Posteriors, ...]:
        """The shares of the votes; and, where some items have a key, what seats' accuracies on these
        make of the others. From votes alone a few keyed items do not outweigh a clique."""
        votes = em.majority_start(self.sheet)
        keyed = self.sheet.only(item.id for item in self.sheet.items if item.right is not None)
        if not keyed.given():
            return (votes,)
        known = _Table.of(keyed, self.strength).maximise(em.majority_start(keyed))
        return votes, self.expect({**self.chances, **known})[0]

    def maximise(self, found: em.Posteriors) -> dict[str, float]:
        """The accuracies that fit posteriors best."""
        hits = {
            seat: math.fsum(found[each.item.id][each.choice] for each in mine)
            for seat, mine in self.votes.items()
        }
        return {
            seat: (hits[seat] + self.strength * self.chances[seat]) / (len(mine) + self.strength)
            for seat, mine in self.votes.items()
        }

    def expect(self, right: Mapping[str, float]) -> tuple[em.Posteriors, float]:
        """The posteriors under accuracies, and what is maximised."""
        hits = {seat: math.log(em.inside(p)) for seat, p in right.items()}
        misses = {seat: math.log(1 - em.inside(p)) for seat, p in right.items()}
        found = {
            item.id: _posterior(item, self.by_item[item.id], hits, misses)
            for item in self.sheet.items
        }
        height = math.fsum([*(log for _, log in found.values()), self.prior(right)])
        return {item: each for item, (each, _) in found.items()}, height

    def prior(self, right: Mapping[str, float]) -> float:
        """The log-density of the prior, up to a constant."""
        return math.fsum(
            self.strength * (chance * math.log(p) + (1 - chance) * math.log(1 - p))
            for p, chance in ((em.inside(right[seat]), self.chances[seat]) for seat in right)
        )


def _posterior(
    item: Item, votes: Mapping[str, str], hits: Mapping[str, float], misses: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    """The probability of each option, and the log-likelihood of the votes.

    Args:
        hits: seat → the logarithm of its chance of being right.
        misses: seat → the logarithm of its chance of being wrong.
    """
    wrong = math.log(len(item.options) - 1)
    # Nobody is right, to begin with; then, for each option, those who chose it are.
    nobody = math.log(item.chance) + math.fsum(misses[seat] - wrong for seat in votes)
    turned: dict[str, list[float]] = {option: [] for option in item.options}
    for seat, choice in votes.items():
        turned[choice].append(hits[seat] - (misses[seat] - wrong))
    return em.posterior(item, {option: nobody + math.fsum(t) for option, t in turned.items()})


def _interval(table: _Table, done: em.Climb[dict[str, float]], seat: str, level: float) -> Interval:
    """Where the likelihood of a seat's answers falls off, all else held."""
    p = em.inside(done.parameters[seat])
    supports = [_support(each, done.posteriors[each.item.id], p) for each in table.votes[seat]]

    def height(at: float) -> float:
        terms = (math.log(s * at + (1 - s) * (1 - at) / wrong) for s, wrong in supports)
        return math.fsum(terms) + table.prior({seat: at})

    z = NormalDist().inv_cdf((1 + level) / 2)
    least = height(p) - z * z / 2
    # The height is concave in p: on each side of its top there is one crossing at most.
    low = _crossing(height, least, em.EDGE, p)
    high = _crossing(height, least, 1 - em.EDGE, p)
    return Interval(value=p, low=min(p, low), high=max(p, high), level=level)


def _support(given: Given, posterior: Mapping[str, float], p: float) -> tuple[float, int]:
    """How likely all the others make what a seat chose, and the number of other options.

    What the seat itself adds to the odds of its choice is taken out again.
    """
    wrong = len(given.item.options) - 1
    for_it = posterior[given.choice] / p
    against = (1 - posterior[given.choice]) * wrong / (1 - p)
    return for_it / (for_it + against), wrong


def _crossing(height: Callable[[float], float], least: float, outer: float, inner: float) -> float:
    """Where the height falls below the least, between the top and an end."""
    if height(outer) >= least:
        return float(round(outer))
    for _ in range(_HALVINGS):
        middle = (outer + inner) / 2
        outer, inner = (outer, middle) if height(middle) >= least else (middle, inner)
    return inner
