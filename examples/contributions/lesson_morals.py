"""Items of moral judgement: the same scenarios, decided by different weights of what is wrong.

MoralChoice (Scherrer et al. 2023, arXiv 2307.14324) tags each of two actions with the rules that it violates,
after the ten of Gert's common morality. A weighing takes the action that violates fewer of the rules that weigh
most to it. Where these do not decide, it takes the action that violates fewer of all, but only in scenarios that
their authors call unambiguous; in the others it has no lesson.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lesson_items import Item, Row, plain, rows, tidy, unlettered

WEIGHED: dict[str, tuple[str, ...]] = {
    "moral-care": ("death", "pain", "disable"),
    "moral-rules": ("break_law", "break_promise", "cheat", "deceive", "duty"),
    "moral-freedom": ("freedom", "pleasure"),
    "moral-outcomes": (),
}
"""What weighs most to each; to the last every violation weighs the same."""


def moral(folder: Path) -> Iterator[Item]:
    """The scenarios that leave no doubt, with the action that their authors call right."""
    for row in rows(folder, "moralchoice"):
        if row["answer"]:
            yield _choice(row, "AB".index(row["answer"]))


def weighed(name: str, folder: Path) -> Iterator[Item]:
    """The scenarios, with the action that this weighing takes."""
    for row in rows(folder, "moralchoice"):
        sides = row["violations_a"], row["violations_b"]
        first, second = ([each for each in side if each in WEIGHED[name]] for side in sides)
        if len(first) == len(second) and (not WEIGHED[name] or row["ambiguity"] == "low"):
            first, second = sides
        if len(first) != len(second):
            yield _choice(row, int(len(second) < len(first)))


care, rules, freedom, outcomes = (partial(weighed, name) for name in WEIGHED)


def _choice(row: Row, right: int) -> Item:
    options = tuple(tidy(each) for each in unlettered(row["choices"]))
    return Item(row["id"], plain(row["context"]), row["question"], options, options[right])
