"""Rules that read how good each option is to each seat: scores and grades."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.duels import Pairs
from folkmoot.protocols.rules.found import Found, best, exact
from folkmoot.records import Ballot


def scored(ballot: Ballot, option: str) -> Fraction:
    """What a ballot gives an option; one that it leaves out gets nothing."""
    return exact((ballot.scores or {}).get(option, 0.0))


def score(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """The best mean score (range voting)."""
    return best(
        options,
        {
            option: sum((scored(b, option) for b in ballots), Fraction(0)) / max(1, len(ballots))
            for option in options
        },
    )


def star(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Score, then automatic run-off: of the two best by score the one that more ballots score above
    the other. Where ties leave open which two those are, every such pair runs."""
    found = score(ballots, options)
    tally = found.tally
    if len(found.winners) > 1:
        finals = [(a, b) for a in found.winners for b in found.winners if a != b]
    else:
        rest = [option for option in options if option not in found.winners]
        second = max((tally[option] for option in rest), default=None)
        finals = [
            (first, option) for first in found.winners for option in rest if tally[option] == second
        ]
    if not finals:
        return found
    prefer = _preferred(ballots, options)
    won: set[str] = set()
    for a, b in finals:
        lead = prefer[a, b] - prefer[b, a]
        won |= {a, b} if lead == 0 else {a if lead > 0 else b}
    margin = None
    if len(finals) == 1:
        ((a, b),) = finals
        margin = abs(prefer[a, b] - prefer[b, a])
    return Found(tuple(option for option in options if option in won), tally, margin)


def majority_judgement(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """The best median grade, the lower of the two middle ones (Balinski and Laraki 2010).

    Equal medians: an option with more grades above the median than below comes before one with fewer;
    the more above in the first case, the fewer below in the second, the better (their gauge).
    """
    gauges = {option: _gauge(ballots, option) for option in options}
    top = max(gauges.values())
    leaders = tuple(option for option in options if gauges[option] == top)
    medians = {option: gauge[0] for option, gauge in gauges.items()}
    ranked = sorted(medians.values(), reverse=True)
    return Found(leaders, medians, ranked[0] - ranked[1] if len(ranked) > 1 else ranked[0])


def _gauge(ballots: Sequence[Ballot], option: str) -> tuple[int, int]:
    grades = sorted((ballot.grades or {}).get(option, 0) for ballot in ballots)
    median = grades[(len(grades) - 1) // 2]
    above = sum(grade > median for grade in grades)
    below = sum(grade < median for grade in grades)
    return median, above if above > below else -below


def _preferred(ballots: Sequence[Ballot], options: Sequence[str]) -> Pairs:
    """How many ballots score the first of a pair above the second."""
    given = [{option: scored(ballot, option) for option in options} for ballot in ballots]
    return {
        (a, b): sum(scores[a] > scores[b] for scores in given)
        for a in options
        for b in options
        if a != b
    }
