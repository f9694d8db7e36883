"""Rank: on an open question, every seat ranks the candidate answers in private."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.table import candidates, most_to_choose
from folkmoot.records import Ballot, Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Rank(Frozen):
    """Each seat weighs the candidates by letter, in both orders; the ranking is by probability.

    Candidates are the latest message of each seat, or the group statements of the latest round
    where a protocol wrote such.
    """

    seats: tuple[str, ...] | None = None
    """Who ranks; None for all."""
    name: str = "rank"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a seat; none where there are fewer than two candidates."""
        among = candidates(seen)
        calls = Calls(seen)
        if len(among) < 2:
            return ()
        for party in seated(seen, self.seats):
            for reverse in (False, True):
                laid_out = voice.choice([turn.text for turn in among], reverse=reverse)
                segments = (
                    *voice.common(seen.opening.question, ()),
                    voice.own(party),
                    voice.task(voice.ask_option(laid_out)),
                    voice.opened("Answer:"),
                )
                calls.choose(party, "rank", segments, laid_out.continuations)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if nobody wrote a candidate and there is a choice between messages."""
        return most_to_choose(seen, self.ask)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A ballot for each seat over the ids of the candidates."""
        ids = tuple(turn.id for turn in candidates(seen))
        orders = (voice.choice(ids), voice.choice(ids, reverse=True))
        ballots: list[Record] = []
        for order, party in enumerate(seated(seen, self.seats)):
            mine = [reply for reply in replies if reply.seat == party.seat]
            if len(ids) < 2:
                read = reading.Weighed("valid" if ids else "abstained", None, None)
                ranking = ids
            else:
                read = reading.weigh(ids, list(zip(orders, mine, strict=True)))
                ranking = reading.ranking(read.probabilities or {}) if read.state == "valid" else ()
            ballots.append(
                Ballot(
                    step=seen.place.step,
                    order=order,
                    id=seen.next_id("b", order),
                    seat=party.seat,
                    round=seen.place.round,
                    options=ids,
                    state=read.state,
                    ranking=ranking,
                    scores=read.probabilities,
                )
            )
        return tuple(ballots)
