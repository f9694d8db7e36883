"""Competence: how often a seat is right, from a development set, and what its vote should weigh.

On a question of m options a seat that is right with probability p, and whose errors fall on the other
options alike, should weigh log((m-1)p/(1-p)): of independent votes with these weights the heaviest option
is the likeliest one (Nitzan and Paroush 1982, for two options log(p/(1-p)); for m it follows from the
likelihood p for the choice and (1-p)/(m-1) for each other option). A blind guess, p = 1/m, weighs
nothing.

The decision rule `competence` weighs log(p/(1-p)) whatever m is. The p that makes it weigh as above is
(m-1)p/(1+(m-2)p): `in_rule`.
"""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from folkmoot.eval.collaboration.answers import AnswerSheet, Given
from folkmoot.eval.statistics import Interval, wilson
from folkmoot.protocols import Rule
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

STRENGTH = 2.0
"""As many made-up items, answered at chance, are added to what was measured. On questions of two options
it is the prior Beta(1, 1); 1 is Jeffreys' Beta(1/2, 1/2)."""

_DIGITS = 6
"""Of a competence on record. So near to 0 or 1 nothing can be told apart."""


class Competence(Frozen):
    """How often one seat was right."""

    seat: str
    asked: int
    """Items with a key that it was asked."""
    answered: int
    """Of these, those with an answer that could be read: the others count neither way."""
    right: int
    chance: float | None = None
    """What a blind guess would have been right of the answered ones, as a share; None of nothing."""
    share: Interval | None = None
    """The share that was right, with its interval (Wilson 1927); None where nothing was answered."""
    strength: float = STRENGTH

    @property
    def skill(self) -> float:
        """The share beyond chance: 0 for a blind guess, 1 for a seat that is always right, shrunk
        towards 0 as if `strength` items more had been answered at chance."""
        if self.chance is None:
            return 0.0
        beyond = self.right - self.answered * self.chance
        return beyond / ((self.answered + self.strength) * (1 - self.chance))

    def at(self, options: int) -> float:
        """How often it is taken to be right on a question of so many options.

        Measured on questions of as many options it is (right + strength/m) / (answered + strength). From
        other numbers it is 1/m + skill·(1 - 1/m): a seat that knows, or guesses blind. It is never
        nearer to 0 or 1 than that many items could show.
        """
        chance = 1 / _counted(options)
        weight = self.answered + self.strength
        if self.chance is None:
            return chance
        low = self.strength * chance / weight
        high = (self.answered + self.strength * chance) / weight
        return min(high, max(low, chance + self.skill * (1 - chance)))

    @property
    def above_chance(self) -> bool:
        """Whether its whole interval is."""
        if self.share is None or self.chance is None:
            return False
        return self.share.low > self.chance


def competences(
    sheet: AnswerSheet,
    task: str | None = None,
    *,
    strength: float = STRENGTH,
    level: float = 0.95,
) -> dict[str, Competence]:
    """Seat → how often it is right, in the order of the answers.

    Args:
        sheet: what seats answered on their own; items without a key are left out.
        task: the task set to measure on; None for all.
        strength: of the shrinking towards chance; 0 for none.
        level: of confidence, of the intervals.

    Raises:
        InputError: no item of the task has a key, or the strength is below 0.
    """
    if not (strength >= 0 and math.isfinite(strength)):
        raise InputError(f"the strength {strength} is not 0 or more")
    chosen = sheet if task is None else sheet.of_task(task)
    keyed = {item.id for item in chosen.items if item.right is not None}
    if not keyed:
        raise InputError(
            "no item says what is right",
            "give items a key, or estimate without one: folkmoot.eval.collaboration.one_coin",
        )
    asked: dict[str, int] = dict.fromkeys(sheet.seats, 0)
    for answer in chosen.answers:
        asked[answer.seat] += answer.item in keyed
    by_seat: dict[str, list[Given]] = {seat: [] for seat in asked}
    for each in chosen.given():
        if each.item.id in keyed:
            by_seat[each.seat].append(each)
    return {
        seat: _competence(seat, asked[seat], mine, strength, level)
        for seat, mine in by_seat.items()
    }


def _competence(
    seat: str, asked: int, mine: list[Given], strength: float, level: float
) -> Competence:
    right = sum(each.choice == each.item.right for each in mine)
    guessed = sum(Fraction(1, len(each.item.options)) for each in mine)
    return Competence(
        seat=seat,
        asked=asked,
        answered=len(mine),
        right=right,
        chance=float(guessed / len(mine)) if mine else None,
        share=wilson(right, len(mine), level),
        strength=strength,
    )


def by_task(sheet: AnswerSheet, *, strength: float = STRENGTH) -> dict[str, dict[str, Competence]]:
    """Task set → seat → competence, of the task sets that have a key.

    Raises:
        InputError: as `competences`.
    """
    keyed = dict.fromkeys(item.task for item in sheet.items if item.right is not None)
    tasks = [task for task in keyed if task is not None]
    return {task: competences(sheet, task, strength=strength) for task in tasks}


def weight(p: float, options: int) -> float:
    """What the vote of a seat that is right with probability p should weigh, in nats: see the module.

    Raises:
        InputError: p is not above 0 and below 1, or there are not two options.
    """
    within = in_rule(p, options)
    return math.log(within) - math.log1p(-within)


def in_rule(p: float, options: int) -> float:
    """The competence that makes the rule `competence` weigh log((m-1)p/(1-p)): (m-1)p/(1+(m-2)p).

    For two options it is p itself; for p = 1/m it is a half, which weighs nothing. To six decimals.

    Raises:
        InputError: p is not above 0 and below 1, or there are not two options.
    """
    m = _counted(options)
    if not 0 < p < 1:
        raise InputError(
            f"a competence of {p} would outweigh everybody, or count for nothing",
            "shrink it: competences(…, strength=2)",
        )
    exact = Fraction(repr(p))
    # A third is no decimal number: what is a blind guess as far as six digits go weighs nothing.
    if round(float(exact * m), _DIGITS) == 1:
        return 0.5
    inside = round(float((m - 1) * exact / (1 + (m - 2) * exact)), _DIGITS)
    return min(1 - 10**-_DIGITS, max(10**-_DIGITS, inside))


def competence_rule(
    found: Mapping[str, Competence | float],
    options: int,
    seats: Iterable[str] | None = None,
    *,
    floor: bool = False,
) -> Rule:
    """The decision rule that weighs seats by competence, on a question of so many options.

    Seats that are not named count for nothing but the quorum.

    Args:
        found: seat → its competence, or how often it is right.
        options: of the question to be decided.
        seats: those of them that will vote; None for all. A rule must not name seats that a panel
            does not have.
        floor: whether a seat below chance counts for nothing. Without it, it counts against what it
            chooses, as it should if it is below chance indeed; then an option may win that nobody chose.

    Raises:
        InputError: a seat has no competence, or one that cannot be weighed.
    """
    chosen = tuple(found) if seats is None else tuple(seats)
    if missing := [seat for seat in chosen if seat not in found]:
        raise InputError(
            f"nothing was measured of {missing[0]!r}", f"there are: {', '.join(found)}"
        )
    inside = {seat: in_rule(_right(found[seat], options), options) for seat in chosen}
    if floor:
        inside = {seat: max(0.5, p) for seat, p in inside.items()}
    return Rule(name="competence", competences=inside)


def _right(found: Competence | float, options: int) -> float:
    return found.at(options) if isinstance(found, Competence) else found


def _counted(options: int) -> int:
    if options < 2:
        raise InputError(f"{options} options leave no choice", "give the number of options")
    return options
