"""Gates before the first exchange: is debate worth its cost? From the blind first round alone."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from pydantic import Field

from folkmoot.protocols.condition import Finding
from folkmoot.records import Transcript, agreement
from folkmoot.records.base import Frozen
from folkmoot.records.rounds import Standing, standings


class Confident(Frozen):
    """The seats are sure of their first stances: debate only when necessary (DOWN, Eo et al., arXiv
    2504.05047), which skips debate where the confidence of the first answer reaches a threshold.

    A seat's confidence is the probability of the option that it chose. DOWN asks one agent first:
    name it as `seat`. Of a panel it is the least or the mean of all seats. A seat without a valid
    stance is not confident, and one whose stance carries no probabilities cannot be told: the gate
    then does not hold. Together with agreement: `AllOf(of=(Unanimous(), Confident()))`.
    """

    bar: float = Field(default=0.8, gt=0, le=1)
    seat: str | None = None
    over: Literal["least", "mean"] = "least"
    name: str = "confident"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the confidence; None where it cannot be told."""
        first = _first(seen)
        asked = [] if first is None else [*first.stances] if self.seat is None else [self.seat]
        if first is None or not first.stances.keys() >= set(asked):
            return Finding(False, bar=self.bar, says="nobody has taken a stance")
        sure = [_confidence(first, seat) for seat in asked]
        known = [each for each in sure if each is not None]
        if len(known) < len(sure):
            says = f"the confidence of {len(sure) - len(known)} of {len(sure)} seats is not known"
            return Finding(False, bar=self.bar, says=says)
        figure = min(known) if self.over == "least" else math.fsum(known) / len(known)
        return Finding(figure >= self.bar, figure, self.bar, f"{self.over} of {len(known)} seats")


class Features(NamedTuple):
    """What a learned gate looks at: the blind first round in figures. None: not known, not defined."""

    seats: int
    """That were asked for a stance."""
    valid: int
    share: float | None
    """Of the mode, among the valid."""
    entropy: float | None
    """Normalised, of the shares of the options."""
    least_confidence: float | None
    """The least probability of an option that a seat chose; of those that are known."""
    mean_confidence: float | None
    distance: float | None
    """Total variation between two seats' probabilities, the mean over all pairs."""
    divergence: float | None
    """Jensen-Shannon, likewise."""
    words: float | None
    """Of a message of the first round, the mean."""
    questions: float | None
    """Question marks in a message of the first round, the mean."""


class WorthDebating(Frozen, arbitrary_types_allowed=True):
    """A learned gate says that debate is likely to help: p(features of the first round) ≥ bar.

    The interface of iMAD (Fan et al., arXiv 2511.11306), which trains a small classifier on 41
    figures of one agent's self-critique. Here the figures are `Features`, and the classifier is any
    plain function of them; `Gate(WorthDebating(probability=f), then=exchange)`. A gate that needs
    others is a plain function of the transcript, which is a condition by itself.
    """

    probability: Callable[[Features], float]
    """Features → the probability that debate helps."""
    bar: float = Field(default=0.5, ge=0, le=1)
    name: str = "worth-debating"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the probability.

        Raises:
            ValueError: the function returns no probability.
        """
        found = features(seen)
        if found is None:
            return Finding(False, bar=self.bar, says="nobody has taken a stance")
        worth = float(self.probability(found))
        if not 0 <= worth <= 1:
            raise ValueError(f"the gate returned {worth!r}, which is no probability")
        return Finding(worth >= self.bar, worth, self.bar, f"of {found.valid} valid stances")


def features(seen: Transcript) -> Features | None:
    """The first round in figures; None before anybody was asked for a stance."""
    first = _first(seen)
    if first is None:
        return None
    choices = list(first.choices.values())
    votes = agreement.shares(choices, seen.opening.options or ())
    spread = list(first.distributions.values())
    confidences = [_confidence(first, seat) for seat in first.choices]
    sure = [each for each in confidences if each is not None]
    said = [turn.text for turn in seen.spoken(round=first.round)]
    return Features(
        seats=len(first.stances),
        valid=len(choices),
        share=agreement.share_of_mode(choices),
        entropy=None if votes is None else agreement.normalised_entropy(votes),
        least_confidence=min(sure, default=None),
        mean_confidence=_mean(sure),
        distance=agreement.mean_pairwise(agreement.distance, spread),
        divergence=agreement.mean_pairwise(agreement.divergence, spread),
        words=_mean([len(text.split()) for text in said]),
        questions=_mean([text.count("?") for text in said]),
    )


def _first(seen: Transcript) -> Standing | None:
    stood = standings(seen)
    return stood[0] if stood else None


def _confidence(first: Standing, seat: str) -> float | None:
    """0 of a seat without a valid stance; None where its stance carries no probabilities."""
    stance = first.stances[seat]
    if stance.choice is None:
        return 0.0
    return None if stance.probabilities is None else stance.probabilities[stance.choice]


def _mean(figures: list[float] | list[int]) -> float | None:
    return math.fsum(figures) / len(figures) if figures else None
