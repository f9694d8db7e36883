"""The conflict over the question itself: who held which option or candidate, who moved, and why."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols import gauge
from folkmoot.protocols.reasons import Why, reason_of
from folkmoot.records import (
    QUESTION,
    Conflict,
    Detection,
    Event,
    Move,
    Position,
    Span,
    Stance,
    Transcript,
)
from folkmoot.records.ends import PRINCIPLED
from folkmoot.records.spans import quotation
from folkmoot.records.standing import Round, by_ballots, changes, first_held, history, stands
from folkmoot.records.terms import ConflictStatus

_QUOTES = 2
"""Quotations a position shows at most."""

_SHARPER = 0.2
"""By how much the mean certainty of the sides rises where a conflict sharpens."""

_ORDER = (
    "opened",
    "reopened",
    "conceded",
    "withdrawn",
    "dropped",
    "merged",
    "split",
    "narrowed",
    "sharpened",
)
"""How the events of one round are told: who moved, then what became of the sides."""

Moved = Sequence[tuple[Move, Why]]
"""Every move, with its audited reason."""


def question_conflict(seen: Transcript) -> Conflict | None:
    """The conflict, if two valid stands ever differed in one round; None if they never did.

    Stands are stances on a choice question (rule stances/2), first choices of ballots on an open one
    and where no stances are taken (rule ballots/3). A conflict that began early and ended in agreement
    is still here: what became of it is its status, and how is its history. A seat whose later stand
    did not come or cannot be read stays where it was (`Position.last_heard`).
    """
    rounds = history(seen)
    differing = [each for each in rounds if len(_sides(each)) > 1]
    if not differing:
        return None
    names = _names(stands(seen), rounds)
    positions = tuple(_position(seen, option, names[option], rounds) for option in names)
    tensions = gauge.tensions(seen, positions)
    moved = [(move, reason_of(seen, move)) for move in _moves(seen, rounds)]
    last = rounds[-1]
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=seen.opening.question,
        about=QUESTION,
        kind=gauge.question_kind(seen, positions, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity(
            list(Counter(differing[-1].held.values()).values()),
            list(last.taken.values()),
            least=2,
            stakes=gauge.stakes(seen, positions, tensions),
            sensitivity=gauge.sensitivity(last.held),
        ),
        history=(
            *sorted(
                (
                    Event(round=differing[0].number, event="opened"),
                    *(_moved(move, why, names) for move, why in moved),
                    *_rounds(rounds, differing[0].number, names),
                ),
                key=lambda event: (event.round, _ORDER.index(event.event)),
            ),
        ),
        status=_status(rounds, moved),
        detection=Detection(method="rule", rule="ballots/3" if by_ballots(seen) else "stances/2"),
    )


def _sides(round: Round) -> set[str]:
    return set(round.held.values())


def _names(taken: Sequence[Stance], rounds: Sequence[Round]) -> dict[str, str]:
    """What was ever held → the name of its position, in the order in which it was offered."""
    held = {option for each in rounds for option in each.held.values()}
    offered = dict.fromkeys(option for stance in taken for option in stance.options)
    return {
        option: LETTERS[at % len(LETTERS)].lower() + ("" if at < len(LETTERS) else f"{at}")
        for at, option in enumerate(option for option in offered if option in held)
    }


def _moves(seen: Transcript, rounds: Sequence[Round]) -> list[Move]:
    """Every change between things that were both on offer.

    A ballot names no reason, so a change of first choice is unexplained.
    """
    if not by_ballots(seen):
        return [move for move in seen.moves if move.about == QUESTION]
    return [
        Move(
            step=seen.place.step,
            order=0,
            seat=each.seat,
            round=each.round,
            from_choice=each.before,
            to_choice=each.after,
            because="unexplained",
        )
        for each in changes(rounds)
    ]


def _position(seen: Transcript, option: str, name: str, rounds: Sequence[Round]) -> Position:
    first, last = first_held(rounds), rounds[-1]
    parties = tuple(seat for seat in seen.opening.seats if last.held.get(seat) == option)
    held_first = tuple(seat for seat in seen.opening.seats if first.get(seat) == option)
    unheard = {seat: last.unheard[seat] for seat in parties if seat in last.unheard}
    return Position(
        id=name,
        summary=option,
        parties=parties,
        held_first=held_first,
        last_heard=unheard or None,
        spans=_quotations(seen, option, parties or held_first),
    )


def _quotations(seen: Transcript, option: str, seats: tuple[str, ...]) -> tuple[Span, ...]:
    """The holders' reasons for an option; a candidate speaks for itself."""
    if seen.opening.options is None:
        found = [quotation(seen.turn(option))]
    else:
        said = [turn for turn in seen.spoken() if turn.answer == option and turn.seat in seats]
        latest = {turn.seat: turn for turn in said}
        found = [quotation(latest[seat]) for seat in seats if seat in latest]
    return tuple(span for span in found if span is not None)[:_QUOTES]


