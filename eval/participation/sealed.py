"""Sealed first answers: every member is asked every item once, blind, on record.

Whatever a panel would have voted is a recount of these: no coalition of members is asked anew. A member's
blind first stance does not depend on who else is asked, so it is its answer alone as well.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents import Panel, lot
from folkmoot.eval.collaboration.answers import Answer as Choice
from folkmoot.eval.collaboration.answers import AnswerSheet
from folkmoot.eval.collaboration.answers import Item as Keyed
from folkmoot.eval.course import Asked, Course
from folkmoot.eval.match import side_by_side
from folkmoot.eval.participation.items import Item
from folkmoot.graphs import Watch
from folkmoot.graphs.check import asked_models
from folkmoot.graphs.run import held
from folkmoot.pool import Pool
from folkmoot.protocols import Conclude, Contest, Decide, Rule, Stand
from folkmoot.protocols.composed import Composed
from folkmoot.records import InputError, Outcome, Stance

SEALED = Composed(
    name="sealed", parts=(Stand(), Contest(), Decide(rule=Rule(name="plurality")), Conclude())
)
"""Every seat weighs the options, blind; whatever is decided is not looked at."""


class Answer(NamedTuple):
    """What a member answered."""

    shares: Mapping[str, float] | None
    """Option → probability, the mean over both orders; None: no answer that could be read."""
    tokens: int | None = None
    """Sent and written for it; None where an engine did not report them."""

    def right(self, item: Item) -> float:
        """1 where the right option alone is likeliest, less where others are as likely; 0 without an
        answer."""
        if not self.shares:
            return 0.0
        top = max(self.shares.values())
        best = [option for option, share in self.shares.items() if share == top]
        return 1 / len(best) if item.answer in best else 0.0


class Sealed(NamedTuple):
    """The answers of all members to all items, controls among them."""

    items: tuple[Item, ...]
    members: tuple[str, ...]
    answers: Mapping[str, Mapping[str, Answer]]
    """Name of an item → member → its answer."""

    def right(self, member: str, items: Iterable[Item] | None = None) -> list[float]:
        """How right a member alone is, item by item."""
        asked = self.items if items is None else items
        return [self.answers[item.name][member].right(item) for item in asked]

    def sheet(self, members: Sequence[str] | None = None, *, keyed: bool = True) -> AnswerSheet:
        """Each member's likeliest option, the first of several that are as likely.

        Args:
            members: whose; None for all.
            keyed: whether it says what is right.
        """
        return AnswerSheet(
            items=tuple(
                Keyed(
                    id=item.name,
                    options=item.options,
                    right=item.answer if keyed else None,
                    task=item.task,
                )
                for item in self.items
            ),
            answers=tuple(
                Choice(
                    item=item.name,
                    seat=member,
                    choice=_likeliest(self.answers[item.name][member]),
                )
                for item in self.items
                for member in (self.members if members is None else members)
            ),
        )

    def on(self, items: Iterable[Item]) -> "Sealed":
        """The same on some of the items."""
        return self._replace(items=tuple(items))


async def collect(
    items: Sequence[Item],
    panel: Panel,
    pool: Pool,
    folder: Path,
    *,
    at_once: int = 4,
    watch: Watch | None = None,
    seed: int = 0,
) -> Sealed:
    """Ask every member every item; what is on record in the folder is not asked again.

    Args:
        items: what is asked.
        panel: the members, or a control.
        folder: of the records, one for each item.
        at_once: items side by side.

    Raises:
        InputError: there is no item.
        RecordError: a record there is of another panel.
    """
    if not items:
        raise InputError("there are no items", "give at least one")
    course, places = Course(pool, folder, watch), asyncio.Semaphore(at_once)

    async def one(place: int, item: Item) -> Outcome:
        asked = Asked(place, item.name, item.question, item.options)
        async with places:
            return await course.run(item.task, asked, panel, SEALED, lot(seed, "item", item.name))

    async with held(pool, asked_models(panel, SEALED, items[0].options), watch):
        runs = await side_by_side([one(place, item) for place, item in enumerate(items)])
    return sealed(items, runs)


def sealed(items: Sequence[Item], runs: Sequence[Outcome]) -> Sealed:
    """The answers that are on record.

    Args:
        items: what was asked.
        runs: in their order, all of one panel.
    """
    answers = {item.name: _answers(run) for item, run in zip(items, runs, strict=True)}
    return Sealed(tuple(items), runs[0].transcript.opening.seats, answers)


def together(parts: Sequence[Sealed]) -> Sealed:
    """The answers of several panels to the same items, as if all had sat on one.

    Args:
        parts: in the order in which their members are to be named.
    """
    answers = {
        item.name: {
            name: given for part in parts for name, given in part.answers[item.name].items()
        }
        for item in parts[0].items
    }
    return Sealed(parts[0].items, tuple(name for part in parts for name in part.members), answers)


def _likeliest(answer: Answer) -> str | None:
    return max(answer.shares, key=answer.shares.__getitem__) if answer.shares else None


def _shares(stance: Stance | None) -> dict[str, float] | None:
    """In the order of the options: what is drawn from them is drawn alike from a record read anew."""
    if stance is None or stance.probabilities is None:
        return None
    return {option: stance.probabilities[option] for option in stance.options}


def _answers(run: Outcome) -> dict[str, Answer]:
    first = {stance.seat: stance for stance in reversed(run.transcript.stances)}
    found: dict[str, Answer] = {}
    for seat in run.transcript.opening.seats:
        stance, line = first.get(seat), run.ledger.seats.get(seat)
        counted = None if line is None or line.prompt is None else line.prompt
        if counted is not None and line is not None:
            counted += line.completion or 0
        found[seat] = Answer(_shares(stance), counted)
    return found
