"""Standing: where each seat stands on the question itself, round by round.

On a choice question that is its stances; on an open one, and where no stances are taken, the first
choice of its ballot. All are folded in the same way, so that one mechanism draws up the conflict over
either, and the audit can follow it.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from folkmoot.records.acts import Ballot, Stance, VoteState
from folkmoot.records.transcript import Transcript
from folkmoot.records.wording import wording

_ABSENT: tuple[VoteState, ...] = ("unreadable", "unavailable")
"""A stand that did not come, or cannot be read: no change of position."""


class Round(NamedTuple):
    """How the question stood at the end of a round."""

    number: int
    offered: frozenset[str]
    """What the seats chose among: the options, or the ids of the candidates."""
    held: dict[str, str]
    """Seat → what it held; a seat that abstained, or took no stand yet, is left out."""
    taken: dict[str, Stance]
    """Seat → the stand in which it took that, of those that took one."""
    unheard: dict[str, int]
    """Seats whose latest stand did not come or cannot be read, and which hold what they held → the
    round in which they last said so."""


class Change(NamedTuple):
    """A seat that held one thing and then another, both on offer."""

    seat: str
    round: int
    before: str
    after: str


def by_ballots(seen: Transcript) -> bool:
    """Whether ballots say where seats stand: on an open question, and where nobody takes a stance."""
    return seen.opening.options is None or not seen.stands()


def stands(
    seen: Transcript, seat: str | None = None, before: int | None = None
) -> tuple[Stance, ...]:
    """Every stand on the question, oldest first; a ballot is a stance for what it puts first.

    Candidates of the same words go by the id of the one that was offered first: they are one position.

    Args:
        seen: the record.
        seat: of this seat alone.
        before: of steps before this one alone.
    """
    if not by_ballots(seen):
        taken = seen.stands(seat=seat)
    else:
        known = {turn.id for turn in seen.turns} if seen.opening.options is None else None
        names = alike(seen)
        ballots = seen.ballots if seat is None else seen.ballots_of(seat)
        taken = tuple(
            _first_choice(ballot, names)
            for ballot in ballots
            if known is None or known.issuperset(ballot.options)
        )
    return taken if before is None else tuple(each for each in taken if each.step < before)


def alike(seen: Transcript) -> dict[str, str]:
    """What ballots offer → the first of the same words. An option is its own words."""
    offered = dict.fromkeys(option for ballot in seen.ballots for option in ballot.options)
    if seen.opening.options is not None:
        return {option: option for option in offered}
    texts = {turn.id: turn.text for turn in seen.turns}
    first: dict[str, str] = {}
    return {
        option: first.setdefault(wording(texts[option]), option) if option in texts else option
        for option in offered
    }


def same(seen: Transcript, one: str | None, other: str | None) -> bool:
    """Whether two choices are one: the same option, or candidates of the same words."""
    if one == other or seen.opening.options is not None:
        return one == other
    first, second = _text(seen, one), _text(seen, other)
    return first is not None and second is not None and wording(first) == wording(second)


def _text(seen: Transcript, message: str | None) -> str | None:
    try:
        return None if message is None else seen.turn(message).text
    except KeyError:  # what may be chosen need not be a message, as none of the drafts
        return None


def history(seen: Transcript, before: int | None = None) -> tuple[Round, ...]:
    """The rounds in which stands were taken, as the question stood at the end of each.

    A seat that was not asked holds what it held, and so does one whose stand did not come or cannot
    be read, as long as that is on offer. Where it never took a stand, its own message among the
    candidates is its last word, once any other seat has taken a stand by a ballot. Who abstains holds
    nothing.

    Args:
        seen: the record.
        before: count stands of steps before this one alone.
    """
    own = _own_candidates(seen)
    taken: dict[str, Stance] = {}
    silent: set[str] = set()
    found: dict[int, Round] = {}
    for stance in stands(seen, before=before):
        offered = frozenset(stance.options)
        if stance.state in _ABSENT:
            silent.add(stance.seat)
            if stance.seat in taken and taken[stance.seat].choice not in offered:
                del taken[stance.seat]
        else:
            silent.discard(stance.seat)
            taken.pop(stance.seat, None)
            if stance.choice is not None:
                taken[stance.seat] = stance
        written = {
            seat: each
            for seat in silent - set(taken)
            for each in own.get(seat, ())
            if taken and each.message in offered
        }
        held = {seat: each.choice for seat, each in taken.items() if each.choice is not None}
        held |= {seat: each.message for seat, each in written.items()}
        said = {seat: each.round for seat, each in (*taken.items(), *written.items())}
        unheard = {seat: said[seat] for seat in held if seat in silent}
        found[stance.round] = Round(stance.round, offered, held, dict(taken), unheard)
    return tuple(found.values())


def changes(rounds: Sequence[Round]) -> tuple[Change, ...]:
    """Every change between things that were both on offer, also of a seat that held nothing in
    between."""
    last: dict[str, str] = dict(rounds[0].held) if rounds else {}
    found: list[Change] = []
    for _, now in pairwise(rounds):
        for seat, choice in now.held.items():
            if seat in last and last[seat] != choice and last[seat] in now.offered:
                found.append(Change(seat, now.number, last[seat], choice))
            last[seat] = choice
    return tuple(found)


def first_held(rounds: Sequence[Round]) -> dict[str, str]:
    """Seat → what it held when it first took a stand."""
    first: dict[str, str] = {}
    for each in rounds:
        for seat, choice in each.held.items():
            first.setdefault(seat, choice)
    return first


def _first_choice(ballot: Ballot, names: dict[str, str]) -> Stance:
    choice = ballot.ranking[0] if ballot.ranking else None
    return Stance(
        step=ballot.step,
        order=ballot.order,
        seat=ballot.seat,
        round=ballot.round,
        stage="rank",
        options=tuple(dict.fromkeys(names.get(each, each) for each in ballot.options)),
        state=ballot.state,
        choice=None if choice is None else names.get(choice, choice),
        probabilities=ballot.scores,
        source="probabilities",
    )


class _Own(NamedTuple):
    """A message that a seat wrote for itself, and when."""

    message: str
    """The first of the same words among the candidates."""
    round: int


def _own_candidates(seen: Transcript) -> dict[str, list[_Own]]:
    """Seat → its statements among the candidates, the latest last: not what it wrote for the group."""
    if seen.opening.options is not None:
        return {}
    names = alike(seen)
    found: dict[str, list[_Own]] = {}
    for turn in seen.spoken(role="statement"):
        if turn.id in names:
            found.setdefault(turn.seat, []).append(_Own(names[turn.id], turn.round))
    return found
