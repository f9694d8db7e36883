"""Masking: seats that votes on many questions show to be suspect, without a key.

A seat is suspect that is right less often than a blind guess, or far less often than the panel's median,
by the accuracies of Dawid and Skene (`one_coin`) and beyond what chance explains. That holds of questions
of which one option is right, that seats answered on their own, on a panel of which most are better than a
guess. Whoever differs on a question of values is no suspect.
"""

from collections.abc import Iterable, Iterator
from statistics import median

from pydantic import Field

from folkmoot.agents import Panel
from folkmoot.eval.collaboration.alike import Pair, alike, groups
from folkmoot.eval.collaboration.answers import AnswerSheet
from folkmoot.eval.collaboration.competence import competences
from folkmoot.eval.collaboration.dawid_skene import OneCoin, one_coin
from folkmoot.eval.collaboration.reputation import plurality_of_others
from folkmoot.eval.people import seated
from folkmoot.eval.statistics import Interval, wilson
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

MARGIN = 0.1
"""How far below the panel's median a seat's whole interval must be."""


class Screened(Frozen):
    """What the votes show of one seat."""

    seat: str
    answered: int
    chance: float
    """What a blind guess would be right, as a share."""
    accuracy: Interval
    agreement: Interval | None = None
    """The share of items on which it chose what most of the others did, where one option led among
    them; None where none ever did."""
    why: tuple[str, ...] = ()
    """Why it is suspect; () if it is not."""


class Screening(Frozen):
    """What the votes show of a panel."""

    seats: dict[str, Screened]
    median: float
    """Of the accuracies."""
    alike: tuple[Pair, ...] = ()
    """Pairs that agree more often than their accuracies explain. They are no suspects for it."""
    groups: tuple[tuple[str, ...], ...] = ()
    """The same, as groups: each is little more than one voice."""
    cautions: tuple[str, ...] = ()
    """What speaks against relying on it; () for nothing that was seen."""
    fit: OneCoin = Field(repr=False)
    """The estimates that it rests on, with the likeliest answers."""

    @property
    def suspects(self) -> tuple[str, ...]:
        """The seats that are suspect, in the order of the answers."""
        return tuple(seat for seat, each in self.seats.items() if each.why)


def screen(sheet: AnswerSheet, *, error: float = 0.05, margin: float = MARGIN) -> Screening:
    """Look for suspect seats.

    Args:
        sheet: what seats answered, each by itself; `answers_of` reads it from records. A key is not
            needed; items that have one are held at it.
        error: about the chance of accusing any seat of a panel of equals, shared out over its seats.
        margin: how far below the panel's median a seat's interval must be.

    Raises:
        InputError: fewer than three seats answered, or an argument is out of its range.
    """
    if not 0 < error < 1:
        raise InputError(f"the error {error} is not between 0 and 1")
    if not 0 <= margin < 1:
        raise InputError(f"the margin {margin} is not from 0 to 1")
    answering = {each.seat for each in sheet.given()}
    if len(answering) < 3:
        raise InputError(
            f"{len(answering)} seats answered: of fewer than three, votes do not say who is wrong",
            "give the answers of more seats, or a key: competences",
        )
    level = 1 - error / len(answering)
    fit, turned = _fitted(sheet, level)
    middle = median(fit.accuracies.values())
    pairs = alike(sheet, fit.accuracies, error)
    against = _against_the_key(sheet, fit, level)
    found = {seat: _screened(sheet, fit, seat, middle, margin, level) for seat in fit.seats}
    return Screening(
        seats=found,
        median=middle,
        alike=pairs,
        groups=groups(pairs),
        cautions=(*_cautions(fit, found, turned=turned, keyed=_keyed(sheet)), *against),
        fit=fit,
    )


def masked(panel: Panel, suspects: Iterable[str]) -> Panel:
    """The panel without these seats.

    Raises:
        InputError: one of them is not on the panel, or nobody is left.
    """
    out = tuple(suspects)
    names = [agent.name for agent in panel]
    if strange := [seat for seat in out if seat not in names]:
        raise InputError(f"no agent is named {strange[0]!r}", f"the panel has: {', '.join(names)}")
    return seated(panel, [name for name in names if name not in out])


