"""Rules that draw the winner: the tally says how likely each option is."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.duels import Pairs, margins
from folkmoot.protocols.rules.found import Found, Number, first_choices
from folkmoot.protocols.rules.linear import maximum
from folkmoot.records import Ballot

LOTS = 2**31
"""How many lots there are: a draw is a number from 0 to one less."""


def random_ballot(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """A ballot is drawn, and its first choice wins: each option is as likely as its first choices are
    many (Gibbard 1977)."""
    tally = first_choices(ballots, options)
    return Found(tuple(o for o in options if tally[o]), tally, drawn=True)


def maximal_lotteries(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """A lottery that no other beats: to none does it lose by expected margin (Kreweras 1965, Fishburn
    1984). Of several such the one that treats the least likely option best, then the next."""
    lead = margins(ballots, options)
    top = _dominant(options, lead)
    odds: dict[str, Fraction] = dict.fromkeys(options, Fraction(0)) | _fairest(top, lead)
    return Found(tuple(o for o in options if odds[o]), odds, drawn=True)


def drawn(options: Sequence[str], tally: dict[str, Number], draw: int) -> str:
    """The option that a lot falls on, each as likely as its part of the tally."""
    point = Fraction(draw, LOTS) * sum(tally[option] for option in options)
    for option in options:
        point -= tally[option]
        if point < 0:
            return option
    raise ValueError(f"{draw} is no lot")


def _dominant(options: Sequence[str], lead: Pairs) -> list[str]:
    """The smallest set of options each of which leads every other option (Smith)."""
    wins = {a: sum(lead[a, b] >= 0 for b in options if b != a) for a in options}
    inside: set[str] = {o for o in options if wins[o] == max(wins.values())}
    while True:
        more = {b for b in options if any(a != b and lead[a, b] <= 0 for a in inside - {b})}
        if more <= inside:
            return [option for option in options if option in inside]
        inside |= more


def _fairest(options: Sequence[str], lead: Pairs) -> dict[str, Fraction]:
    """Of the lotteries that no other beats the one whose smallest chance is largest, then the next
    smallest, and so on: there is just one, whatever the order of the options."""
    if not any(lead[a, b] for a in options for b in options if a != b):
        return dict.fromkeys(options, Fraction(1, len(options)))
    fixed: dict[str, Fraction] = {}
    while len(fixed) < len(options):
        free = [option for option in options if option not in fixed]
        least = _most(None, options, lead, fixed, free)
        floor = {**fixed, **dict.fromkeys(free, least)}
        for option in free:
            if _most(option, options, lead, floor, ()) == least:
                fixed[option] = least
    return fixed


def _most(
    option: str | None,
    options: Sequence[str],
    lead: Pairs,
    floor: dict[str, Fraction],
    free: Sequence[str],
) -> Fraction:
    """The largest chance that an option (None: each of those free) can have where the others have no
    less than their floor. Chances come first in each row, then that of the free ones."""
    rows: list[list[Fraction | int]] = [[*[1] * len(options), 0]]
    rows += [[*(Fraction(-lead[a, b]) if a != b else 0 for a in options), 0] for b in options]
    rows += [[*(least - (a == o) for a in options), 0] for o, least in floor.items()]
    rows += [[*(Fraction(-(a == o)) for a in options), 1] for o in free]
    goal = [int(a == option) for a in options] + [int(option is None)]
    return maximum(goal, rows, [1] + [0] * (len(rows) - 1))
