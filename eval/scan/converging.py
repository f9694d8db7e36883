"""Converging: positions that fall into one without a reason on record, or were one from the start."""

from collections.abc import Iterator

from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import Subject
from folkmoot.records import Move, Stance
from folkmoot.records.acts import QUESTION
from folkmoot.records.annotations import About
from folkmoot.records.ends import PRINCIPLED


def collapse(subject: Subject) -> Iterator[Found]:
    """Rounds in which all who differed come to one option, and nobody who moved gave a reason in the
    matter (new evidence, an argument, reflection). Read from stances and moves on the question: of an
    open question, where nobody takes a stance, nothing is said."""
    before: dict[str, str] = {}
    for number, stances in subject.rounds.items():
        held = before | _choices(stances)
        moves = [
            move
            for move in subject.transcript.moves
            if move.about == QUESTION and move.round == number
        ]
        apart = len(set(before.values())) > 1
        if apart and len(set(held.values())) == 1 and moves and not any(map(_reasoned, moves)):
            yield _collapsed(subject, number, moves, next(iter(held.values())))
        before = held


def _reasoned(move: Move) -> bool:
    return move.because in PRINCIPLED


def _collapsed(subject: Subject, number: int, moves: list[Move], option: str) -> Found:
    movers = {move.seat for move in moves}
    words = [
        About(what="message", id=turn.id)
        for turn in subject.said
        if turn.round == number and turn.seat in movers
    ]
    cited = [About(what="message", id=cite) for move in moves for cite in move.cites]
    because = ", ".join(f"{move.seat}: {move.because.replace('_', ' ')}" for move in moves)
    return Found(
        label="collapse",
        about=tuple(dict.fromkeys((*words, *cited))) or (About(what="record"),),
        value=len(moves),
        explanation=f"in round {number} all come to {option!r} without a reason in the matter ({because})",
        severity=3 if all(move.because == "unexplained" for move in moves) else 2,
    )


def unanimous(subject: Subject) -> Iterator[Found]:
    """A panel of which every seat whose first stance on the question can be read took the same, so that
    there was nothing to deliberate. At least two seats must have taken one."""
    first = next(iter(subject.rounds.values()), {})
    choices = _choices(first)
    if len(choices) < 2 or len(set(choices.values())) > 1:
        return
    number = next(iter(subject.rounds))
    words = [
        About(what="message", id=turn.id)
        for turn in subject.said
        if turn.seat in choices and turn.round == number
    ]
    silent = len(subject.opening.parties) - len(choices)
    rest = f", {silent} of the panel took none" if silent else ""
    yield Found(
        label="unanimous-from-start",
        about=tuple(words) or (About(what="record"),),
        value=len(choices),
        explanation=f"all {len(choices)} first stances are {next(iter(choices.values()))!r}{rest}",
        severity=1,
    )


def _choices(stances: dict[str, Stance]) -> dict[str, str]:
    return {
        seat: stance.choice
        for seat, stance in stances.items()
        if stance.state == "valid" and stance.choice is not None
    }
