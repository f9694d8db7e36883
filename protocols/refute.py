"""Refute: a seat says what is mistaken in each message, before the others hear it (the misconception
refutation of Estornell and Liu, NeurIPS 2024)."""

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Heard, Hearing, filterings, hears
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Refute(Frozen):
    """One seat answers each message that it hears and has not answered yet, its own aside.

    It stands at the beginning of a round; who reads this seat hears its refutations beside the
    messages, in the same round.
    """

    seat: str | None = None
    """Who refutes; None for the panel's first seat."""
    hearing: Hearing = Hearing(history="last")
    name: str = "refute"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each message."""
        heard = self._heard(seen)
        answered = {each for said in seen.spoken(role="refutation") for each in said.replies_to}
        party = seen.opening.party(self._who(seen))
        calls = Calls(seen)
        for said in heard.turns:
            if said.seat == party.seat or said.id in answered or said.role == "refutation":
                continue
            task = voice.task(
                f"What is mistaken in {said.id}? Name the mistake and say what is right instead; if "
                "nothing is mistaken, say so. One or two sentences."
            )
            segments = (
                *heard.common(seen.opening.question),
                voice.own(party),
                task,
                voice.opened("Answer:"),
            )
            calls.generate(party, "refute", segments, about=said.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The refutations, each answering its message."""
        turns = (
            turn(seen, reply, place, "refutation", replies_to=(reply.about,) if reply.about else ())
            for place, reply in enumerate(replies)
        )
        asked = [self._who(seen)] if replies else []
        return (*filterings({self._who(seen): self._heard(seen)}, asked), *turns)

    def _who(self, seen: Transcript) -> str:
        return seen.opening.seats[0] if self.seat is None else self.seat

    def _heard(self, seen: Transcript) -> Heard:
        return hears(seen, self.hearing)[self._who(seen)]
