"""Statement: what a contributor cost, what it was worth, and how its own priorities fared.

Worth has two axes, quality and plurality, and they are never added. A verdict against a contributor is
given only where the whole interval is against it: one that touches zero shows nothing.
"""

from typing import Any, Final

from pydantic import Field, computed_field

from folkmoot.eval.statistics import Interval
from folkmoot.records.accounts import Account
from folkmoot.records.base import Frozen

STATEMENT_SCHEMA, WORTH_SCHEMA = "statement/1", "worth/1"

LEAST_QUESTIONS: Final = 20
"""Questions under which no interval and no verdict is given: over a few of them an interval is too
narrow (docs/worth.md has how narrow)."""


class Axis(Frozen):
    """What a contributor is worth on one axis: its Shapley value, the mean over questions.

    Several runs of one question count as one, by their mean.
    """

    questions: int
    value: float
    interval: Interval | None = None
    """Over questions, 95%; None where they are too few."""
    leave_one_out: float
    """What would be missing without it, the others staying as they are."""
    per_engine_s: float | None = None
    """Worth for a second of an engine, of a GPU where it runs on one; None where seconds are not on
    record."""
    per_engine_s_interval: Interval | None = None


class Quality(Axis):
    """In accuracy: together the values of a panel are its accuracy above a guess."""

    alone: float | None = None
    """How often its own blind first answers are right."""
    pairs: int | None = None
    """Pairs of orders drawn, where the players of a run were too many to value every coalition."""

    @computed_field
    @property
    def verdict(self) -> str:
        """In words."""
        if self.questions < LEAST_QUESTIONS:
            return _too_few(self.questions)
        words = {"more": "raises accuracy", "less": "lowers accuracy", "": "no effect is shown"}
        return words[shown(self.interval)]


class Plurality(Axis):
    """In elements of the conflict log. It is never negative."""

    kinds: dict[str, float]
    """Of which kind they are: positions, sides, values, claims; together they are the value."""

    @computed_field
    @property
    def verdict(self) -> str:
        """In words."""
        if self.questions < LEAST_QUESTIONS:
            return _too_few(self.questions)
        if not shown(self.interval):
            return "no effect is shown"
        if self.leave_one_out > 0:
            return "adds to the log what nobody else does"
        return "shares with others all that it adds to the log"


class Priority(Frozen):
    """How a task set that the contributor declared as its priority fared: the panel against its model
    alone."""

    task: str
    questions: int
    """For which the right answer is known and the model was asked blind."""
    system: float | None = None
    """How often the panel's decision is right."""
    alone: float | None = None
    """How often the contributor's blind first answers are."""
    difference: float | None = None
    """The panel less the model alone, on the same questions."""
    interval: Interval | None = None
    """Of the difference, over questions, 95%; None where they are too few."""

    @computed_field
    @property
    def verdict(self) -> str:
        """In words."""
        if not self.questions:
            return "not measured"
        if self.questions < LEAST_QUESTIONS:
            return _too_few(self.questions)
        words = {
            "more": "the panel does better than its model alone",
            "less": "the panel does worse than its model alone",
            "": "no difference is shown",
        }
        return words[shown(self.interval)]


class Statement(Frozen):
    """A contributor's account."""

    contributor: str
    """The name of a contributor; of a seat where `named` is false."""
    named: bool
    seats: tuple[str, ...]
    """That it had in any run."""
    models: tuple[str, ...]
    same_as: tuple[str, ...] = ()
    """Other contributors that were one with it in some run: what they were worth is split evenly."""
    runs: int
    cost: Account
    """Over all its runs. What is not on record is absent."""
    quality: Quality | None = None
    """None where no right answer is known."""
    plurality: Plurality
    priorities: tuple[Priority, ...] = ()

    @property
    def name(self) -> str:
        """As it is shown."""
        return self.contributor if self.named else f"seat {self.contributor}"

    def as_json(self) -> dict[str, Any]:
        """The statement as JSON values, with its schema."""
        return {"schema": STATEMENT_SCHEMA, **self.plain()}


class Worth(Frozen):
    """The statements of all contributors over some runs."""

    statements: tuple[Statement, ...]
    runs: int
    questions: int
    """Different ones."""
    accuracy: float | None = None
    """How often the panel's decision is right, where that is known: the mean over questions."""
    accuracy_interval: Interval | None = None
    votes: str
    """Which votes quality counts: blind first answers, or the last ones."""
    total: Account
    """What all runs cost."""
    others: Account
    """Of that, calls of no seat: clerks and the like."""
    aborted: int = 0
    """Calls that were called off. They are in nobody's account."""
    without_quality: dict[str, str] = Field(default_factory=dict)
    """Record → why it is not counted for quality."""
    left_out: dict[str, str] = Field(default_factory=dict)
    """Record → why it is not counted at all."""
    seed: int

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints, with its schema."""
        return {"schema": WORTH_SCHEMA, **self.plain()}


def shown(interval: Interval | None) -> str:
    """Which way an interval is, if all of it is one way: more, less; else ""."""
    if interval is None or not interval.excludes_zero:
        return ""
    return "more" if interval.low > 0 else "less"


def _too_few(questions: int) -> str:
    return f"too few questions to tell: {questions} of at least {LEAST_QUESTIONS}"
