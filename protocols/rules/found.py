"""What a count comes to, and the exact numbers that it is made with."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from folkmoot.records import Ballot
from folkmoot.records.decisions import DecisionStatus

Number = int | Fraction


class Found(NamedTuple):
    """What a rule finds in the ballots, before any tie is broken."""

    winners: tuple[str, ...]
    """In the order of the options; () where the rule's bar was not reached."""
    tally: Mapping[str, Number | float]
    """Per option, what the rule counts."""
    margin: Number | float | None = None
    """By how much the winner leads."""
    drawn: bool = False
    """The winner is drawn: the tally says how likely each option is, up to a common factor."""
    views: tuple[tuple[str, ...], ...] = ()
    """For a plural answer: every set of options that is best, one unless they tie."""
    decided_by: str | None = None
    """The seat that decided by itself."""
    why: str = ""
    """Why there is no winner, where the figures alone do not say it."""


class Count(NamedTuple):
    """What a rule makes of the ballots."""

    status: DecisionStatus
    winner: str | None
    tied: tuple[str, ...]
    """Options that led equally, whether or not the tie was broken."""
    tally: dict[str, float]
    margin: float | None
    views: tuple[str, ...] | None = None
    """The options that a plural answer is made of."""
    blocked: dict[str, tuple[str, ...]] | None = None
    """Option → the seats that blocked it, where seats could."""
    decided_by: str | None = None
    counted: int = 0
    """How many ballots carry what the rule reads."""
    why: str = ""


class Occasion(NamedTuple):
    """What a rule may know besides the ballots. All of it is put on record with the decision."""

    draw: int = 0
    """A lot of 31 bits, fixed by the run's seed and the step."""
    turn: int = 1
    """How many rounds there have been, the first among them."""
    perspectives: Mapping[str, str] = {}
    """Seat → whose perspective it shares: the first seat that declared the same."""
    of_values: bool = False
    """Whether the question is one of values."""


def exact(value: float) -> Fraction:
    """The decimal number as it is written on record: .1 is a tenth."""
    return Fraction(repr(value))


def best(options: Sequence[str], tally: Mapping[str, Number]) -> Found:
    """Whoever has the most; the margin is the lead over the next, over nobody all of it."""
    ranked = sorted((tally[option] for option in options), reverse=True)
    if not ranked:
        return Found((), tally)
    leaders = tuple(option for option in options if tally[option] == ranked[0])
    return Found(leaders, tally, ranked[0] - ranked[1] if len(ranked) > 1 else ranked[0])


def first_choices(ballots: Sequence[Ballot], options: Sequence[str]) -> dict[str, int]:
    """How many ballots rank each option first; a ballot that ranks none of them counts for none."""
    tally = dict.fromkeys(options, 0)
    for ballot in ballots:
        first = first_of(ballot, options)
        if first is not None:
            tally[first] += 1
    return tally


def first_of(ballot: Ballot, options: Sequence[str]) -> str | None:
    """The first of these options that a ballot ranks."""
    return next((option for option in ballot.ranking if option in options), None)
