"""The conflict over a choice question itself: who held which option, who moved, and why."""

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols import gauge
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
    """The conflict, if two valid stances ever differed in one round; None if they never did.

    A conflict that began in the blind round and ended in agreement is still here: what became of it
    is its status, and how is its history.
    """
    by_round = _by_round(seen)
    opened = next(
        (number for number, held in by_round.items() if len(set(held.values())) > 1), None
    )
    if seen.opening.options is None or opened is None:
        return None
    first, last = _first(seen), _last(seen)
    names = {
        option: LETTERS[index].lower()
        for index, option in enumerate(
            option
            for option in seen.opening.options
            if any(option in held.values() for held in by_round.values())
        )
    }
    positions = tuple(_position(seen, option, names[option], first, last) for option in names)
    tensions = gauge.tensions(seen, positions)
    sides = [len(position.parties or position.held_first) for position in positions]
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=seen.opening.question,
        about=QUESTION,
        kind=gauge.kind(seen.opening.question, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity(sides, list(last.values()), least=2),
        history=_history(seen, names, opened, by_round),
        status=_status(seen, last),
        detection=Detection(method="rule", rule="stances/1"),
    )


def _by_round(seen: Transcript) -> dict[int, dict[str, str]]:
    """Round → seat → the option it held at the end of that round."""
    held: dict[str, str] = {}
    rounds: dict[int, dict[str, str]] = {}
    for stance in seen.stands():
        if stance.state == "valid" and stance.choice is not None:
            held[stance.seat] = stance.choice
        else:
            held.pop(stance.seat, None)
        rounds[stance.round] = dict(held)
    return rounds


def _first(seen: Transcript) -> dict[str, str]:
    first: dict[str, str] = {}
    for stance in seen.stands():
        if stance.choice is not None:
            first.setdefault(stance.seat, stance.choice)
    return first


def _last(seen: Transcript) -> dict[str, Stance]:
    """The seats whose final stance is valid."""
    last = {stance.seat: stance for stance in seen.stands()}
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
    latest = {
        turn.seat: turn for turn in seen.spoken() if turn.answer == option and turn.seat in seats
    }
    found = [first_sentence(latest[seat]) for seat in seats if seat in latest]
    return tuple(span for span in found if span is not None)[:_QUOTES]


def _history(
    seen: Transcript, names: dict[str, str], opened: int, by_round: dict[int, dict[str, str]]
) -> tuple[Event, ...]:
    events = [Event(round=opened, event="opened")]
    sides = len(set(by_round[opened].values()))
    for number, held in by_round.items():
        moves = [m for m in seen.moves if m.about == QUESTION and m.round == number]
        events += [_moved(move, names) for move in moves]
        events += _dropped(by_round, number, names)
        now = len(set(held.values()))
        if number > opened and 1 < now < sides:
            events.append(Event(round=number, event="narrowed"))
        sides = now
    return tuple(events)


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


def _dropped(
    by_round: dict[int, dict[str, str]], number: int, names: dict[str, str]
) -> list[Event]:
    """Seats that held a position before this round and hold none after it."""
    earlier = [each for each in by_round if each < number]
    if not earlier:
        return []
    before, now = by_round[earlier[-1]], by_round[number]
    return [
        Event(round=number, event="dropped", by=seat, from_position=names.get(option))
        for seat, option in before.items()
        if seat not in now
    ]


def _status(seen: Transcript, last: dict[str, Stance]) -> ConflictStatus:
    moves = [move for move in seen.moves if move.about == QUESTION]
    if len({stance.choice for stance in last.values()}) > 1:
        return "narrowed" if moves else "open"
    gone = {stance.seat for stance in seen.stands() if stance.choice is not None} - set(last)
    if any(move.because == "unexplained" for move in moves):
        return "went_along"
    return "dropped" if gone or not moves else "conceded"
