"""Embed: messages and the question become vectors, by one model, for filters that compare them."""

from folkmoot.protocols.stage import Calls
from folkmoot.records import QUESTION, Call, Record, Reply, Segment, Transcript
from folkmoot.records.base import Frozen

EMBED = "embed"
"""Purpose of the calls."""


class Embed(Frozen):
    """One seat's model embeds the question and every message that has no vector yet.

    The vectors are the replies themselves. It stands before the stages whose filters read them, at
    the beginning of a round. One model for all: vectors of two models cannot be compared.
    """

    seat: str | None = None
    """Whose model; None for the panel's first seat."""
    name: str = "embed"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `embed` call for each text."""
        parties = seen.opening.parties
        party = parties[0] if self.seat is None else seen.opening.party(self.seat)
        texts = {QUESTION: seen.opening.question, **{turn.id: turn.text for turn in seen.spoken()}}
        known = vectors(seen)
        calls = Calls(seen)
        for about, text in texts.items():
            if about not in known:
                segment = Segment(role="user", text=text, label=about)
                calls.embed(party, EMBED, (segment,), about)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """Nothing more: the replies are on record."""
        return ()


def vectors(seen: Transcript, purpose: str = EMBED) -> dict[str, tuple[float, ...]]:
    """The vectors on record before this stage: id of the message, or "question" → vector.

    Args:
        seen: the record as the stage reads it.
        purpose: of the calls that asked for them; those of claims are by the ids of claims.
    """
    return {
        reply.about: reply.vector
        for reply in seen.replies
        if reply.purpose == purpose
        and reply.about is not None
        and reply.vector is not None
        and reply.step < seen.place.step
    }
