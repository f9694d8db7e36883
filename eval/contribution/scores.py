"""How well a model answers lessons that it did not learn from, with an adapter and without one."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

from folkmoot.agents.contribution_file import ContributionFile
from folkmoot.eval.contribution.lessons import Lesson, weighings, written
from folkmoot.pool import training
from folkmoot.records.base import Frozen


class LessonScores(Frozen):
    """Of one model, on lessons that were held out. What was not measured is None."""

    choices: int
    """Lessons with options."""
    accuracy: float | None = None
    """Of these, the share in which the right option has the largest probability, the mean over both
    orders of the options; of equal ones none is right."""
    chance: float | None = None
    """The accuracy of a blind guess."""
    first: float | None = None
    """The accuracy of the option that is most often right, by its place in the file."""
    texts: int
    """Answers and reasons in words."""
    nats: float | None = None
    """Of these, the mean negative log-likelihood of a whole text, in nats."""


def held_out(
    lessons: Sequence[Lesson], one_in: int
) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """Lessons to learn from, and about one in so many to measure on, by a digest of the question: a
    question is on one side alone.

    Args:
        one_in: 0 for none.
    """

    def is_held(lesson: Lesson) -> bool:
        digest = hashlib.sha256(" ".join(lesson.question.split()).casefold().encode())
        return one_in > 0 and int(digest.hexdigest(), 16) % one_in == 0

    return (
        tuple(each for each in lessons if not is_held(each)),
        tuple(each for each in lessons if is_held(each)),
    )


def score(
    base: Path, adapter: Path | None, lessons: Sequence[Lesson], file: ContributionFile
) -> LessonScores:
    """Score a model on lessons, by the prompts of a deliberation.

    Args:
        base: folder of the model.
        adapter: folder of a LoRA adapter on it; None for the model alone.
        lessons: what it is asked.
        file: the contribution whose perspective every prompt declares.
    """
    choices = [each for each in lessons if each.options is not None]
    asked = [weighings(each, file) for each in choices]
    texts = [example for each in lessons for example in written(each, file)]
    flat = [example for orders in asked for order in orders for example in order]
    found = training.likelihoods(base, adapter, [*flat, *texts]) if flat or texts else []
    at = 0
    right = 0
    for lesson, orders in zip(choices, asked, strict=True):
        options = lesson.options or ()
        mean = [0.0] * len(options)
        for turned, order in enumerate(orders):
            shares = _shares(found[at : at + len(order)])
            at += len(order)
            for place, share in enumerate(reversed(shares) if turned else shares):
                mean[place] += share / len(orders)
        best = [place for place, share in enumerate(mean) if share == max(mean)]
        right += best == [options.index(lesson.answer)]
    return LessonScores(
        choices=len(choices),
        accuracy=right / len(choices) if choices else None,
        chance=sum(1 / len(each.options or ()) for each in choices) / len(choices)
        if choices
        else None,
        first=_commonest(choices),
        texts=len(texts),
        nats=-math.fsum(found[at:]) / len(texts) if texts else None,
    )


def _shares(logs: Sequence[float]) -> list[float]:
    top = max(logs)
    weights = [math.exp(each - top) for each in logs]
    return [weight / sum(weights) for weight in weights]


def _commonest(choices: Sequence[Lesson]) -> float | None:
    places = [(each.options or ()).index(each.answer) for each in choices]
    return max(map(places.count, set(places))) / len(places) if places else None
