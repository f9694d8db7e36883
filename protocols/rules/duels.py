"""Rules that hold every two options against each other."""

from collections.abc import Sequence
from fractions import Fraction

from folkmoot.protocols.rules.found import Found, best
from folkmoot.records import Ballot

Pairs = dict[tuple[str, str], int]


def pairwise(valid: Sequence[Ballot], options: Sequence[str]) -> Pairs:
    """How many ballots rank the first of a pair strictly above the second. Unranked ones are last."""
    places = [{option: place for place, option in enumerate(ballot.ranking)} for ballot in valid]
    last = max([len(options), *(len(ballot.ranking) for ballot in valid)])
    return {
        (a, b): sum(1 for place in places if place.get(a, last) < place.get(b, last))
        for a in options
        for b in options
        if a != b
    }


def margins(ballots: Sequence[Ballot], options: Sequence[str]) -> Pairs:
    """By how many ballots the first of a pair leads the second; negative where it trails."""
    prefer = pairwise(ballots, options)
    return {(a, b): votes - prefer[b, a] for (a, b), votes in prefer.items()}


def schulze(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Schulze's method with winning votes as the strength of a link (Schulze 2011, section 2)."""
    prefer = pairwise(ballots, options)
    strength = _widest(
        options, {(a, b): votes if votes > prefer[b, a] else 0 for (a, b), votes in prefer.items()}
    )
    beats = {(a, b) for (a, b), value in strength.items() if value > strength[b, a]}
    wins = {option: sum((option, b) in beats for b in options) for option in options}
    winners = tuple(option for option in options if not any((a, option) in beats for a in options))
    margin = None
    if len(winners) == 1:
        (winner,) = winners
        others = [option for option in options if option != winner]
        margin = min((strength[winner, b] - strength[b, winner] for b in others), default=None)
    return Found(winners, wins, margin)


def copeland(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Most pairwise wins, a tie counting half (Copeland 1951)."""
    lead = margins(ballots, options)
    return best(
        options,
        {
            a: sum(
                (Fraction((lead[a, b] > 0) * 2 + (lead[a, b] == 0), 2) for b in options if b != a),
                Fraction(0),
            )
            for a in options
        },
    )


def minimax(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """The least bad worst defeat, by margin; the tally is minus that margin (Simpson, Kramer)."""
    lead = margins(ballots, options)
    worst = {a: max((lead[b, a] for b in options if b != a), default=0) for a in options}
    return best(options, {option: -max(0, value) for option, value in worst.items()})


def split_cycle(ballots: Sequence[Ballot], options: Sequence[str]) -> Found:
    """Undefeated once each majority cycle has lost its weakest links (Holliday and Pacuit 2023).

    An option defeats another if it leads it by more than any chain of leads back is strong. The tally
    counts the options that each defeats.
    """
    lead = margins(ballots, options)
    back = _widest(options, {pair: max(0, margin) for pair, margin in lead.items()})
    beats = {(a, b) for (a, b), margin in lead.items() if margin > max(0, back[b, a])}
    wins = {option: sum((option, b) in beats for b in options) for option in options}
    return Found(
        tuple(option for option in options if not any((a, option) in beats for a in options)), wins
    )


def _widest(options: Sequence[str], links: Pairs) -> Pairs:
    """How strong the strongest path between any two is; it is as strong as its weakest link."""
    strength = dict(links)
    for via in options:
        for a in options:
            for b in options:
                if a != b and via not in (a, b):
                    path = min(strength[a, via], strength[via, b])
                    strength[a, b] = max(strength[a, b], path)
    return strength
