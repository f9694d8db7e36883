"""Turns: replies become messages, numbered in the round's seeded order."""

from collections.abc import Mapping, Sequence

from folkmoot.agents import reading, shuffled
from folkmoot.records import Reply, Transcript, Turn
from folkmoot.records.acts import TurnRole


def turn(
    seen: Transcript,
    reply: Reply,
    place: int,
    role: TurnRole,
    *,
    text: str | None = None,
    answer: str | None = None,
    replies_to: tuple[str, ...] = (),
) -> Turn:
    """The message that a reply amounts to, the `place`-th of its step.

    Args:
        text: the words themselves where the reply wraps them; the reply's text by default.
        answer: the option it argues for.
        replies_to: the messages it answers.
    """
    words = reply.text if text is None else text
    return Turn(
        step=seen.place.step,
        order=place,
        id=seen.next_id("M", place),
        seat=reply.seat,
        round=seen.place.round,
        stage=seen.place.stage,
        role=role,
        state=reading.turn_state(reply, words),
        text=words,
        answer=answer,
        replies_to=replies_to,
        call=reply.call,
    )


def in_order(seen: Transcript, said: Mapping[str, Reply]) -> Sequence[Reply]:
    """One reply a seat, in the order that all readers of the round share."""
    order = shuffled(seen.opening.seats, seen.opening.seed, "order", seen.place.round)
    return [said[seat] for seat in order if seat in said]
