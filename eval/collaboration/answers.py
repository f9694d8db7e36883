"""Answers: who chose what on which questions, and, where it is known, what was right."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from folkmoot.eval.stored import Stored, counted_ballots, transcript_of
from folkmoot.records import QUESTION, InputError, Transcript
from folkmoot.records.base import Frozen

When = Literal["first", "last", "ballots"]
"""first: the blind stances that seats took before they heard anybody. last: their last stances. ballots:
what the decision counted."""


class Item(Frozen):
    """A choice question."""

    id: str = Field(min_length=1)
    options: tuple[str, ...] = Field(min_length=2)
    right: str | None = None
    """The right option; None where nobody says."""
    task: str | None = None
    """The task set that it is of."""
    question: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(set(self.options)) < len(self.options):
            raise ValueError(f"item {self.id!r}: two options are the same")
        if self.right is not None and self.right not in self.options:
            raise ValueError(f"item {self.id!r}: {self.right!r} is none of the options")
        return self

    @property
    def chance(self) -> float:
        """How often a blind guess is right."""
        return 1 / len(self.options)


class Answer(Frozen):
    """What one seat answered to one item."""

    item: str
    seat: str
    choice: str | None = None
    """None: it abstained, or could not be read. It counts as no answer, never as a wrong one."""


class Given(NamedTuple):
    """An answer that can be counted, with its item."""

    item: Item
    seat: str
    choice: str


class AnswerSheet(Frozen):
    """Items, and what seats answered to them. Not every seat has to have answered every item.

    Raises:
        InputError: two items have one id, a seat answers one item twice, or an answer is to no item
            or none of its options.
    """

    items: tuple[Item, ...]
    answers: tuple[Answer, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        known = {item.id: item for item in self.items}
        if len(known) < len(self.items):
            raise InputError("two items have one id", "give each item an id of its own")
        seen: set[tuple[str, str]] = set()
        for answer in self.answers:
            item = known.get(answer.item)
            if item is None:
                raise InputError(
                    f"{answer.seat!r} answers {answer.item!r}, which is no item",
                    "give every item that is answered",
                )
            if answer.choice is not None and answer.choice not in item.options:
                raise InputError(
                    f"{answer.seat!r} chose {answer.choice!r} on item {item.id!r}, "
                    "which is none of its options",
                    "give what could not be read as None",
                )
            if (answer.item, answer.seat) in seen:
                raise InputError(
                    f"{answer.seat!r} answers item {item.id!r} twice",
                    "give one answer of each seat",
                )
            seen.add((answer.item, answer.seat))
        return self

    @property
    def seats(self) -> tuple[str, ...]:
        """Who answered anything, in the order of the answers."""
        return tuple(dict.fromkeys(answer.seat for answer in self.answers))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The task sets of the items, in their order."""
        return tuple(dict.fromkeys(item.task for item in self.items if item.task is not None))

    def given(self) -> tuple[Given, ...]:
        """The answers that can be counted, in their order."""
        known = {item.id: item for item in self.items}
        return tuple(
            Given(known[each.item], each.seat, each.choice)
            for each in self.answers
            if each.choice is not None
        )

    def by_item(self) -> dict[str, dict[str, str]]:
        """Item → seat → choice; every item is there."""
        found: dict[str, dict[str, str]] = {item.id: {} for item in self.items}
        for each in self.given():
            found[each.item.id][each.seat] = each.choice
        return found

    def only(self, items: Iterable[str]) -> Self:
        """These items and the answers to them."""
        kept = set(items)
        return type(self)(
            items=tuple(item for item in self.items if item.id in kept),
            answers=tuple(each for each in self.answers if each.item in kept),
        )

    def of_task(self, task: str) -> Self:
        """The items of one task set.

        Raises:
            InputError: there are none.
        """
        found = [item.id for item in self.items if item.task == task]
        if not found:
            known = ", ".join(self.tasks) or "none"
            raise InputError(f"no item is of the task {task!r}", f"task sets here: {known}")
        return self.only(found)

    def without(self, seats: Iterable[str]) -> Self:
        """The same items, without the answers of these seats."""
        out = set(seats)
        return type(self)(
            items=self.items, answers=tuple(each for each in self.answers if each.seat not in out)
        )


def answers_of(
    runs: Iterable[Stored],
    right: Mapping[str, str] | None = None,
    *,
    when: When = "first",
    task: Mapping[str, str] | str | None = None,
) -> AnswerSheet:
    """What seats answered in deliberations on choice questions. An item's id is its run's.

    Args:
        runs: any runs: as they were returned, or the folders of their records.
        right: id of the run → the right option, where it is known.
        when: which of a seat's answers. Estimates without a key take answers to be independent of
            each other: what seats say after an exchange is not.
        task: the task set that the questions are of; where they are of several, id of the run → task.

    Raises:
        InputError: a question is an open one or one of values, two runs have one id, or a seat has
            several ballots.
        RecordError: there is no record in a folder.
    """
    items: list[Item] = []
    answers: list[Answer] = []
    for seen in map(transcript_of, runs):
        opening = seen.opening
        if opening.options is None:
            raise InputError(
                f"the question of {opening.run_id!r} is an open one", "give choice questions"
            )
        if opening.of_values:
            raise InputError(
                f"the question of {opening.run_id!r} is one of values: no answer to it is wrong",
                "give questions of which one option is right",
            )
        items.append(
            Item(
                id=opening.run_id,
                options=opening.options,
                right=(right or {}).get(opening.run_id),
                task=task if isinstance(task, str) or task is None else task.get(opening.run_id),
                question=opening.question,
            )
        )
        answers += [
            Answer(item=opening.run_id, seat=seat, choice=choice)
            for seat, choice in _choices(seen, when)
        ]
    return AnswerSheet(items=tuple(items), answers=tuple(answers))


def _choices(seen: Transcript, when: When) -> list[tuple[str, str | None]]:
    if when == "ballots":
        if seen.decision is None:
            return []
        return [(each.seat, each.choice) for each in counted_ballots(seen, seen.decision)]
    place = 0 if when == "first" else -1
    taken = {seat: seen.stands(QUESTION, seat) for seat in seen.opening.seats}
    return [(seat, each[place].choice) for seat, each in taken.items() if each]
