"""The experiment: members, controls and systems side by side on items that nobody learned from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from folkmoot.eval.collaboration.competence import by_task as competences_by_task
from folkmoot.eval.collaboration.masking import screen
from folkmoot.eval.participation.emergence import (
    Emergence,
    Regression,
    by_task,
    emergence,
    own_priorities,
    regression,
    resampled,
)
from folkmoot.eval.participation.growth import (
    Attack,
    Masking,
    Mixture,
    Size,
    attacked,
    diversity,
    growth,
    overall,
)
from folkmoot.eval.participation.items import parted
from folkmoot.eval.participation.plan import Role, Study
from folkmoot.eval.participation.sealed import Sealed
from folkmoot.eval.participation.systems import System, by_rule, declared, measured
from folkmoot.eval.statistics import Interval, bootstrap, detectable
from folkmoot.records.base import Frozen

MIXTURES = ((1, 32), (2, 16), (4, 8), (8, 4), (16, 2), (32, 1))
"""k distinct members in m copies each, 32 seats."""

GROWN = "soft"
"""The system whose growth, and whose fall under attack, is followed: it needs no development items."""


class Model(Frozen):
    """One model alone."""

    name: str
    role: Role | None = None
    """None: a member."""
    accuracy: Interval
    """The mean over tasks of the mean over items."""
    development: float
    """The same on the development items."""
    tasks: dict[str, float]
    tokens: float | None = None
    """Of an item, sent and written; None where an engine did not report them."""


class Gain(Frozen):
    """A system against one model, on the same items."""

    over: str
    difference: Interval
    relative: Interval | None = None
    """The difference as a share of the model's accuracy; None where that is 0."""


class Made(Frozen):
    """What a system came to."""

    name: str
    what: str
    accuracy: Interval
    tasks: dict[str, float]
    tokens: float | None = None
    """Of an item: what the answers of all members took that it counts."""
    gains: tuple[Gain, ...]
    """Over the best member as chosen on development items, the best member in hindsight, and each control."""
    at_equal_tokens: tuple[Gain, ...]
    """Over as many draws of one model as there are members, by plurality."""
    emergence: Emergence
    regression: Regression
    priorities: dict[str, float | None]
    """Member → the system on its declared tasks, less itself there."""


class Result(Frozen):
    """All that the experiment measures."""

    items: dict[str, int]
    """Task → items that count."""
    development: int
    """Items that members were chosen and weighed by."""
    models: tuple[Model, ...]
    best_in_development: str
    best_in_hindsight: str
    detectable: float | None = None
    """The smallest difference of accuracy that these items show with a power of 0.8 where two systems
    part on a third of them: known before anybody was asked. None where none would be."""
    systems: tuple[Made, ...]
    growth: tuple[Size, ...]
    diversity: tuple[Mixture, ...]
    attacks: tuple[Attack, ...]
    seed: int


class _Held(NamedTuple):
    """What every figure is made from."""

    study: Study
    answers: Sealed
    """On the items that count."""
    tasks: tuple[str, ...]
    """Of each item."""
    best: str
    rivals: tuple[str, ...]


def evaluate(study: Study, answers: Sealed) -> Result:
    """Measure everything, from sealed answers alone.

    Args:
        study: the plan with its members and controls.
        answers: of all of them to all of its items.
    """
    develop, count = parted(study.items, study.plan.development)
    before, after = answers.on(develop), answers.on(count)
    names = study.names
    alone = {each: overall(count, after.right(each)) for each in answers.members}
    learned = {each: overall(develop, before.right(each)) for each in answers.members}
    best = max(names, key=lambda each: (learned[each], each))
    hindsight = max(names, key=lambda each: (alone[each], each))
    controls = [offered.file.name for _, offered in study.controls]
    held = _Held(
        study,
        after,
        tuple(item.task for item in count),
        best,
        tuple(dict.fromkeys((best, hindsight, *controls))),
    )
    seed, plan = study.plan.seed, study.plan
    followed = by_rule(GROWN)
    return Result(
        items={task: held.tasks.count(task) for task in dict.fromkeys(held.tasks)},
        development=len(develop),
        models=tuple(_model(held, each, learned[each]) for each in answers.members),
        best_in_development=best,
        best_in_hindsight=hindsight,
        detectable=detectable(len(count), 1 / 3),
        systems=tuple(_made(held, each) for each in systems(study, before)),
        growth=growth(after, names, followed, plan.sizes, seed),
        diversity=diversity(after, names, MIXTURES, seed),
        attacks=attacked(after, names, followed, plan.malicious, _suspects(names), seed),
        seed=seed,
    )


