"""Elections on which the decision rules are held against the oracles, drawn anew whenever needed.

Plain Python, shared by the test and by what writes the oracles' answers. All chance comes from
`Random(seed).random()`, the one stream that Python promises to keep from version to version. The
elections are small, so that many of them end in ties.
"""

import gzip
import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

MANY = 10_000
"""Elections of each kind."""

ANSWERS = Path(__file__).with_name("answers.json.gz")
"""What the oracles answered."""

NAMES = "ABCDE"
"""The options, in order."""

Vote = tuple[int, ...]


class Election(NamedTuple):
    """Votes of one to seven seats on a few options."""

    of: int
    """How many options there are, numbered from 0."""
    votes: tuple[Vote, ...]
    """A ranking, best first; or the options approved of; or a number for each option."""
    views: int = 1
    """How many options are to be elected together."""


class Kind(NamedTuple):
    """Elections with the same kind of votes."""

    seed: int
    of: tuple[int, ...]
    """Numbers of options, each as likely as it stands here often."""
    vote: Callable[[Random, int], Vote]
    plural: bool = False


def _below(draw: Random, end: int) -> int:
    return int(draw.random() * end)


def _ranking(draw: Random, of: int) -> Vote:
    left = list(range(of))
    return tuple(left.pop(_below(draw, len(left))) for _ in range(of))


def _short(draw: Random, of: int) -> Vote:
    """A ranking that may leave options out: they stand last, tied."""
    return _ranking(draw, of)[: 1 + _below(draw, of)]


def _approvals(draw: Random, of: int) -> Vote:
    return tuple(sorted(_short(draw, of)))


def _grades(draw: Random, of: int) -> Vote:
    return tuple(_below(draw, 6) for _ in range(of))


def _points(draw: Random, of: int) -> Vote:
    """Ten points, spread over the options."""
    fallen = [_below(draw, of) for _ in range(10)]
    return tuple(fallen.count(option) for option in range(of))


KINDS = {
    "rankings": Kind(20261122, (2, 3, 3, 4, 4, 4), _ranking),
    "short rankings": Kind(4, (2, 3, 3, 4, 4, 4), _short),
    "grades": Kind(7, (2, 3, 4, 5), _grades),
    "points": Kind(9, (2, 3, 4), _points),
    "approvals": Kind(3, (2, 3, 4, 5), _approvals),
    "committees": Kind(11, (2, 3, 4, 5), _approvals, plural=True),
}


@cache
def elections(kind: str) -> tuple[Election, ...]:
    """All elections of a kind."""
    seed, sizes, vote, plural = KINDS[kind]
    draw, made = Random(seed), []
    for _ in range(MANY):
        of, seats = sizes[_below(draw, len(sizes))], 1 + _below(draw, 7)
        votes = tuple(vote(draw, of) for _ in range(seats))
        made.append(Election(of, votes, 1 + _below(draw, of) if plural else 1))
    return tuple(made)


def digest(kind: str) -> str:
    """The SHA-256 of all elections of a kind, as JSON without spaces."""
    return sha256(json.dumps(elections(kind), separators=(",", ":")).encode()).hexdigest()


@cache
def written() -> dict[str, Any]:
    """What was written of the oracles.

    versions: package → version. elections: kind → seed, how many, SHA-256. answers: kind and rule,
    as in "grades: star" → the oracle's function, and a word for each election: the winners ("AC"),
    every best committee ("AB,AC"), first choices or chances per option ("3,0,1"); "-" for none.
    """
    return json.loads(gzip.decompress(ANSWERS.read_bytes()))


def answers(kind: str, rule: str) -> list[str]:
    """What the oracle answered, in the order of the elections."""
    return written()["answers"][f"{kind}: {rule}"]["words"].split(" ")