def _fitted(sheet: AnswerSheet, level: float) -> tuple[OneCoin, bool]:
    """The fit in which most seats are better than a guess, and whether that took a second start.

    A clique that always agrees can outvote seats that are right a little more often than not, and then
    fits as if it alone were right. Most seats come out below chance then: from their votes alone the
    other fit is found. Where some items have a key, they say who is right.
    """
    fit = one_coin(sheet, level=level)
    if _keyed(sheet):
        return fit, False
    below = [seat for seat, each in fit.seats.items() if each.accuracy.value < each.chance]
    if 2 * len(below) <= len(fit.seats):
        return fit, False
    others = [seat for seat in fit.seats if seat not in below]
    again = one_coin(sheet, level=level, start=sheet.without(others))
    left = [seat for seat, each in again.seats.items() if each.accuracy.value < each.chance]
    return (again, True) if len(left) < len(below) else (fit, False)


def _screened(
    sheet: AnswerSheet, fit: OneCoin, seat: str, middle: float, margin: float, level: float
) -> Screened:
    estimate = fit.seats[seat]
    accuracy, chance = estimate.accuracy, estimate.chance
    agreement = _agreement(sheet, seat, level)
    why: list[str] = []
    if accuracy.high < chance:
        why.append(
            f"right on {accuracy.value:.0%} ({accuracy.low:.0%} to {accuracy.high:.0%}), "
            f"where a blind guess is on {chance:.0%}"
        )
    if accuracy.high < middle - margin:
        why.append(
            f"right on {accuracy.high:.0%} at most, where the panel's median is {middle:.0%}"
        )
    # Agreement alone accuses the honest where a clique leads: it counts only for who is below anyway.
    if agreement is not None and agreement.high < chance and accuracy.value < middle - margin:
        why.append(
            f"with most of the others on {agreement.value:.0%}, where a blind guess is on {chance:.0%}"
        )
    return Screened(
        seat=seat,
        answered=estimate.answered,
        chance=chance,
        accuracy=accuracy,
        agreement=agreement,
        why=tuple(why),
    )


def _agreement(sheet: AnswerSheet, seat: str, level: float) -> Interval | None:
    held = [
        (votes[seat], most)
        for votes in sheet.by_item().values()
        if seat in votes and (most := plurality_of_others(votes, seat)) is not None
    ]
    return wilson(sum(choice == most for choice, most in held), len(held), level)


def _cautions(
    fit: OneCoin, found: dict[str, Screened], *, turned: bool, keyed: bool
) -> Iterator[str]:
    if not fit.converged:
        yield "the estimates had not converged"
    if turned:
        yield (
            "a minority that agrees outvotes the others: the seats that are suspect may be the only "
            "ones that are right; give some items a key"
        )
    by_key = "" if keyed else ", and no item has a key: nothing says that the others are right"
    if 2 * sum(bool(each.why) for each in found.values()) >= len(found):
        yield f"half of the panel or more is suspect{by_key}"
    elif 2 * sum(each.accuracy.value < each.chance for each in found.values()) > len(found):
        yield f"most seats come out worse than a blind guess{by_key}"


def _against_the_key(sheet: AnswerSheet, fit: OneCoin, level: float) -> Iterator[str]:
    """Where a clique that agrees on most items outweighs the few that have a key."""
    if not _keyed(sheet):
        return
    for seat, each in competences(sheet, level=level).items():
        p = fit.accuracies.get(seat)
        if p is not None and each.share is not None and not each.share.low <= p <= each.share.high:
            yield (
                f"{seat!r} is taken to be right on {p:.0%}, and is on {each.right} of the "
                f"{each.answered} items that have a key: give more items one"
            )


def _keyed(sheet: AnswerSheet) -> bool:
    return any(each.item.right is not None for each in sheet.given())
