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
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from folkmoot.protocols.camps import Camps, Ties, best_split, shapes

_LEAST = 0.01
"""A probability is held this far from 0 and 1: one judgement never outweighs everything."""

_TELLING = 0.1
"""A balance of less says nothing: it neither pulls nor counts among what a seat was compared with."""

_ONE_WAY = 0.25
"""A seat stands where a camp pulls it by this share more than the next, of all that pulls it: who agrees
with both sides stands on neither."""


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
    balances = {
        (min(place[a], place[b]), max(place[a], place[b])): _mean(each)
        for (a, b), each in pairs.items()
    }
    count = weights.pair if question else weights.pair_alone
    camps = Camps(own, Ties.of(len(seats), _pulls(balances, count)), polar=bool(question))
    split = best_split(camps)
    evidence = camps.worth(split) - camps.together() - _best_of(split) / weights.slope
    apart, two = _two_by_themselves(own, balances, count, weights)
    if apart is not None and two > evidence:
        # Others stand between them: whoever those are, these two are apart.
        split, evidence = best_split(camps, apart), two
        stand = _standing(camps, split, apart)
    else:
        stand = _standing(camps, split)
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
    """The log-odds of support against attack, from -1 to 1, by how likely it is either of them: near 0
    where the clerk says neither."""
    support, attack = probabilities.get("support", 0.0), probabilities.get("attack", 0.0)
    most = math.log((1 - _LEAST) / _LEAST)
    odds = math.log(max(support, _LEAST) / max(attack, _LEAST))
    return max(-1.0, min(1.0, odds / most)) * min(1.0, support + attack)


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


def _standing(camps: Camps, split: Sequence[int], known: Collection[int] = ()) -> set[int]:
    """Seats of which the judgements say where they stand: first those that do not hang on who agrees with
    them, then who is tied to these, and so on."""
    stand = set(known) or camps.anchors(split)
    while True:
        kept = camps.margins(split, stand)
        more = {at for at, each in enumerate(kept) if each >= _ONE_WAY} - stand
        if not more:
            # An anchor may be pulled both ways as well; and where all are of one mind, the split has put
            # somebody where nothing pulls it to.
            return {at for at in stand if at in known or abs(kept[at]) >= _ONE_WAY}
        stand |= more


def _best_of(split: Sequence[int]) -> float:
    """How much evidence (nats) a split of this shape has by chance, as the best of all of that shape. Those
    of four seats in two camps are in the bar already."""
    return max(0.0, shapes(split) - math.log(6))


def _two_by_themselves(
    own: Sequence[float],
    balances: Mapping[tuple[int, int], float],
    count: float,
    weights: Weights,
) -> tuple[tuple[int, int] | None, float]:
    """The two seats that would be the surest conflict if nobody else were there, and the evidence that
    they are: less where it is the best of many. Where the question is judged as well, a pair counts for
    little by itself, and as many seats by two are taken to be tried; else every judged pair is."""
    found: tuple[tuple[int, int] | None, float] = (None, 0.0)
    for a, b in combinations(range(len(own)), 2):
        each = balances.get((a, b), 0.0)
        # Apart, the two explain |own a - own b| - each; together, |own a + own b| + each.
        evidence = abs(own[a] - own[b]) - abs(own[a] + own[b]) - 2 * count * each
        if evidence > found[1]:
            found = ((a, b), evidence)
    tried = len(own) / 2 if count == weights.pair else max(1, len(balances))
    return found[0], weights.two * found[1] - math.log(tried) / weights.slope


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
