"""Expectation and maximisation in turns, until nothing is gained any more (Dempster, Laird and Rubin 1977)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from folkmoot.eval.collaboration.answers import AnswerSheet, Item
from folkmoot.records import InputError

Parameters = TypeVar("Parameters")

Posteriors = Mapping[str, Mapping[str, float]]
"""Item → option → the probability that it is right."""

STEPS, TOLERANCE = 1000, 1e-8
"""At most so many steps; converged once a step gains less than this, in nats."""

EDGE = 1e-9
"""Probabilities are kept so far from 0 and 1 that they have a logarithm."""


class Climb(NamedTuple, Generic[Parameters]):
    """Where the steps ended."""

    parameters: Parameters
    posteriors: Posteriors
    gains: tuple[float, ...]
    """What is maximised, after each step, in nats. It never falls."""
    converged: bool


def climb(
    start: Posteriors,
    maximise: Callable[[Posteriors], Parameters],
    expect: Callable[[Parameters], tuple[Posteriors, float]],
    steps: int = STEPS,
    tolerance: float = TOLERANCE,
) -> Climb[Parameters]:
    """Climb from given posteriors.

    Args:
        maximise: posteriors → the parameters that fit them best.
        expect: parameters → the posteriors under them, and how well they fit, in nats.
        steps: at most; one at least.
        tolerance: a step that gains less is the last.
    """
    parameters = maximise(start)
    posteriors, height = expect(parameters)
    gains = [height]
    for _ in range(steps - 1):
        higher = maximise(posteriors)
        posteriors, height = expect(higher)
        parameters = higher
        gains.append(height)
        if gains[-1] - gains[-2] < tolerance:
            return Climb(parameters, posteriors, tuple(gains), True)
    return Climb(parameters, posteriors, tuple(gains), False)


def majority_start(sheet: AnswerSheet) -> Posteriors:
    """The share of the votes of each option, as Dawid and Skene began; items with a key are known."""
    return {
        item.id: _certain(item, item.right)
        if item.right is not None
        else _shares(item, list(votes.values()))
        for item, votes in zip(sheet.items, sheet.by_item().values(), strict=True)
    }


def posterior(item: Item, logs: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """The probability of each option, from the log-likelihood with it as the right one, and that of
    all; of an item with a key the key, and the log-likelihood with it."""
    if item.right is not None:
        return _certain(item, item.right), logs[item.right]
    top = max(logs.values())
    weights = {option: math.exp(each - top) for option, each in logs.items()}
    whole = math.fsum(weights.values())
    return {option: each / whole for option, each in weights.items()}, top + math.log(whole)


def inside(p: float) -> float:
    """A probability that has a logarithm."""
    return min(1 - EDGE, max(EDGE, p))


def check(sheet: AnswerSheet, strength: float, steps: int, level: float = 0.95) -> None:
    """Refuse what nothing can be estimated from.

    Raises:
        InputError: there is no answer, or an argument is out of its range.
    """
    if not sheet.given():
        raise InputError("there is no answer to count", "give what seats answered")
    if not (strength >= 0 and math.isfinite(strength)):
        raise InputError(f"the strength {strength} is not 0 or more")
    if steps < 1:
        raise InputError(f"steps is {steps}; it must be at least 1")
    if not 0 < level < 1:
        raise InputError(f"the level {level} is not between 0 and 1")


def _certain(item: Item, right: str) -> dict[str, float]:
    return {option: float(option == right) for option in item.options}


def _shares(item: Item, votes: Sequence[str]) -> dict[str, float]:
    if not votes:
        return dict.fromkeys(item.options, item.chance)
    return {option: votes.count(option) / len(votes) for option in item.options}