def _suspects(members: Sequence[str]) -> Masking | None:
    """Who finds them: their votes alone, without a key. Of two, votes do not say who is wrong."""
    if len(members) < 3:
        return None
    return lambda answers, asked: screen(answers.sheet(asked, keyed=False)).suspects


def systems(study: Study, development: Sealed) -> tuple[System, ...]:
    """The systems that are compared; weights and choices come from the development items."""
    known = competences_by_task(development.sheet())
    return (
        by_rule("plurality"),
        by_rule("soft"),
        by_rule("bayes"),
        by_rule("competence", known),
        declared(study.priorities),
        measured(known),
        measured(known, 3),
    )


def _model(held: _Held, name: str, development: float) -> Model:
    right = held.answers.right(name)
    roles: dict[str, Role] = {offered.file.name: role for role, offered in held.study.controls}
    return Model(
        name=name,
        role=roles.get(name),
        accuracy=_mean(held, right),
        development=development,
        tasks=by_task(held.answers.items, right),
        tokens=_tokens(held.answers, [name]),
    )


def _made(held: _Held, system: System) -> Made:
    names, answers = held.study.names, held.answers
    scores, seed = system.scores(answers, names), held.study.plan.seed
    drawn = {
        each: [resampled(answers, each, item, len(names)) for item in answers.items]
        for each in held.rivals
    }
    return Made(
        name=system.name,
        what=system.what,
        accuracy=_mean(held, scores),
        tasks=by_task(answers.items, scores),
        tokens=_tokens(answers, names),
        gains=tuple(_gain(held, scores, each, answers.right(each)) for each in held.rivals),
        at_equal_tokens=tuple(_gain(held, scores, each, drawn[each]) for each in held.rivals),
        emergence=emergence(answers, names, scores, held.best, seed),
        regression=regression(answers, names, scores),
        priorities=own_priorities(answers, scores, held.study.priorities),
    )


def _gain(held: _Held, scores: Sequence[float], name: str, other: Sequence[float]) -> Gain:
    return Gain(
        over=name,
        difference=_mean(held, [own - its for own, its in zip(scores, other, strict=True)]),
        relative=_over_tasks(
            held, [scores, other], lambda first, second: (first - second) / second
        ),
    )


def _mean(held: _Held, values: Sequence[float]) -> Interval:
    found = _over_tasks(held, [values], lambda first: first)
    assert found is not None, "a mean of finite values is finite"
    return found


def _over_tasks(
    held: _Held, columns: Sequence[Sequence[float]], figure: Callable[..., Any]
) -> Interval | None:
    """A figure of means over tasks: items are drawn anew within each task."""

    def of_means(means: Any) -> Any:
        return figure(*(column.mean(axis=1) for column in means))

    return bootstrap(columns, of_means, strata=held.tasks, seed=held.study.plan.seed)


def _tokens(answers: Sealed, members: Sequence[str]) -> float | None:
    """Of an item, the mean; None where one of them is not known."""
    counted = [_given(answers.answers[item.name], members) for item in answers.items]
    known = [each for each in counted if each is not None]
    return sum(known) / len(known) if len(known) == len(counted) else None


def _given(given: Mapping[str, Any], members: Sequence[str]) -> int | None:
    found = [given[each].tokens for each in members]
    return None if None in found else sum(found)
