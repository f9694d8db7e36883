"""Rules that look at the share of first choices."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.found import Found, best, first_choices, first_of
from folkmoot.records import Ballot

_TURNS, _FEW, _LATER = 5, 3, Fraction(3, 4)
"""Hybrid consensus: unanimity for the first five turns or up to three agents, then three quarters."""


def plurality(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Most first choices."""
    return best(options, first_choices(ballots, options))


def majority(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """More than half of the first choices."""
    return _barred(ballots, options, Fraction(1, 2), above=True)


def supermajority(
    ballots: Sequence[Ballot], options: Sequence[str], *, threshold: Fraction | None = None
) -> Found:
    """At least the threshold of the first choices; two thirds where none is given."""
    return _barred(ballots, options, Fraction(2, 3) if threshold is None else threshold)


def unanimity(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """All first choices."""
    return _barred(ballots, options, Fraction(1))


def hybrid(ballots: Sequence[Ballot], options: Sequence[str], *, turn: int = 1) -> Found:
    """Unanimity in the first five turns or among up to three agents, then three quarters (Yin et
    al., arXiv 2312.01823, as MALLM has it, arXiv 2509.11656)."""
    early = turn <= _TURNS or len(ballots) <= _FEW
    return _barred(ballots, options, Fraction(1) if early else _LATER)


def dictator(
    ballots: Sequence[Ballot], options: Sequence[str], *, seat: str | None = None
) -> Found:
    """The first choice of one seat: the chair, who has seen the votes where its ballot was asked for
    after them (GEDI, arXiv 2410.15168)."""
    tally = first_choices(ballots, options)
    mine = [ballot for ballot in ballots if ballot.seat == seat]
    choice = first_of(mine[-1], options) if mine else None
    if choice is None:
        return Found((), tally, why=f"{seat} cast no valid ballot")
    return Found((choice,), tally, decided_by=seat)


def _barred(
    ballots: Sequence[Ballot], options: Sequence[str], bar: Fraction, *, above: bool = False
) -> Found:
    """Whoever has the most, if its share of these ballots reaches the bar, or is above it."""
    found = best(options, first_choices(ballots, options))
    share = Fraction(max(found.tally.values(), default=0)) / max(1, len(ballots))
    reached = share > bar if above else share >= bar
    return found if reached else found._replace(winners=())
