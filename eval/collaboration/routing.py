"""Routing: which seats of a panel a question goes to, and why these.

By declared priority: seats whose contributors made them for the question's task set. By measured
competence: seats that did best on the development items that are nearest to the question (the local
accuracy of Woods, Kegelmeyer and Bowyer 1997). Both are functions of what they are given: the same
arguments give the same seats.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from folkmoot.agents import Panel
from folkmoot.eval.collaboration.answers import AnswerSheet
from folkmoot.eval.collaboration.competence import STRENGTH, Competence, competences
from folkmoot.eval.collaboration.nearness import Nearness
from folkmoot.eval.people import seated
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

NEAREST = 8
"""Development items that a question is held against."""


class Looked(Frozen):
    """What was looked at of one seat."""

    seat: str
    why: str
    figures: dict[str, float] = Field(default_factory=dict)
    """What the choice rests on, by name."""


class Near(Frozen):
    """A development item that counted."""

    item: str
    likeness: float


class Route(Frozen):
    """Who was chosen for a question, and why."""

    by: Literal["priority", "competence"]
    chosen: tuple[Looked, ...]
    """By priority in the panel's order, by competence the best first."""
    left_out: tuple[Looked, ...] = ()
    near: tuple[Near, ...] = ()
    """By competence: the items that counted, the nearest first."""
    nearness: str = ""
    """By competence: what was compared."""
    fallback: str = ""
    """Why the route is wider than was asked for; "" if it is not."""

    @property
    def seats(self) -> tuple[str, ...]:
        """The seats that were chosen."""
        return tuple(each.seat for each in self.chosen)


class Routed(NamedTuple):
    """A panel for a question, and how it came about."""

    panel: Panel
    """The chosen seats, in the order of the panel that they are from."""
    route: Route


def by_priority(panel: Panel, tasks: str | Iterable[str]) -> Routed:
    """The seats that declare one of the question's task sets among their priorities.

    Names are compared whatever their case and white space. Where no seat declares any, all are taken,
    and `fallback` says so.

    Raises:
        InputError: no task set is named.
    """
    asked = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    wanted = {_plain(task): task for task in asked if task.strip()}
    if not wanted:
        raise InputError("no task set is named", "name the one that the question is of")
    declared = {
        agent.name: [each for each in agent.priorities if _plain(each) in wanted] for agent in panel
    }
    listed = ", ".join(repr(task) for task in wanted.values())
    if not any(declared.values()):
        every = tuple(Looked(seat=agent.name, why="every seat is taken") for agent in panel)
        fallback = f"no seat declares {listed} among its priorities"
        return Routed(panel, Route(by="priority", chosen=every, fallback=fallback))
    chosen = tuple(
        Looked(seat=seat, why=f"declares {', '.join(repr(each) for each in found)}")
        for seat, found in declared.items()
        if found
    )
    left_out = tuple(
        Looked(seat=seat, why=f"does not declare {listed}")
        for seat, found in declared.items()
        if not found
    )
    route = Route(by="priority", chosen=chosen, left_out=left_out)
    return Routed(seated(panel, route.seats), route)


def by_competence(
    panel: Panel,
    sheet: AnswerSheet,
    near: Nearness,
    seats: int,
    *,
    nearest: int = NEAREST,
    strength: float = STRENGTH,
) -> Routed:
    """The seats that did best on the development items nearest to the question.

    Ranked by skill on these items, then by skill on all, then by the panel's order. A seat that was not
    measured counts as a blind guess. Where no item is near, all count, and `fallback` says so.

    Args:
        panel: whom to choose from.
        sheet: what they answered to the development items, which have a key.
        near: how near these are: `near_by_words`, `near_by_embeddings`.
        seats: how many to choose.
        nearest: how many items count, at most.
        strength: of the shrinking towards chance; see `competences`.

    Raises:
        InputError: the panel has not so many seats, or no item has a key.
    """
    if not 1 <= seats <= len(panel):
        raise InputError(
            f"{seats} of {len(panel)} seats cannot be chosen", "choose 1 or more of them"
        )
    if nearest < 1:
        raise InputError(f"nearest is {nearest}; it must be at least 1")
    overall = competences(sheet, strength=strength)
    keyed = [item.id for item in sheet.items if item.right is not None]
    close = near.nearest(nearest, keyed)
    local = competences(sheet.only(close), strength=strength) if close else overall
    order = {agent.name: place for place, agent in enumerate(panel)}
    ranked = sorted(
        order, key=lambda seat: (-_skill(local, seat), -_skill(overall, seat), order[seat])
    )
    looked = [_looked(seat, local, overall, nearest=bool(close)) for seat in ranked]
    route = Route(
        by="competence",
        chosen=tuple(looked[:seats]),
        left_out=tuple(looked[seats:]),
        near=tuple(Near(item=item, likeness=near.figures[item]) for item in close),
        nearness=_compared(near),
        fallback="" if close else "no development item is near to the question: all count",
    )
    return Routed(seated(panel, route.seats), route)


def _skill(found: Mapping[str, Competence], seat: str) -> float:
    # To so many digits that equal figures are equal, however they were summed.
    return round(found[seat].skill, 9) if seat in found else 0.0


def _looked(
    seat: str,
    local: Mapping[str, Competence],
    overall: Mapping[str, Competence],
    *,
    nearest: bool,
) -> Looked:
    if seat not in overall:
        return Looked(seat=seat, why="it was not measured: it counts as a blind guess")
    here, all_of_it = local.get(seat), overall[seat]
    whole = f"on {_of(all_of_it, 'in all')}"
    figures = {"skill": round(_skill(overall, seat), 6), "right": float(all_of_it.right)}
    if not nearest or here is None:
        return Looked(seat=seat, why=f"right {whole}", figures=figures)
    figures = {
        "skill on the nearest": round(_skill(local, seat), 6),
        "right of the nearest": float(here.right),
        **figures,
    }
    why = f"right on {_of(here, 'nearest items')}, {whole}"
    return Looked(seat=seat, why=why, figures=figures)


def _of(found: Competence, what: str) -> str:
    unread = found.asked - found.answered
    said = f"{found.right} of {found.asked} {what}"
    return f"{said} ({unread} without an answer)" if unread else said


def _compared(near: Nearness) -> str:
    if near.by == "embeddings":
        return f"embeddings of {near.model}"
    return f"words ({near.why})" if near.why else "words"


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
