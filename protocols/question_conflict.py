"""The conflict over the question itself: who held which option or candidate, who moved, and why."""

from collections.abc import Sequence
from itertools import pairwise

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols import gauge
from folkmoot.protocols.reasons import Why, reason_of
from folkmoot.protocols.standing import Round, moves, rounds, sides, stands
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
from folkmoot.records.spans import first_sentence
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

    Stands are stances on a choice question (rule stances/1), first choices of rankings on an open
    one (rule ballots/1). A conflict that began early and ended in agreement is still here: what
    became of it is its status, and how is its history.
    """
    taken = stands(seen)
    history = rounds(taken)
    differing = [each for each in history if len(sides(seen, each.held)) > 1]
    if not differing:
        return None
    first, last = _first(taken), _last(taken)
    names = _names(taken, history)
    positions = tuple(_position(seen, option, names[option], first, last) for option in names)
    tensions = gauge.tensions(seen, positions)
    moved = [(move, reason_of(seen, move)) for move in moves(seen, history)]
    split = list(sides(seen, differing[-1].held).values())
    choice = seen.opening.options is not None
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
            split,
            list(last.values()),
            least=2,
            stakes=gauge.stakes(seen, positions, tensions),
            sensitivity=gauge.sensitivity(_words(seen, history[-1].held)),
        ),
        history=(
            *sorted(
                (
                    Event(round=differing[0].number, event="opened"),
                    *(_moved(move, why, names) for move, why in moved),
                    *_rounds(seen, history, differing[0].number, names),
                ),
                key=lambda event: (event.round, _ORDER.index(event.event)),
            ),
        ),
        status=_status(seen, moved, taken, last),
        detection=Detection(method="rule", rule="stances/1" if choice else "ballots/1"),
    )


def _names(taken: Sequence[Stance], history: Sequence[Round]) -> dict[str, str]:
    """What was ever held → the name of its position, in the order in which it was offered."""
    held = {option for each in history for option in each.held.values()}
    offered = dict.fromkeys(option for stance in taken for option in stance.options)
    return {
        option: LETTERS[at % len(LETTERS)].lower() + ("" if at < len(LETTERS) else f"{at}")
        for at, option in enumerate(option for option in offered if option in held)
    }


def _first(taken: Sequence[Stance]) -> dict[str, str]:
    first: dict[str, str] = {}
    for stance in taken:
        if stance.choice is not None:
            first.setdefault(stance.seat, stance.choice)
    return first


def _last(taken: Sequence[Stance]) -> dict[str, Stance]:
    """The seats whose final stand is valid."""
    last = {stance.seat: stance for stance in taken}
    return {seat: stance for seat, stance in last.items() if stance.choice is not None}


def _position(
    seen: Transcript, option: str, name: str, first: dict[str, str], last: dict[str, Stance]
) -> Position:
    parties = tuple(
        seat for seat in seen.opening.seats if seat in last and last[seat].choice == option
    )
    held_first = tuple(seat for seat in seen.opening.seats if first.get(seat) == option)
    return Position(
        id=name,
        summary=option,
        parties=parties,
        held_first=held_first,
        spans=_quotations(seen, option, parties or held_first),
    )


def _quotations(seen: Transcript, option: str, seats: tuple[str, ...]) -> tuple[Span, ...]:
    """The holders' reasons for an option; a candidate speaks for itself."""
    if seen.opening.options is None:
        found = [first_sentence(seen.turn(option))]
    else:
        said = [turn for turn in seen.spoken() if turn.answer == option and turn.seat in seats]
        latest = {turn.seat: turn for turn in said}
        found = [first_sentence(latest[seat]) for seat in seats if seat in latest]
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


def _rounds(
    seen: Transcript,
    history: Sequence[Round],
    opened: int,
    names: dict[str, str],
) -> list[Event]:
    """What each round shows against the one before, beside moves."""
    events: list[Event] = []
    agreed = False
    for before, now in pairwise(history):
        events += _dropped(before, now, names)
        if now.number <= opened:
            continue
        was, count = len(sides(seen, before.held)), len(sides(seen, now.held))
        agreed = agreed or (was == 1 and len(before.held) > 1)
        events += _merged(seen, before, now, names)
        if count < 2:
            continue
        if agreed:
            events.append(Event(round=now.number, event="reopened"))
            agreed = False
        elif was > 1:
            if count < was:
                events.append(Event(round=now.number, event="narrowed"))
            if count > was:
                events += _split(seen, before, now, names)
            if _sharper(before, now):
                events.append(Event(round=now.number, event="sharpened"))
    return events


def _words(seen: Transcript, held: dict[str, str]) -> dict[str, str]:
    """Seat → its side, as `sides` counts them."""
    return {seat: next(iter(sides(seen, {seat: choice}))) for seat, choice in held.items()}


def _merged(seen: Transcript, before: Round, now: Round, names: dict[str, str]) -> list[Event]:
    """Two sides or more that are gone, their holders together on one that nobody held before."""
    was, became = _words(seen, before.held), _words(seen, now.held)
    found: list[Event] = []
    for side in dict.fromkeys(became.values()):
        joined = [seat for seat in became if became[seat] == side and seat in was]
        gone = {was[seat] for seat in joined} - set(became.values())
        if side not in was.values() and len(gone) > 1:
            to = names.get(now.held[joined[0]])
            found.append(Event(round=now.number, event="merged", to_position=to))
    return found


def _split(seen: Transcript, before: Round, now: Round, names: dict[str, str]) -> list[Event]:
    """The sides whose holders are no longer on one side."""
    was, became = _words(seen, before.held), _words(seen, now.held)
    found: list[Event] = []
    for side in dict.fromkeys(was.values()):
        held = [seat for seat in was if was[seat] == side]
        if len({became[seat] for seat in held if seat in became}) > 1:
            origin = names.get(before.held[held[0]])
            found.append(Event(round=now.number, event="split", from_position=origin))
    return found


def _sharper(before: Round, now: Round) -> bool:
    """Whether somebody undecided took a side, or the sides' mean certainty rose by `_SHARPER`."""
    if set(now.held) - set(before.held):
        return True
    was, became = (gauge.certainty(each.stances.values()) for each in (before, now))
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


def _status(
    seen: Transcript, moved: Moved, taken: Sequence[Stance], last: dict[str, Stance]
) -> ConflictStatus:
    if len(sides(seen, {seat: stance.choice or "" for seat, stance in last.items()})) > 1:
        return "narrowed" if moved else "open"
    gone = {stance.seat for stance in taken if stance.choice is not None} - set(last)
    if any(why.reason not in PRINCIPLED for _, why in moved):
        return "went_along"
    return "dropped" if gone or not moved else "conceded"
