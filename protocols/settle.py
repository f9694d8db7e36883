"""Settle: what a decision did to each conflict. A vote never looks like agreement.

Which ends may be called resolved depends on what the conflict is over (`records.ends.ALLOWED`).
"""

from folkmoot.protocols.act_conflict import HOLDS
from folkmoot.protocols.issue_conflict import STANDS
from folkmoot.protocols.relation_conflict import RELATIONS
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
from folkmoot.records.ends import resolves
from folkmoot.records.spans import first_sentence
from folkmoot.records.terms import ConflictStatus

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
        if conflict.status == "dropped" and any(e.event == "merged" for e in conflict.history):
            resolution = Resolution(rule="merge")
    elif decision.status == "decided" and conflict.about in _decided_on(seen, decision):
        rule = "vote" if decision.decided_by is None else "judge"
        status = "resolved" if resolves(rule, conflict.kind) else "outvoted"
        resolution = Resolution(
            rule=rule,
            decided_by=decision.decided_by or decision.rule,
            margin=decision.margin,
        )
        losers = tuple(p for p in conflict.positions if not _won(seen, conflict, p, decision))
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


def _won(seen: Transcript, conflict: Conflict, position: Position, decision: Decision) -> bool:
    if conflict.about != QUESTION:
        return position.summary in ("agree", STANDS, HOLDS)
    winner = decision.winner
    if conflict.detection.rule != RELATIONS or winner is None:
        return position.summary == winner
    # Sides that a clerk drew carry no option's name: the winner's are those who hold with it.
    if seen.opening.options is None:
        return seen.turn(winner).seat in position.parties
    cast = [b.choice for b in seen.ballots if b.seat in position.parties and b.choice is not None]
    return 2 * cast.count(winner) > len(cast)


def _dissent(seen: Transcript, conflict: Conflict, position: Position, seat: str) -> Dissent:
    """The seat's own last words for its side, verbatim."""
    mine = [turn for turn in seen.spoken() if turn.seat == seat]
    if conflict.about == QUESTION and seen.opening.options is not None:
        mine = [turn for turn in mine if turn.answer == position.summary]
    elif conflict.about == QUESTION and any(turn.id == position.summary for turn in mine):
        mine = [turn for turn in mine if turn.id == position.summary]
    else:
        quoted = {span.message for span in position.spans}
        mine = [turn for turn in mine if turn.id in quoted] or mine
        # What it wrote for the group is not what it says for itself.
        mine = [turn for turn in mine if turn.role not in _FOR_OTHERS] or mine
    return Dissent(seat=seat, position=position.id, span=first_sentence(mine[-1]) if mine else None)
