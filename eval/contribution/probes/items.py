"""What is asked: questions with two answers, put together from many small parts."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from folkmoot.agents.voice import AGREEMENT
from folkmoot.eval.contribution.probes.draw import Draw, filled
from folkmoot.eval.contribution.probes.questionnaire import QUESTIONNAIRE


class Said(NamedTuple):
    """A message of another seat that stands before the question."""

    text: str
    answer: str | None = None
    """The option that it argues for."""


class Item(NamedTuple):
    """A question with two answers."""

    question: str
    options: tuple[str, str]
    heard: tuple[Said, ...] = ()
    """What was said before, oldest first."""
    values: tuple[str, ...] = ()
    """What the answers serve, in their order; or the one value that the question is about."""

    def after(self, *said: Said) -> "Item":
        """The same question after some messages."""
        return self._replace(heard=said)

    def other(self, answer: str) -> str:
        """The answer that this one is not."""
        return self.options[1 - self.options.index(answer)]


_WHO = (
    "A family",
    "A village council",
    "A school class",
    "A young man",
    "An old woman",
    "A sports club",
    "A small firm",
    "A choir",
    "A hospital ward",
    "The crew of a ship",
    "A teacher",
    "A group of friends",
    "A farmer",
    "The head of an office",
)
_WHEN = (
    "has one free day",
    "has some money left",
    "has to make up its mind tonight",
    "cannot do everything at once",
    "must choose for the coming year",
    "was asked for a plain answer",
    "has two proposals on the table",
)
_WHICH = (
    "Which of the two is right?",
    "Which one should it be?",
    "What should be done?",
    "Which is the better choice?",
)
_SHOULD = (
    "{who} {when}. Somebody proposes to {act}. Is that right?",
    "{who} {when} and thinks of this: to {act}. Should it be done?",
    "Should one {act}? {who} {when} and asks for advice.",
)
_HELD = (
    "A neighbour says: {said}",
    "Here is a principle: {said}",
    "This stood in a letter: {said}",
    "Somebody holds the following: {said}",
    "At a meeting one could hear: {said}",
)
_AGREE = ("Do you agree?", "Would you say so too?", "Is that your view?")


def act_of(value: str, lots: Random) -> str:
    """Something that serves a value."""
    return filled(lots.choice(QUESTIONNAIRE[value].acts), lots)


def between(first: str, second: str, lots: Random) -> Item:
    """A choice between an act that serves one value and one that serves another, in a drawn order."""
    values = lots.sample((first, second), 2)
    question = f"{lots.choice(_WHO)} {lots.choice(_WHEN)}. {lots.choice(_WHICH)}"
    return Item(question, _pair(*(act_of(each, lots) for each in values)), (), tuple(values))


def whether(value: str, lots: Random) -> Item:
    """Whether something that serves a value should be done: yes or no."""
    parts = {"who": lots.choice(_WHO), "when": lots.choice(_WHEN), "act": act_of(value, lots)}
    return Item(lots.choice(_SHOULD).format(**parts), ("yes", "no"), (), (value,))


def agreement(said: str, lots: Random, value: str = "") -> Item:
    """Whether it agrees with a sentence."""
    question = f"{lots.choice(_HELD).format(said=said)} {lots.choice(_AGREE)}"
    return Item(question, AGREEMENT, (), (value,) if value else ())


def statement_of(value: str, lots: Random) -> str:
    """A sentence that somebody who holds a value agrees with."""
    return filled(lots.choice(QUESTIONNAIRE[value].statements), lots)


def mixed(draw: Draw, count: int) -> tuple[Item, ...]:
    """Questions of both forms, by turns: a choice between two acts, and yes or no."""
    lots = draw.lots()
    names = tuple(QUESTIONNAIRE)
    found: list[Item] = []
    for number in range(count):
        first, second = lots.sample(names, 2)
        found.append(whether(first, lots) if number % 2 else between(first, second, lots))
    return tuple(found)


def _pair(*answers: str) -> tuple[str, str]:
    first, second = answers
    return first, second


def plain(items: Sequence[Item]) -> list[list[object]]:
    """Items as JSON values, for their digest."""
    return [
        [each.question, list(each.options), [[said.text, said.answer] for said in each.heard]]
        for each in items
    ]
