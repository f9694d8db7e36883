"""Standing: where each seat stands on the question itself, round by round.

On a choice question that is its stances; on an open one the first choice of its ranking. Both are
folded in the same way, so that one mechanism draws up the conflict over either.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from folkmoot.records import QUESTION, Ballot, Move, Stance, Transcript


class Round(NamedTuple):
    """How the question stood at the end of a round."""

    number: int
    offered: frozenset[str]
    """What the seats chose among: the options, or the ids of the candidates."""
    held: dict[str, str]
    """Seat → what it held; seats without a valid stand are left out."""
    stances: dict[str, Stance]
    """Seat → the stand in which it held that."""


def stands(seen: Transcript, seat: str | None = None) -> tuple[Stance, ...]:
    """Every stand on the question, of one seat if given, oldest first; a ranking is a stance for
    what it puts first."""
    if seen.opening.options is not None:
        return seen.stands(seat=seat)
    ballots = seen.ballots if seat is None else seen.ballots_of(seat)
    return tuple(_first_choice(ballot) for ballot in ballots)


def rounds(taken: Sequence[Stance]) -> tuple[Round, ...]:
    """The rounds in which stands were taken. A seat that was not asked holds what it held."""
    held: dict[str, str] = {}
    stances: dict[str, Stance] = {}
    found: dict[int, Round] = {}
    for stance in taken:
        if stance.state == "valid" and stance.choice is not None:
            held[stance.seat], stances[stance.seat] = stance.choice, stance
        else:
            held.pop(stance.seat, None)
            stances.pop(stance.seat, None)
        offered = frozenset(stance.options)
        found[stance.round] = Round(stance.round, offered, dict(held), dict(stances))
    return tuple(found.values())


def moves(seen: Transcript, history: Sequence[Round]) -> tuple[Move, ...]:
    """Every change between things that were both on offer.

    A ranking names no reason, so a change of first choice is unexplained.
    """
    if seen.opening.options is not None:
        return tuple(move for move in seen.moves if move.about == QUESTION)
    return tuple(
        Move(
            step=seen.place.step,
            order=0,
            seat=seat,
            round=now.number,
            from_choice=choice,
            to_choice=now.held[seat],
            because="unexplained",
        )
        for before, now in pairwise(history)
        for seat, choice in before.held.items()
        if choice in now.offered and now.held.get(seat, choice) != choice
    )


def sides(seen: Transcript, held: dict[str, str]) -> dict[str, int]:
    """What is held → by how many seats. Two candidates of the same words are one side."""
    count: dict[str, int] = {}
    for choice in held.values():
        said = choice if seen.opening.options is not None else seen.turn(choice).text.strip()
        count[said] = count.get(said, 0) + 1
    return count


def _first_choice(ballot: Ballot) -> Stance:
    return Stance(
        step=ballot.step,
        order=ballot.order,
        seat=ballot.seat,
        round=ballot.round,
        stage="rank",
        options=ballot.options,
        state=ballot.state,
        choice=ballot.ranking[0] if ballot.ranking else None,
        probabilities=ballot.scores,
        source="probabilities",
    )
