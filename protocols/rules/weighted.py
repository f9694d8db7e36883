"""Rules that weigh ballots: by confidence, by competence, or by whole distributions."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from folkmoot.protocols.rules.found import Found, best, exact, first_of
from folkmoot.protocols.rules.graded import scored
from folkmoot.records import Ballot

_STEPS = (
    (Fraction(1), Fraction(1)),
    (Fraction(9, 10), Fraction(8, 10)),
    (Fraction(8, 10), Fraction(5, 10)),
)
"""ReConcile's recalibration: from this confidence on, this weight."""

_EDGE = 1e-6
"""Probabilities are recorded to six decimals: nearer to 0 or 1 nothing can be told apart."""


def reconciled(confidence: float) -> Fraction:
    """ReConcile's weight of a confidence (Chen et al., arXiv 2309.13007): 1 → 1, from .9 → .8, from .8
    → .5, above .6 → .3, else .1."""
    stated = exact(confidence)
    for least, weight in _STEPS:
        if stated >= least:
            return weight
    return Fraction(3, 10) if stated > Fraction(6, 10) else Fraction(1, 10)


def confidence(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Most weight of first choices, each by its recalibrated confidence."""
    return _weighed(ballots, options, {b.id: reconciled(b.confidence or 0.0) for b in ballots})


def calibrated(
    ballots: Sequence[Ballot],
    options: Sequence[str],
    *,
    calibration: Mapping[str, tuple[float, float]] | None = None,
) -> Found:
    """Most weight of first choices, each by its confidence as Platt-scaled for its seat:
    1/(1+exp(-(a·log(p/(1-p))+b))), to six decimals (ConfMAD, arXiv 2509.14034)."""
    fitted = calibration or {}
    weights: dict[str, Fraction] = {}
    for ballot in ballots:
        a, b = fitted[ballot.seat]
        p = min(max(ballot.confidence or 0.0, _EDGE), 1 - _EDGE)
        logit = a * math.log(p / (1 - p)) + b
        weights[ballot.id] = exact(round(1 / (1 + math.exp(-max(-700.0, min(700.0, logit)))), 6))
    return _weighed(ballots, options, weights)


def competence(
    ballots: Sequence[Ballot],
    options: Sequence[str],
    *,
    competences: Mapping[str, float] | None = None,
) -> Found:
    """Most weight of first choices, each log(p/(1-p)) of its seat's competence p (Nitzan and Paroush
    1982). Compared are the products of the odds themselves, which are exact."""
    known = competences or {}
    odds = dict.fromkeys(options, Fraction(1))
    for ballot in ballots:
        choice, p = first_of(ballot, options), exact(known[ballot.seat])
        if choice is not None:
            odds[choice] *= p / (1 - p)
    found = best(options, odds)
    logs = {option: round(_log(value), 6) for option, value in odds.items()}
    ranked = sorted(logs.values(), reverse=True)
    margin = ranked[0] - ranked[1] if len(ranked) > 1 else ranked[0]
    return found._replace(tally=logs, margin=round(margin, 6))


def soft(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """The best mean of the seats' distributions over the options (arXiv 2606.13591)."""
    tally = dict.fromkeys(options, Fraction(0))
    for ballot in ballots:
        for option, share in shares(ballot, options).items():
            tally[option] += share / len(ballots)
    return best(options, tally)


def bayes(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """The best normalised product of the seats' distributions: seats as independent witnesses over an
    even prior. If every option is impossible to some seat, there is no product to normalise."""
    product = dict.fromkeys(options, Fraction(1))
    for ballot in ballots:
        for option, share in shares(ballot, options).items():
            product[option] *= share
    whole = sum(product.values())
    if whole == 0:
        return Found((), product, why="every option is impossible to some seat")
    return best(options, {option: value / whole for option, value in product.items()})


def shares(ballot: Ballot, options: Sequence[str]) -> dict[str, Fraction]:
    """A ballot's scores as a distribution over the options; an even one where all are zero."""
    given = {option: max(Fraction(0), scored(ballot, option)) for option in options}
    whole = sum(given.values())
    if whole == 0:
        return dict.fromkeys(options, Fraction(1, len(options)))
    return {option: value / whole for option, value in given.items()}


def _weighed(
    ballots: Sequence[Ballot], options: Sequence[str], weights: Mapping[str, Fraction]
) -> Found:
    tally = dict.fromkeys(options, Fraction(0))
    for ballot in ballots:
        choice = first_of(ballot, options)
        if choice is not None:
            tally[choice] += weights[ballot.id]
    return best(options, tally)


def _log(value: Fraction) -> float:
    return math.log(value.numerator) - math.log(value.denominator)
