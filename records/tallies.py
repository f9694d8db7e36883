"""Tallies of decision rules, written anew for the recount: none of it is shared with the rules."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from folkmoot.records.acts import Ballot

Tally = dict[str, Fraction]
Options = Sequence[str]


def ranks_above(ballot: Ballot, a: str, b: str) -> bool:
    """Whether a ballot ranks `a` strictly above `b`; options left out rank below all, tied."""
    if a not in ballot.ranking:
        return False
    return b not in ballot.ranking or ballot.ranking.index(a) < ballot.ranking.index(b)


def _decimal(value: float) -> Fraction:
    """As it is written: .1 is a tenth."""
    return Fraction(str(value))


def _approvals(ballots: Sequence[Ballot], options: Options) -> Tally:
    named = [option for ballot in ballots for option in ballot.approvals or ()]
    return {option: Fraction(named.count(option)) for option in options}


def _points(ballots: Sequence[Ballot], options: Options) -> Tally:
    spread = [each for ballot in ballots for each in (ballot.points or {}).items()]
    return {o: Fraction(sum(points for to, points in spread if to == o)) for o in options}


def _scores(ballots: Sequence[Ballot], options: Options) -> Tally:
    given = [each for ballot in ballots for each in (ballot.scores or {}).items()]
    sums = {o: sum((_decimal(n) for to, n in given if to == o), Fraction(0)) for o in options}
    return {option: whole / len(ballots) for option, whole in sums.items()}


def _borda(ballots: Sequence[Ballot], options: Options) -> Tally:
    """Of every other option one point if it is below, half if neither is above the other."""
    half = Fraction(1, 2)
    return {
        a: sum(
            (
                Fraction(ranks_above(ballot, a, b))
                + half * (not ranks_above(ballot, a, b) and not ranks_above(ballot, b, a))
                for ballot in ballots
                for b in options
                if b != a
            ),
            Fraction(0),
        )
        for a in options
    }


def _lead(ballots: Sequence[Ballot], a: str, b: str) -> int:
    return sum(ranks_above(each, a, b) - ranks_above(each, b, a) for each in ballots)


def _copeland(ballots: Sequence[Ballot], options: Options) -> Tally:
    won = {(a, b): _lead(ballots, a, b) for a in options for b in options if a != b}
    points = {1: Fraction(1), 0: Fraction(1, 2), -1: Fraction(0)}
    return {
        a: sum((points[(n > 0) - (n < 0)] for (x, _), n in won.items() if x == a), Fraction(0))
        for a in options
    }


def _minimax(ballots: Sequence[Ballot], options: Options) -> Tally:
    return {
        a: Fraction(min([0, *(_lead(ballots, a, b) for b in options if b != a)])) for a in options
    }


TALLIES: Final[dict[str, tuple[str, Callable[[Sequence[Ballot], Options], Tally]]]] = {
    "approval": ("approvals", _approvals),
    "cumulative": ("points", _points),
    "score": ("scores", _scores),
    "borda": ("ranking", _borda),
    "copeland": ("ranking", _copeland),
    "minimax": ("ranking", _minimax),
}
"""Rule that decides for the most → the part of a ballot that it reads, and how that is counted."""
