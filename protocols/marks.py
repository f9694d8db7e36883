"""What a seat's option probabilities amount to as a ballot: a ranking, approvals, points, grades."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from folkmoot.agents import reading
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.rules.found import exact

POINTS = 10
"""That every seat spreads under cumulative voting (arXiv 2502.19130)."""

GRADES = ("rejected", "poor", "acceptable", "good", "very good", "excellent")
"""From 0 up, as majority judgement names them."""


def marks(probabilities: Mapping[str, float], choice: str, rule: Rule) -> dict[str, Any]:
    """The fields of a ballot that a rule reads, beside its scores."""
    # Where options are struck out, the next one counts.
    whole = rule.reads == "ranking" or rule.strikes or rule.function is not None
    ranking = reading.ranking(dict(probabilities)) if whole else (choice,)
    match rule.reads:
        case "approvals":
            return {"ranking": ranking, "approvals": approvals(probabilities)}
        case "points":
            return {"ranking": ranking, "points": points(probabilities)}
        case "grades":
            return {"ranking": ranking, "grades": grades(probabilities)}
        case "confidence":
            return {"ranking": ranking, "confidence": probabilities[choice]}
        case "choice" | "ranking" | "scores" | "held":
            return {"ranking": ranking}


def approvals(probabilities: Mapping[str, float]) -> tuple[str, ...]:
    """The options that are at least as probable as all are on average."""
    mean = sum(map(exact, probabilities.values())) / len(probabilities)
    return tuple(option for option, p in probabilities.items() if exact(p) >= mean)


def points(weights: Mapping[str, float], whole: int = POINTS) -> dict[str, int]:
    """So many points in proportion to weights: rounded down, what is left to the largest remainders.

    Equal remainders: the first of the options first.
    """
    total = sum(map(exact, weights.values()))
    due = {option: exact(weight) * whole / total for option, weight in weights.items()}
    given = {option: int(share) for option, share in due.items()}
    left: Sequence[str] = sorted(due, key=lambda option: given[option] - due[option])
    for option in left[: whole - sum(given.values())]:
        given[option] += 1
    return given


def grades(probabilities: Mapping[str, float]) -> dict[str, int]:
    """The sixth of the way from 0 to 1 in which each probability lies."""
    best = len(GRADES) - 1
    return {
        option: min(best, int(exact(p) * Fraction(len(GRADES))))
        for option, p in probabilities.items()
    }