def _moved(move: Move, why: Why, names: dict[str, str]) -> Event:
    """conceded where the record shows a reason in the matter itself, else withdrawn.

    The reason is the audited one; what the seat declared stays with its move.
    """
    return Event(
        round=move.round,
        event="conceded" if why.reason in PRINCIPLED else "withdrawn",
        by=move.seat,
        from_position=names.get(move.from_choice),
        to_position=names.get(move.to_choice),
        reason=why.reason,
        cites=move.cites,
        spans=why.spans,
    )


def _rounds(rounds: Sequence[Round], opened: int, names: dict[str, str]) -> list[Event]:
    """What each round shows against the one before, beside moves."""
    events: list[Event] = []
    agreed = False
    for before, now in pairwise(rounds):
        events += _dropped(before, now, names)
        if now.number <= opened:
            continue
        was, count = len(_sides(before)), len(_sides(now))
        agreed = agreed or (was == 1 and len(before.held) > 1)
        events += _merged(before, now, names)
        if count < 2:
            continue
        if agreed:
            events.append(Event(round=now.number, event="reopened"))
            agreed = False
        elif was > 1:
            if count < was:
                events.append(Event(round=now.number, event="narrowed"))
            if count > was:
                events += _split(before, now, names)
            if _sharper(before, now):
                events.append(Event(round=now.number, event="sharpened"))
    return events


def _merged(before: Round, now: Round, names: dict[str, str]) -> list[Event]:
    """Two sides or more that are gone, their holders together on one that nobody held before."""
    found: list[Event] = []
    for side in dict.fromkeys(now.held.values()):
        joined = [seat for seat in now.held if now.held[seat] == side and seat in before.held]
        gone = {before.held[seat] for seat in joined} - _sides(now)
        if side not in _sides(before) and len(gone) > 1:
            found.append(Event(round=now.number, event="merged", to_position=names.get(side)))
    return found


def _split(before: Round, now: Round, names: dict[str, str]) -> list[Event]:
    """The sides whose holders are no longer on one side."""
    found: list[Event] = []
    for side in dict.fromkeys(before.held.values()):
        held = [seat for seat in before.held if before.held[seat] == side]
        if len({now.held[seat] for seat in held if seat in now.held}) > 1:
            found.append(Event(round=now.number, event="split", from_position=names.get(side)))
    return found


def _sharper(before: Round, now: Round) -> bool:
    """Whether somebody undecided took a side, or the sides' mean certainty rose by `_SHARPER`."""
    if set(now.held) - set(before.held):
        return True
    was, became = (gauge.certainty(each.taken.values()) for each in (before, now))
    return was is not None and became is not None and became - was >= _SHARPER


def _dropped(before: Round, now: Round, names: dict[str, str]) -> list[Event]:
    """Seats that hold nothing any more, or something else since theirs is no longer on offer."""
    return [
        Event(
            round=now.number,
            event="dropped",
            by=seat,
            from_position=names.get(option),
            to_position=names.get(now.held.get(seat, "")),
        )
        for seat, option in before.held.items()
        if seat not in now.held or (option not in now.offered and now.held[seat] != option)
    ]


def _status(rounds: Sequence[Round], moved: Moved) -> ConflictStatus:
    if len(_sides(rounds[-1])) > 1:
        return "narrowed" if moved else "open"
    if any(why.reason not in PRINCIPLED for _, why in moved):
        return "went_along"
    gone = set(first_held(rounds)) - set(rounds[-1].held)
    return "dropped" if gone or not moved else "conceded"
