"""The conflict over the question itself: who held which option or candidate, who moved, and why."""

from collections.abc import Sequence

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols import gauge
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
from folkmoot.records.conflicts import ConflictStatus
from folkmoot.records.spans import first_sentence

_QUOTES = 2
"""Quotations a position shows at most."""


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
    split = list(sides(seen, differing[-1].held).values())
    choice = seen.opening.options is not None
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=seen.opening.question,
        about=QUESTION,
        kind=gauge.kind(seen.opening.question, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity(split, list(last.values()), least=2),
        history=_history(seen, names, differing[0].number, history),
        status=_status(seen, history, taken, last),
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


def _history(
    seen: Transcript, names: dict[str, str], opened: int, history: Sequence[Round]
) -> tuple[Event, ...]:
    events = [Event(round=opened, event="opened")]
    moved = moves(seen, history)
    before: Round | None = None
    for now in history:
        events += [_moved(move, names) for move in moved if move.round == now.number]
        if before is not None:
            events += _dropped(before, now, names)
            count = len(sides(seen, now.held))
            if now.number > opened and 1 < count < len(sides(seen, before.held)):
                events.append(Event(round=now.number, event="narrowed"))
        before = now
    return tuple(sorted(events, key=lambda event: event.round))


def _moved(move: Move, names: dict[str, str]) -> Event:
    return Event(
        round=move.round,
        event="conceded" if move.because == "argument" else "went_along",
        by=move.seat,
        from_position=names.get(move.from_choice),
        to_position=names.get(move.to_choice),
        reason=move.because,
        cites=move.cites,
    )


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
    seen: Transcript, history: Sequence[Round], taken: Sequence[Stance], last: dict[str, Stance]
) -> ConflictStatus:
    moved = moves(seen, history)
    if len(sides(seen, {seat: stance.choice or "" for seat, stance in last.items()})) > 1:
        return "narrowed" if moved else "open"
    gone = {stance.seat for stance in taken if stance.choice is not None} - set(last)
    if any(move.because == "unexplained" for move in moved):
        return "went_along"
    return "dropped" if gone or not moved else "conceded"
