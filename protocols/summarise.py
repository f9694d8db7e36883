"""Summarise: a seat sums up what has been said. Where a hearing's history is "summary", the summary
stands in for the messages that it answers; these stay on record as they were said."""

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Hearing, hears
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen

_ASK = (
    "Sum up these messages for the panel: every answer that is held, and each different reason for "
    "it. Add nothing. Two or three sentences."
)


class Summarise(Frozen):
    """One seat sums up all that it hears and that no summary of its own stands for yet.

    It hears what was said in the same round too. Its perspective is not in the prompt: it speaks for
    those whom it sums up (GroupDebate, arXiv 2409.14051, between groups).
    """

    seat: str | None = None
    """Who writes; None for the panel's first seat, or the group's."""
    hearing: Hearing = Hearing(history="summary", same_round=True)
    name: str = "summarise"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call; none where there is nothing to sum up."""
        heard = hears(seen, self.hearing)[self._writer(seen)]
        if not heard.messages:
            return ()
        calls = Calls(seen)
        segments = (
            *heard.common(seen.opening.question),
            voice.task(_ASK),
            voice.opened("Summary:"),
        )
        calls.generate(seen.opening.party(self._writer(seen)), "summary", segments)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The summary; it answers the messages that it stands for."""
        summed = tuple(hears(seen, self.hearing)[self._writer(seen)].ids)
        return tuple(turn(seen, reply, 0, "summary", replies_to=summed) for reply in replies)

    def _writer(self, seen: Transcript) -> str:
        return seen.opening.seats[0] if self.seat is None else self.seat
