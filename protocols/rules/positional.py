"""Rules that give options points: by approval, by spreading points, by rank."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.found import Found, best, first_choices
from folkmoot.records import Ballot


def approval(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Most approvals (Brams and Fishburn 1978)."""
    return best(
        options, {option: sum(option in (b.approvals or ()) for b in ballots) for option in options}
    )


def cumulative(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Most points, of which each seat spreads the same number (arXiv 2502.19130)."""
    return best(
        options,
        {option: sum((b.points or {}).get(option, 0) for b in ballots) for option in options},
    )


def borda(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """m-1 points for the first of m, 0 for the last; unranked options share what is left evenly."""
    halves = dict.fromkeys(options, 0)
    for ballot in ballots:
        ranked = [option for option in ballot.ranking if option in halves]
        rest = dict.fromkeys(options, len(options) - len(ranked) - 1)
        rest |= {option: 2 * (len(options) - 1 - at) for at, option in enumerate(ranked)}
        for option, points in rest.items():
            halves[option] += points
    return best(options, {option: Fraction(points, 2) for option, points in halves.items()})


def irv(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Instant run-off: drop the options with the fewest first choices, all that tie for fewest, until
    one has more than half of what is still ranked. If all that remain tie, all of them win.

    The tally is that of the last round; a ballot that ranks none of the rest is exhausted.
    """
    standing = list(options)
    while True:
        tally = first_choices(ballots, standing)
        whole = {option: tally.get(option, 0) for option in options}
        most, fewest = max(tally.values()), min(tally.values())
        if 2 * most > sum(tally.values()) or most == fewest:
            return best(standing, tally)._replace(tally=whole)
        standing = [option for option in standing if tally[option] > fewest]
