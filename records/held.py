"""Who held what, held against the stances and the ballots: no difference and no move is lost or made up."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from folkmoot.records.acts import QUESTION, Move, Stance
from folkmoot.records.conflicts import Conflict, Event
from folkmoot.records.ends import PRINCIPLED
from folkmoot.records.standing import Round, alike, first_held, history
from folkmoot.records.standing import changes as changed_choices
from folkmoot.records.transcript import Transcript

STANCES, BALLOTS = "stances/2", "ballots/3"
"""Rules by which stands on the question make a conflict: what they come to is worked out again here. Of
records under an earlier rule it is not."""

_MOVED: Final = ("conceded", "withdrawn")


def differences(transcript: Transcript) -> Iterator[str]:
    """Every difference in the blind first round is in the log, seat by seat.

    Once there is a decision: where first stands on the question differ, a conflict about it names
    each of those seats as the first holder of its choice, or has an event in which it moved. A run
    whose log has rules over stances switched off does not promise it. What first answers to an open
    question differ in words alone, `coverage.first_answers` counts.
    """
    if "rule" not in (transcript.opening.protocol.log or {}).get("layers", ("rule",)):
        return
    decision = transcript.decision
    rounds = () if decision is None else history(transcript, decision.step)
    first = rounds[0].held if rounds else {}
    if len(set(first.values())) < 2:
        return
    conflict = _main(transcript)
    if conflict is None:
        yield f"first stances differ ({_who(first)}) and no conflict is logged"
        return
    held = _holding(transcript, conflict, "held_first")
    moved = {event.by for event in conflict.history if event.event in _MOVED}
    for seat, choice in first.items():
        if held.get(seat) != choice and seat not in moved:
            yield f"{conflict.id}: {seat} first held {choice!r}; the log does not say so"


def holders(transcript: Transcript) -> Iterator[str]:
    """A conflict that stands on the question show has the holders that they come to, at first and in
    the end, and says of whom nothing more was heard."""
    conflict = _main(transcript)
    if conflict is None or conflict.detection.rule not in (STANCES, BALLOTS):
        return
    rounds = history(transcript, conflict.step)
    last = rounds[-1] if rounds else Round(0, frozenset(), {}, {}, {})
    for what, expected in (("held_first", first_held(rounds)), ("parties", last.held)):
        told = _holding(transcript, conflict, what)
        for seat in dict.fromkeys((*expected, *told)):
            if told.get(seat) != expected.get(seat):
                yield (
                    f"{conflict.id}: {seat} is on the side of {told.get(seat)!r} ({what}), and its "
                    f"stands say {expected.get(seat)!r}"
                )
    unheard = {s: r for p in conflict.positions for s, r in (p.last_heard or {}).items()}
    if unheard != last.unheard:
        yield f"{conflict.id}: last heard are {unheard!r}; the stands say {last.unheard!r}"


def changes(transcript: Transcript) -> Iterator[str]:
    """No stand on the question changes without a move, and no move without a change.

    Once there is a decision, each move is also an event of the conflict about the question: conceded
    for a reason in the matter itself, else withdrawn; and each such event is of a move. The event's
    reason is the one that the seat declared, or another that a quotation shows or, for format_error, an
    unreadable stance. It is unexplained only where it quotes nothing: whether words show a reason is read
    by a rule of its own, and one that shows none claims none. Ballots are stands without a
    record of their moves: what they come to must be in the conflict.
    """
    if transcript.decision is None:
        return
    yield from _unmoved(transcript)
    conflict = _main(transcript)
    if conflict is None:
        return
    names = {each.id: each.summary for each in conflict.positions}
    told = {
        (each.by, each.round, names.get(each.to_position or "")): each
        for each in conflict.history
        if each.event in _MOVED
    }
    moves = _moves(transcript, conflict)
    for move in moves:
        event = told.get((move.seat, move.round, move.to_choice))
        if event is None or not _accounts_for(transcript, event, move):
            yield f"{conflict.id} has no event for the move of {move.seat} in round {move.round}"
        elif event.reason == "unexplained" and event.spans:
            yield f"{conflict.id} calls the move of {move.seat} unexplained, and shows a reason"
        elif (event.event == "conceded") != (event.reason in PRINCIPLED):
            yield f"{conflict.id} says that {move.seat} {event.event} by {event.reason}"
    made = {(move.seat, move.round, move.to_choice) for move in moves}
    if conflict.detection.rule in (STANCES, BALLOTS):
        for seat, round, _ in (each for each in told if each not in made):
            yield f"{conflict.id} says that {seat} moved in round {round}; it did not"


def paths(transcript: Transcript) -> Iterator[str]:
    """In every conflict, who held a position first holds it in the end or left it by an event, and an
    event takes a seat from where it was. On which side nothing is known of a seat any more (of a clerk's
    judgements alone) is no move."""
    for conflict in transcript.conflicts:
        held: dict[str, str | None] = {s: p.id for p in conflict.positions for s in p.held_first}
        for event in conflict.history:
            if event.by is None:
                continue
            at = held.get(event.by)
            if at is not None and event.from_position not in (None, at):
                yield (
                    f"{conflict.id}: {event.by} {event.event} in round {event.round} from "
                    f"{event.from_position}, and was on {at}"
                )
            if event.to_position is not None:
                held[event.by] = event.to_position
            elif event.event == "dropped":
                held[event.by] = None
        last = {seat: each.id for each in conflict.positions for seat in each.parties}
        for seat, at in held.items():
            if at is None or last.get(seat) == at:
                continue
            if seat in last or (not _by_a_clerk(conflict) and _follows(conflict)):
                yield f"{conflict.id}: {seat} left {at} for {last.get(seat)} without an event"


def _follows(conflict: Conflict) -> bool:
    """Whether a conflict says who held what first."""
    return any(position.held_first for position in conflict.positions)


def _unmoved(transcript: Transcript) -> Iterator[str]:
    """Stances against the moves that are on record."""
    changed: Counter[tuple[str, int, str, str]] = Counter()
    for before, after in _steps(transcript):
        if before.choice != after.choice:
            changed[after.seat, after.round, before.choice or "", after.choice or ""] += 1
    moves = [move for move in transcript.moves if move.about == QUESTION]
    moved = Counter((each.seat, each.round, each.from_choice, each.to_choice) for each in moves)
    for seat, round, before, after in changed - moved:
        yield f"{seat} went from {before!r} to {after!r} in round {round} without a move on record"
    for seat, round, before, after in moved - changed:
        yield f"{seat} never went from {before!r} to {after!r} in round {round}"


def _moves(transcript: Transcript, conflict: Conflict) -> Sequence[Move]:
    """The moves that the conflict has to tell of."""
    if conflict.detection.rule != BALLOTS:
        return [move for move in transcript.moves if move.about == QUESTION]
    return [
        Move(
            step=conflict.step,
            order=0,
            seat=each.seat,
            round=each.round,
            from_choice=each.before,
            to_choice=each.after,
            because="unexplained",
        )
        for each in changed_choices(history(transcript, conflict.step))
    ]


def _accounts_for(transcript: Transcript, event: Event, move: Move) -> bool:
    """Whether an event has the reason of a move: as declared, or shown by something else."""
    if event.cites != move.cites:
        return False
    if event.reason == "format_error":
        stands = (*transcript.stands(seat=move.seat), *transcript.ballots_of(move.seat))
        return any(each.state == "unreadable" and each.round <= move.round for each in stands)
    return event.reason in (move.because, "unexplained") or bool(event.spans)


def _steps(transcript: Transcript) -> Iterator[tuple[Stance, Stance]]:
    """Each valid stance of a seat on the question with its next valid one."""
    for seat in transcript.opening.seats:
        valid = [each for each in transcript.stands(seat=seat) if each.state == "valid"]
        yield from pairwise(valid)


def _holding(transcript: Transcript, conflict: Conflict, what: str) -> dict[str, str]:
    """Seat → what it holds by a conflict's positions; candidates of the same words are one."""
    names = alike(transcript)
    sides: Mapping[str, Sequence[str]] = {
        names.get(each.summary, each.summary): getattr(each, what) for each in conflict.positions
    }
    return {seat: choice for choice, seats in sides.items() for seat in seats}


def _main(transcript: Transcript) -> Conflict | None:
    """The conflict over the question that stances or first choices show; a clerk reads words."""
    found = (each for each in transcript.conflicts if each.about == QUESTION)
    return next((each for each in found if not _by_a_clerk(each)), None)


def _by_a_clerk(conflict: Conflict) -> bool:
    return conflict.detection.method in ("clerk", "llm")


def _who(held: Mapping[str, str]) -> str:
    return ", ".join(f"{seat}: {choice}" for seat, choice in sorted(held.items()))
