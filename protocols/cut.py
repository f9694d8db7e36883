"""The cut: which seats stand together, from relations that are each unsure.

Every seat is put into a camp so that the evidence is explained best: claims that attack each other
pull their seats apart, claims that support each other together. Of a yes-or-no question there are two
camps, and a message that supports the question puts its seat into the one, one that attacks it into the
other; else there are as many as explain most. The best split is held against the best way to put
everybody into one camp: the difference is the evidence that there is a conflict. (A maximum cut with unary
terms, as in Thomas et al. 2006, "Get out the vote"; with any number of camps, Bansal et al. 2004,
"Correlation clustering".)

Nobody speaks a conflict of two others away: seats of which the judgements say nothing count for nothing,
and two who surely contradict each other are a conflict even if a third agrees with both.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from folkmoot.protocols.camps import Camps, Ties, best_split

_LEAST = 0.01
"""A probability is held this far from 0 and 1: one judgement never outweighs everything."""

_TELLING = 0.1
"""A balance of less says nothing: it neither pulls nor counts among what a seat was compared with."""

_PULL = 0.03
"""Judgements that pull a seat to a camp by less say nothing of where it stands."""


class Weights(NamedTuple):
    """What a judgement counts, and how the evidence becomes a probability."""

    question: float = 1.0
    """A message against the question."""
    pair: float = 0.6
    """Two claims of different seats, beside judgements of the question."""
    pair_alone: float = 2.0
    """The same where the question is not one that a message can be for or against."""
    slope: float = 4.0
    bar: float = 0.45
    """The evidence at which a conflict is as likely as not. With the shipped clerk 31 of 34 planted
    conflicts that were drawn for setting it came to 0.7 and more, and 19 runs of one mind to -0.25 and
    less."""
    two: float = 0.8
    """How much of the evidence of two seats by themselves counts beside what all others say of them."""


WEIGHTS = Weights()


class Cut(NamedTuple):
    """Which seats stand together."""

    sides: Mapping[str, int]
    """Seat → its camp: 1 or -1 where the question was judged, 1 for it; else from 1 up."""
    evidence: float
    """How much better the split explains the judgements than everybody in one camp does."""
    confidence: float
    """The probability of a conflict."""
    decided: frozenset[str] = frozenset()
    """Seats of which the judgements say where they stand; of the others they say next to nothing."""
    together: int = 0
    """In which camp everybody is if there is no conflict: 1 or -1; 0 where nothing says."""


def cut(
    seats: Sequence[str],
    question: Mapping[str, Sequence[float]],
    pairs: Mapping[tuple[str, str], Sequence[float]],
    weights: Weights = WEIGHTS,
) -> Cut:
    """The best split of the seats.

    Args:
        seats: who is to be put into a camp; at least two.
        question: seat → for each judged message of its, the balance from -1 (attacks the question
            for sure) to 1 (supports it for sure). Empty where it is no yes-or-no question.
        pairs: two seats → for each judged pair of their claims, the balance.
        weights: what each kind of judgement counts.
    """
    place = {seat: at for at, seat in enumerate(seats)}
    own = [weights.question * _mean(question.get(seat, ())) for seat in seats]
    balances = {(place[a], place[b]): _mean(each) for (a, b), each in pairs.items()}
    count = weights.pair if question else weights.pair_alone
    camps = Camps(own, Ties.of(len(seats), _pulls(balances, count)), polar=bool(question))
    split = best_split(camps)
    stand = {at for at, kept in enumerate(camps.margins(split)) if abs(kept) >= 2 * _PULL}
    evidence = camps.worth(split) - camps.together()
    apart, two = _surest_two(own, balances, count)
    if apart is not None and weights.two * two > evidence:
        # Others stand between them: whoever those are, these two are apart.
        split, evidence = best_split(camps, apart), weights.two * two
        kept = camps.margins(split)
        stand = {*apart, *(at for at, each in enumerate(kept) if each >= 2 * _PULL)}
    chance = 1 / (1 + math.exp(-weights.slope * (evidence - weights.bar)))
    mean = math.fsum(own)
    return Cut(
        dict(zip(seats, split, strict=True)),
        round(evidence, 6),
        round(chance, 6),
        frozenset(seats[at] for at in stand),
        (mean > 0) - (mean < 0),
    )


def balance(probabilities: Mapping[str, float]) -> float:
    """The log-odds of support against attack, from -1 to 1: 0 where the clerk says neither."""
    support, attack = probabilities.get("support", 0.0), probabilities.get("attack", 0.0)
    most = math.log((1 - _LEAST) / _LEAST)
    odds = math.log(max(support, _LEAST) / max(attack, _LEAST))
    return max(-1.0, min(1.0, odds / most))


def _pulls(balances: Mapping[tuple[int, int], float], count: float) -> dict[tuple[int, int], float]:
    """What pulls two seats together or, below 0, apart. What is said of a seat counts in all about as
    much as one judgement, however many seats it was compared with."""
    telling = {pair: each for pair, each in balances.items() if abs(each) >= _TELLING}
    compared: dict[int, int] = {}
    for pair in telling:
        for seat in pair:
            compared[seat] = compared.get(seat, 0) + 1
    return {
        (a, b): count * each / math.sqrt(compared[a] * compared[b])
        for (a, b), each in telling.items()
    }


def _surest_two(
    own: Sequence[float], balances: Mapping[tuple[int, int], float], count: float
) -> tuple[tuple[int, int] | None, float]:
    """The two seats that would be the surest conflict if nobody else were there, and its evidence."""
    found: tuple[tuple[int, int] | None, float] = (None, 0.0)
    for (a, b), each in sorted(balances.items()):
        # Apart, the two explain |own a - own b| - each; together, |own a + own b| + each.
        evidence = abs(own[a] - own[b]) - abs(own[a] + own[b]) - 2 * count * each
        if each < 0 and evidence > found[1]:
            found = ((a, b), evidence)
    return found


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
