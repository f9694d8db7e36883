"""Statements of one set judged together: what one pair says of another.

If a and b are opposed and b and c are opposed, then a and c stand together. So the statements of a
set are split in two, and each split is as likely as the pairs' own judgements make it:

    P(split) ∝ exp(w · Σ over pairs of the log-odds of what the split says of the pair)

A pair is opposed with the probability of the splits that part it (correlation clustering with two
clusters, Bansal et al. 2004, its posterior in place of its optimum). Nobody has to be opposed: the
split that parts nobody is one of them. Only the judgements of pairs are used.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product

from folkmoot.eval.clerk.ask import Answer
from folkmoot.eval.clerk.sets import Pair

WEIGHT = 0.5
"""What a pair's log-odds count: pairs that share a statement share its difficulty, so they are less
than independent evidence."""

_MOST = 12
"""Statements up to which every split is tried: 2,048 of them."""

_LEAST = 1e-3


def together(pairs: Sequence[Pair], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """The answers with those of statement sets judged together; the others as they are.

    Args:
        pairs: what was asked.
        answers: what the clerk said of each, in the same order.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for place, (pair, answer) in enumerate(zip(pairs, answers, strict=True)):
        if pair.ends is not None and answer.conflict is not None:
            groups[pair.group].append(place)
    found = list(answers)
    for places in groups.values():
        parted = _parted({pairs[at].ends or ("", ""): _odds(answers[at]) for at in places})
        for at in places:
            opposed = parted.get(pairs[at].ends or ("", ""))
            if opposed is not None:
                found[at] = _told(answers[at], opposed)
    return tuple(found)


def _odds(answer: Answer) -> float:
    """Of an attack against a support: that two claims have nothing to do with each other says nothing of
    where their statements stand."""
    attack = answer.conflict or 0.0
    support = 1 - attack if answer.support is None else answer.support
    return math.log(max(_LEAST, attack) / max(_LEAST, support))


def _told(answer: Answer, opposed: float) -> Answer:
    """The answer with that probability of a conflict; what else it said stands where it fits."""
    if opposed > 0.5:
        return answer._replace(conflict=opposed, relation="attack")
    relation = "support" if answer.relation == "attack" else answer.relation
    return answer._replace(conflict=opposed, relation=relation)


def _parted(odds: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Pair → the probability that its statements are on two sides; nothing for too many or too few
    statements."""
    names = sorted({name for pair in odds for name in pair})
    if not 3 <= len(names) <= _MOST:
        return {}
    place = {name: at for at, name in enumerate(names)}
    edges = [(pair, place[pair[0]], place[pair[1]], value) for pair, value in odds.items()]
    weights: list[tuple[float, tuple[int, ...]]] = []
    for rest in product((0, 1), repeat=len(names) - 1):
        side = (0, *rest)
        parted = sum(value if side[a] != side[b] else -value for _, a, b, value in edges)
        weights.append((WEIGHT * parted / 2, side))
    top = max(weight for weight, _ in weights)
    chances = [(math.exp(weight - top), side) for weight, side in weights]
    whole = math.fsum(chance for chance, _ in chances)
    return {
        pair: math.fsum(chance for chance, side in chances if side[a] != side[b]) / whole
        for pair, a, b, _ in edges
    }
