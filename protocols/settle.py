"""Settle: what a decision did to each conflict. A vote never looks like agreement.

Which ends may be called resolved depends on what the conflict is over (`records.ends.ALLOWED`).
"""

from collections.abc import Sequence

from folkmoot.protocols.act_conflict import HOLDS
from folkmoot.protocols.issue_conflict import STANDS
from folkmoot.records import (
    QUESTION,
    Ballot,
    Conflict,
    Decision,
    Dissent,
    Position,
    Resolution,
    Settlement,
    Transcript,
)
from folkmoot.records.ends import merged_on, resolves
from folkmoot.records.spans import quotation
from folkmoot.records.standing import alike, same
from folkmoot.records.terms import RELATIONS, ConflictStatus

_AGREED: dict[ConflictStatus, Resolution] = {
    "conceded": Resolution(rule="concession"),
    "went_along": Resolution(rule="none"),
    "dropped": Resolution(rule="none"),
}

_FOR_OTHERS = ("candidate", "summary", "refutation")
"""Roles of messages that say nothing of what their speaker stands for."""


def settlements(
    seen: Transcript, decision: Decision, ballots: Sequence[Ballot] | None = None
) -> tuple[Settlement, ...]:
    """One settlement for each conflict on record, in its order.

    Args:
        seen: the record before the decision.
        decision: what was decided.
        ballots: those that were counted, where they are not on record yet.
    """
    cast = seen.ballots if ballots is None else ballots
    return tuple(
        _settled(seen, decision, cast, conflict, order)
        for order, conflict in enumerate(seen.conflicts)
    )


def _settled(
    seen: Transcript,
    decision: Decision,
    ballots: Sequence[Ballot],
    conflict: Conflict,
    order: int,
) -> Settlement:
    status, resolution, losers = conflict.status, Resolution(rule="none"), ()
    if conflict.status in _AGREED:
        resolution = _AGREED[conflict.status]
        if conflict.status == "dropped" and merged_on(conflict) is not None:
            resolution = Resolution(rule="merge")
            status = "resolved" if resolves("merge", conflict.kind) else status
    elif decision.status == "decided" and conflict.about in _decided_on(seen, decision):
        losers = _lost(seen, decision, ballots, conflict)
        # Seats that differ in words and voted alike were not overruled, and are not agreed.
        if losers or not _drawn_by_a_clerk(conflict):
            rule = "vote" if decision.decided_by is None else "judge"
            status = "resolved" if resolves(rule, conflict.kind) else "outvoted"
            resolution = Resolution(
                rule=rule,
                decided_by=decision.decided_by or decision.rule,
                margin=decision.margin,
            )
    elif decision.status == "decided" and seen.opening.options is None:
        # The claim belongs to an answer that was not adopted.
        status = "moot"
    return Settlement(
        step=seen.place.step,
        order=order,
        conflict=conflict.id,
        status=status,
        resolution=resolution,
        dissent=tuple(_dissent(seen, conflict, position, seat) for position, seat in losers),
    )


def _lost(
    seen: Transcript, decision: Decision, ballots: Sequence[Ballot], conflict: Conflict
) -> tuple[tuple[Position, str], ...]:
    """The seats against which it was decided, with the position that each holds."""
    holders = ((position, seat) for position in conflict.positions for seat in position.parties)
    if not _drawn_by_a_clerk(conflict):
        return tuple(each for each in holders if not _won(seen, conflict, each[0], decision))
    # Sides that a clerk drew bear no option's name. What a seat voted for is on its ballot; where
    # none was cast, a candidate's author says whose side won.
    firsts = {b.seat: b.choice for b in ballots if b.state == "valid"}
    author = None
    if decision.winner is not None and seen.opening.options is None:
        author = seen.turn(decision.winner).seat
    return tuple(
        (position, seat)
        for position, seat in holders
        if (
            not same(seen, firsts[seat], decision.winner)
            if seat in firsts
            else author is not None and author not in position.parties
        )
    )


def _drawn_by_a_clerk(conflict: Conflict) -> bool:
    return conflict.about == QUESTION and conflict.detection.rule == RELATIONS


def _decided_on(seen: Transcript, decision: Decision) -> set[str]:
    """The question; on an open one the winner, too, and the drafts that it revises: an objection
    to one of these that its critic did not give up stands against the winner."""
    about, todo = {QUESTION}, [decision.winner] if seen.opening.options is None else []
    while todo:
        message = todo.pop()
        if message is not None:
            about.add(message)
            todo += [each for each in seen.turn(message).replies_to if _is_draft(seen, each)]
    return about


def _is_draft(seen: Transcript, message: str) -> bool:
    return seen.turn(message).role in ("draft", "revision")


def _won(seen: Transcript, conflict: Conflict, position: Position, decision: Decision) -> bool:
    if conflict.about != QUESTION:
        return position.summary in ("agree", STANDS, HOLDS)
    return same(seen, position.summary, decision.winner)


def _dissent(seen: Transcript, conflict: Conflict, position: Position, seat: str) -> Dissent:
    """The seat's own last words for its side, verbatim."""
    mine = [turn for turn in seen.spoken() if turn.seat == seat]
    names = alike(seen) if conflict.about == QUESTION else {}
    if conflict.about == QUESTION and position.summary in (seen.opening.options or ()):
        mine = [turn for turn in mine if turn.answer == position.summary]
    elif own := [t for t in mine if names.get(t.id) == position.summary]:
        mine = own
    else:
        quoted = {span.message for span in position.spans}
        mine = [turn for turn in mine if turn.id in quoted] or mine
        # What it wrote for the group is not what it says for itself.
        mine = [turn for turn in mine if turn.role not in _FOR_OTHERS] or mine
    return Dissent(seat=seat, position=position.id, span=quotation(mine[-1]) if mine else None)
