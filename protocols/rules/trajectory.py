"""Free-MAD's score: what seats held on the way counts, and most what they came to hold."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.found import Found, best
from folkmoot.records import Ballot

_INITIAL, _ABANDONED, _ADOPTED, _KEPT = 20, -25, 30, 20


def trajectory(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """+20 for an option held first, then in every round -25 for the one abandoned and +30 for the one
    adopted, or +20 for the one kept, each × 1/(round+1); divided by the number of seats that ever
    held the option (Free-MAD, arXiv 2509.11035). A round without a valid stance gives nothing."""
    tally = dict.fromkeys(options, Fraction(0))
    holders: dict[str, set[str]] = {option: set() for option in options}
    for ballot in ballots:
        before: str | None = None
        for round, held in enumerate(ballot.held or ()):
            if held is None or held not in tally:
                continue
            holders[held].add(ballot.seat)
            if before is None or before == held:
                tally[held] += Fraction(_INITIAL if before is None else _KEPT, round + 1)
            else:
                tally[before] += Fraction(_ABANDONED, round + 1)
                tally[held] += Fraction(_ADOPTED, round + 1)
            before = held
    return best(
        options, {option: tally[option] / max(1, len(holders[option])) for option in options}
    )
