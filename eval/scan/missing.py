"""Missing: what a seat was asked for and did not give, whole or at all."""

from collections.abc import Iterator

from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import Subject
from folkmoot.records import Reply
from folkmoot.records.annotations import About

_MOST = 20
"""Calls that are cited of one seat."""


def cut_off(subject: Subject) -> Iterator[Found]:
    """Replies that the token limit ended: the message that came of one, else the call."""
    said: dict[str, list[str]] = {}
    for turn in subject.transcript.turns:
        if turn.state == "cut_off":
            said.setdefault(turn.call, []).append(turn.id)
    for reply in subject.transcript.replies:
        if reply.state != "cut_off" and reply.call not in said:
            continue
        messages = said.get(reply.call, [])
        about = [About(what="message", id=each) for each in messages]
        length = f" after {reply.usage.completion} tokens" if reply.usage is not None else ""
        yield Found(
            label="cut-off",
            about=tuple(about) or (About(what="call", id=reply.call),),
            value=reply.usage.completion if reply.usage is not None else None,
            explanation=f"the reply of {reply.seat} ({reply.purpose}) was cut off{length}",
            severity=1 if messages else 2,
        )


def absent_seats(subject: Subject) -> Iterator[Found]:
    """Seats of whom calls were refused, unavailable or empty; a seat that answered nothing at all is
    serious."""
    replies: dict[str, list[Reply]] = {seat: [] for seat in subject.opening.seats}
    for reply in subject.transcript.replies:
        if reply.seat in replies:
            replies[reply.seat].append(reply)
    for seat, asked in replies.items():
        gone = [reply for reply in asked if reply.state in ("empty", "refused", "unavailable")]
        if not gone:
            continue
        states = sorted({reply.state for reply in gone})
        yield Found(
            label="absent-seat",
            about=tuple(About(what="call", id=reply.call) for reply in gone[:_MOST]),
            value=len(gone),
            explanation=f"{len(gone)} of {len(asked)} calls to {seat}: {', '.join(states)}",
            severity=3 if len(gone) == len(asked) else 2,
        )
