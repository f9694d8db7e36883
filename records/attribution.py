"""Whose words are whose: who dissents, and that nobody is quoted for what another said."""

from collections.abc import Iterator

from folkmoot.records.acts import QUESTION
from folkmoot.records.conflict_log import ConflictEntry, entries
from folkmoot.records.conflicts import Span
from folkmoot.records.standing import same
from folkmoot.records.transcript import Transcript


def losers(transcript: Transcript) -> Iterator[str]:
    """Who was outvoted dissents on record: all holders of every position but the winning one."""
    for entry in entries(transcript):
        voted = entry.resolution is not None and entry.resolution.rule == "vote"
        if entry.status != "outvoted" and not voted:
            continue
        dissenting = {(each.seat, each.position) for each in entry.dissent}
        if entry.about == QUESTION and entry.detection.method in ("clerk", "llm"):
            yield from _by_ballot(transcript, entry)
            continue
        winning = [
            each
            for each in entry.positions
            if not any((seat, each.id) in dissenting for seat in each.parties)
        ]
        for position in (each for each in entry.positions if each not in winning):
            for seat in position.parties:
                if (seat, position.id) not in dissenting:
                    yield f"{entry.id}: {seat} was outvoted and is not among the dissents"
        held = [each.summary for each in winning if each.parties]
        if len(held) > 1:
            yield f"{entry.id} is outvoted, but of {', '.join(held)} only one can have won"
        winner = transcript.decision.winner if transcript.decision else None
        if entry.about == QUESTION and not all(same(transcript, each, winner) for each in held):
            yield f"{entry.id}: holders of {held[0]!r} lost and do not dissent"


def _by_ballot(transcript: Transcript, entry: ConflictEntry) -> Iterator[str]:
    """Sides that a clerk drew bear no option's name: who lost is on the ballots."""
    decision = transcript.decision
    if decision is None:
        return
    counted = {each.seat: each for each in transcript.ballots if each.id in decision.ballots}
    dissenting = {each.seat for each in entry.dissent}
    for seat in (seat for position in entry.positions for seat in position.parties):
        ballot = counted.get(seat)
        if ballot is None or ballot.state != "valid" or ballot.choice is None:
            continue
        won = same(transcript, ballot.choice, decision.winner)
        if won and seat in dissenting:
            yield f"{entry.id}: {seat} voted for what won and dissents"
        elif not won and seat not in dissenting:
            yield f"{entry.id}: {seat} was outvoted and is not among the dissents"


def attributions(transcript: Transcript) -> Iterator[str]:
    """An act is said in a message of its own seat; a move is shown by the mover's words or by those
    that it named; a position is quoted from its holders, from who held it for a time, or from who said
    what it is about; and a dissent is in the dissenter's own words."""
    seats = {turn.id: turn.seat for turn in transcript.turns}

    def said_by(span: Span) -> str | None:
        return seats.get(span.message)

    for act in transcript.acts:
        if seats.get(act.message, act.seat) != act.seat:
            yield f"{act.id} of {act.seat} is said in {act.message}, which is {seats[act.message]}'s"
    for entry in entries(transcript):
        for event in entry.history:
            cited = {seats.get(each) for each in event.cites}
            for span in event.spans:
                if event.by is not None and said_by(span) not in {event.by, *cited}:
                    yield f"{entry.id}: a move of {event.by} is shown by words of {said_by(span)}"
        for position in entry.positions:
            # Who took a side and gave it up is neither among its first holders nor its last ones.
            passed = {each.by for each in entry.history if each.to_position == position.id}
            holders = {*position.parties, *position.held_first, *passed, seats.get(entry.about)}
            for span in position.spans:
                # A position on an open question may be a candidate, whoever wrote it.
                if said_by(span) not in holders and span.message != position.summary:
                    yield f"{entry.id}: {position.summary!r} is quoted from {said_by(span)}"
        for dissent in entry.dissent:
            if dissent.span is not None and said_by(dissent.span) != dissent.seat:
                yield f"{entry.id}: the dissent of {dissent.seat} quotes {said_by(dissent.span)}"
