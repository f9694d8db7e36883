"""Pruned topologies: of another topology's edges those are kept that the record speaks for.

An edge is weighed by a rule over what was on record before the round: one of `WEIGHTS`, or a function
`(seen, reader, read) -> weight`, None where there is nothing to go by. What cannot be weighed is kept.
"""

from collections.abc import Callable, Mapping

from folkmoot.protocols.adjacency import Near
from folkmoot.records import Transcript

Weight = Callable[[Transcript, str, str], float | None]


def agreement(seen: Transcript, reader: str, read: str) -> float | None:
    """The share of rounds in which both took a valid stance, and the same."""
    both = _both(seen, reader, read)
    return sum(mine == theirs for mine, theirs in both) / len(both) if both else None


def disagreement(seen: Transcript, reader: str, read: str) -> float | None:
    """The share of rounds in which both took a valid stance, and different ones."""
    agreed = agreement(seen, reader, read)
    return None if agreed is None else 1 - agreed


def certainty(seen: Transcript, reader: str, read: str) -> float | None:
    """The mean probability that the seat read gave to its own choices."""
    given = [
        stance.probabilities[stance.choice]
        for stance in seen.stands(seat=read)
        if stance.choice is not None and stance.probabilities
    ]
    return sum(given) / len(given) if given else None


def trust(seen: Transcript, reader: str, read: str) -> float | None:
    """Certainty times disagreement: the two factors of CortexDebate's trust that a record holds.

    Its reliability is the mean confidence of the rounds before, its intimacy the difference of
    views (arXiv 2507.03928). Its credibility is the size of the model, which is not on record, and
    its self-orientation how often a seat takes part, which is the same for all here.
    """
    sure, apart = certainty(seen, reader, read), disagreement(seen, reader, read)
    return None if sure is None or apart is None else sure * apart


WEIGHTS: Mapping[str, Weight] = {
    "agreement": agreement,
    "disagreement": disagreement,
    "certainty": certainty,
    "trust": trust,
}


def pruned(near: Near, seen: Transcript, weight: Weight, at_least: float | None) -> Near:
    """The edges whose weight reaches the bar; None: the mean of the reader's weighed edges, which
    is CortexDebate's."""
    kept: Near = {}
    for reader, read in near.items():
        weights = {seat: weight(seen, reader, seat) for seat in read if seat != reader}
        known = [each for each in weights.values() if each is not None]
        bar = sum(known) / len(known) if at_least is None and known else at_least
        # Equal weights are all at their mean, whatever rounding makes of it.
        low = None if bar is None else bar - 1e-9
        kept[reader] = {
            seat for seat, each in weights.items() if each is None or low is None or each >= low
        }
    return kept


def _both(seen: Transcript, one: str, other: str) -> list[tuple[str, str]]:
    def held(seat: str) -> dict[int, str]:
        return {
            stance.round: stance.choice
            for stance in seen.stands(seat=seat)
            if stance.state == "valid" and stance.choice is not None
        }

    mine, theirs = held(one), held(other)
    return [(mine[round], theirs[round]) for round in mine if round in theirs]
