"""Settle: what a decision did to each conflict. A vote never looks like agreement."""

from folkmoot.protocols.issue_conflict import STANDS
from folkmoot.records import (
    QUESTION,
    Conflict,
    Decision,
    Dissent,
    Position,
    Resolution,
    Settlement,
    Transcript,
)
from folkmoot.records.conflicts import ConflictStatus
from folkmoot.records.spans import first_sentence

_AGREED: dict[ConflictStatus, Resolution] = {
    "conceded": Resolution(rule="concession"),
    "went_along": Resolution(rule="none"),
    "dropped": Resolution(rule="none"),
}

_FOR_OTHERS = ("candidate", "summary", "refutation")
"""Roles of messages that say nothing of what their speaker stands for."""


def settlements(seen: Transcript, decision: Decision) -> tuple[Settlement, ...]:
    """One settlement for each conflict on record, in its order."""
    return tuple(
        _settled(seen, decision, conflict, order) for order, conflict in enumerate(seen.conflicts)
    )


def _settled(seen: Transcript, decision: Decision, conflict: Conflict, order: int) -> Settlement:
    status, resolution, losers = conflict.status, Resolution(rule="none"), ()
    if conflict.status in _AGREED:
        resolution = _AGREED[conflict.status]
    elif decision.status == "decided" and conflict.about in _decided_on(seen, decision):
        judged = decision.decided_by is not None
        status = "resolved" if judged else "outvoted"
        resolution = Resolution(
            rule="judge" if judged else "vote",
            decided_by=decision.decided_by or decision.rule,
            margin=decision.margin,
        )
        losers = tuple(p for p in conflict.positions if not _won(conflict, p, decision))
    elif decision.status == "decided" and seen.opening.options is None:
        # The claim belongs to an answer that was not adopted.
        status = "moot"
    return Settlement(
        step=seen.place.step,
        order=order,
        conflict=conflict.id,
        status=status,
        resolution=resolution,
        dissent=tuple(
            _dissent(seen, conflict, position, seat)
            for position in losers
            for seat in position.parties
        ),
    )


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


def _won(conflict: Conflict, position: Position, decision: Decision) -> bool:
    if conflict.about == QUESTION:
        return position.summary == decision.winner
    return position.summary in ("agree", STANDS)


def _dissent(seen: Transcript, conflict: Conflict, position: Position, seat: str) -> Dissent:
    """The seat's own last words for its side, verbatim."""
    mine = [turn for turn in seen.spoken() if turn.seat == seat]
    if conflict.about == QUESTION and seen.opening.options is not None:
        mine = [turn for turn in mine if turn.answer == position.summary]
    elif conflict.about == QUESTION and any(turn.id == position.summary for turn in mine):
        mine = [turn for turn in mine if turn.id == position.summary]
    else:
        # What it wrote for the group is not what it says for itself.
        mine = [turn for turn in mine if turn.role not in _FOR_OTHERS] or mine
    return Dissent(seat=seat, position=position.id, span=first_sentence(mine[-1]) if mine else None)
