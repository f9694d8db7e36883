"""From a contributor's questions and answers to training examples: the very prompts of a deliberation.

A lesson is a question with the answer that the contribution should give, from options or in words of its
own. It is taught as its seat will be asked: by the prompts of the stages `stand` and `speak`, under the
declared perspective, options in both orders, so that neither an order nor a letter can be learned in
place of the matter.
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from folkmoot.agents import Agent
from folkmoot.agents.contribution_file import ContributionFile
from folkmoot.agents.values import SCHWARTZ_20
from folkmoot.eval.contribution.opened import opened
from folkmoot.pool.training import Example
from folkmoot.protocols import Speak, Stand
from folkmoot.protocols.stand import WEIGH
from folkmoot.records import (
    Call,
    ContributionError,
    Party,
    Place,
    Stance,
    Transcript,
)
from folkmoot.records.base import Frozen

_PLACE = Place(step=0, round=0, stage="lesson")


class Lesson(Frozen):
    """A question and what the contribution should answer.

    `{"question": "…", "options": ["yes", "no"], "answer": "yes"}`, with a `reason` or without one;
    or `{"question": "…", "answer": "any text"}`.
    """

    question: str = Field(min_length=1)
    options: tuple[str, ...] | None = Field(default=None, min_length=2, max_length=26)
    """The answers to choose from; None: the answer is a text."""
    answer: str = Field(min_length=1)
    """One of the options, or the text."""
    reason: str | None = Field(default=None, min_length=1)
    """What it should say for its choice; only beside options."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.options is None:
            if self.reason is not None:
                raise ValueError("a reason stands beside options: put it into the answer")
            return self
        if len(set(self.options)) < len(self.options):
            raise ValueError("two options are the same")
        if self.answer not in self.options:
            raise ValueError(f"the answer {self.answer!r} is none of the options")
        return self


def read_lessons(path: Path) -> tuple[Lesson, ...]:
    """Read a JSONL file of lessons; empty lines are skipped, and fields that a lesson does not have
    are passed over, such as an id.

    Raises:
        ContributionError: the file cannot be read or holds none; a line is no lesson, with its number.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise ContributionError(f"cannot read {str(path)!r}: {why}") from fault
    found = [
        _parsed(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not found:
        raise ContributionError(
            f"{str(path)!r} holds no lesson", "a line of it is a JSON object: question, answer"
        )
    return tuple(found)


class _Line(Lesson, extra="ignore"):
    """A lesson as a file has it."""


def _parsed(line: str, where: str) -> Lesson:
    try:
        return Lesson.model_validate(_Line.model_validate_json(line).model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise ContributionError(
            f"{where}: {f'{field}: ' if field else ''}{reason}",
            'a lesson is {"question": …, "options": […], "answer": …} or {"question": …, "answer": …}',
        ) from error


def examples(
    lessons: Iterable[Lesson], file: ContributionFile, seed: int = 0
) -> tuple[Example, ...]:
    """Training examples, in a drawn order: of a choice two, one for each order of the options, and a
    third with its reason; of a text one.

    Args:
        lessons: what is taught.
        file: the contribution, whose perspective every prompt declares.
        seed: of the order.
    """
    made = [
        example
        for lesson in lessons
        for example in (*_right(lesson, weighings(lesson, file)), *written(lesson, file))
    ]
    random.Random(seed).shuffle(made)
    return tuple(made)


def weighings(lesson: Lesson, file: ContributionFile) -> tuple[tuple[Example, ...], ...]:
    """For each order of the options, the given one and the reverse, every option as it is shown there;
    nothing where there are none."""
    if lesson.options is None:
        return ()
    calls = Stand().ask(_seen(lesson, file))
    return tuple(
        tuple(example(call, each, lesson.question) for each in call.options) for call in calls
    )


def written(lesson: Lesson, file: ContributionFile) -> tuple[Example, ...]:
    """What it should write: its answer, or the reason for its choice; nothing where it says none."""
    text = lesson.answer if lesson.options is None else lesson.reason
    if text is None:
        return ()
    return tuple(
        example(call, f" {text}", lesson.question, ends=True)
        for call in Speak().ask(_seen(lesson, file))
    )


def _right(lesson: Lesson, orders: Sequence[Sequence[Example]]) -> list[Example]:
    options = lesson.options or ()
    return [
        order[(options[::-1] if turned else options).index(lesson.answer)]
        for turned, order in enumerate(orders)
    ]


def _seen(lesson: Lesson, file: ContributionFile) -> Transcript:
    """The question before the seat, and its stance where it chose."""
    party = Agent.of(file.contribution(), file.name).party(SCHWARTZ_20)
    stance = () if lesson.options is None else (_stance(lesson, party),)
    opening = opened("lesson", lesson.question, lesson.options, (party,))
    return Transcript(opening, stance, _PLACE)


def _stance(lesson: Lesson, party: Party) -> Stance:
    return Stance(
        step=0,
        order=0,
        seat=party.seat,
        round=0,
        stage=WEIGH,
        options=lesson.options or (),
        state="valid",
        choice=lesson.answer,
        source="probabilities",
    )


def example(call: Call, target: str, group: str, *, ends: bool = False) -> Example:
    """A call as a training example.

    Args:
        call: what is asked.
        target: what is to be answered, with its leading blank.
        group: examples of one group share their beginning.
        ends: whether the reply ends there.
    """
    texts = {
        role: "".join(each.text for each in call.segments if each.role == role)
        for role in ("system", "user", "assistant")
    }
    return Example(
        system=texts["system"],
        user=texts["user"],
        prefix=texts["assistant"],
        target=target,
        closes=ends,
        group=group,
    )
