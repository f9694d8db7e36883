"""Sample: one seat answers the same prompt several times, each draw from a seed of its own."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.draft import author
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import Ballot, Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Sample(Frozen):
    """Draw answers from one seat; on a choice question each draw is a ballot, read to the letter."""

    draws: int
    seat: str | None = None
    """Whose model and perspective; None for the panel's first."""
    name: str = "sample"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call a draw."""
        calls = Calls(seen)
        party = seen.opening.party(author(seen, self.seat))
        options = seen.opening.options
        task = voice.ask_open() if options is None else voice.ask_option(voice.choice(options))
        segments = (
            *voice.common(seen.opening.question, ()),
            voice.own(party),
            voice.task(task),
            voice.opened("Answer:"),
        )
        for draw in range(self.draws):
            calls.generate(party, f"sample {draw + 1}", segments)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A candidate for each draw, and on a choice question its ballot."""
        options = seen.opening.options
        if options is None:
            return tuple(
                turn(seen, reply, place, "candidate") for place, reply in enumerate(replies)
            )
        read = [reading.spoken(reply, voice.choice(options)) for reply in replies]
        turns = [
            turn(seen, reply, place, "candidate", answer=read[place].choice)
            for place, reply in enumerate(replies)
        ]
        ballots = [
            Ballot(
                step=seen.place.step,
                order=place,
                id=seen.next_id("b", place),
                seat=reply.seat,
                round=seen.place.round,
                options=options,
                state=read[place].state,
                ranking=() if (said := read[place].choice) is None else (said,),
            )
            for place, reply in enumerate(replies)
        ]
        return (*turns, *ballots)
