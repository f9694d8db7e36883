"""Speak: every seat says its reason, or on an open question its answer, for all to hear."""

import json

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Hearing, HearingOf, filterings, hears
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.stand import STATE
from folkmoot.protocols.turns import in_order, turn
from folkmoot.records import Call, Party, Record, Reply, Stance, Transcript, scrub
from folkmoot.records.base import Frozen


class Speak(Frozen):
    """Each seat gives the reason for the stance it just took; on an open question, its answer.

    A seat whose stance could not be read has no voice in this round: its absence is on record as
    its stance. One that abstained speaks as undecided.
    """

    hearing: HearingOf = Hearing()
    """What each seat is shown."""
    seats: tuple[str, ...] | None = None
    """Who speaks; None for all."""
    name: str = "speak"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each seat that has something to say and has not said it yet."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing) -> tuple[Call, ...]:
        calls = Calls(seen)
        heard = hears(seen, hearing)
        options = seen.opening.options
        for party in seated(seen, self.seats):
            prompt = (*heard[party.seat].common(seen.opening.question), voice.own(party))
            if options is None:
                segments = (*prompt, voice.task(voice.ask_open()), voice.opened("Answer:"))
                calls.generate(party, "answer", segments)
                continue
            stance = _stance_of(seen, party)
            if stance is None or stance.source == "stated":
                continue
            laid_out = voice.choice(options)
            label = "undecided"
            if stance.choice is not None:
                label = laid_out.labels[laid_out.shown.index(stance.choice)]
            task = voice.task(voice.ask_option(laid_out))
            calls.generate(
                party, "reason", (*prompt, task, voice.opened(f"Answer: {label}\nReason:"))
            )
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A message for each seat that spoke, numbered in the round's seeded order."""
        taking_part = {party.seat for party in seated(seen, self.seats)}
        stated = (reply for reply in _stated(seen) if reply.seat in taking_part)
        said = {reply.seat: reply for reply in (*stated, *replies)}
        shown = filterings(hears(seen, self.hearing), [reply.seat for reply in replies])
        turns = (
            turn(seen, reply, place, "statement", text=_text(reply), answer=_answer(seen, reply))
            for place, reply in enumerate(in_order(seen, said))
        )
        return (*shown, *turns)


def _stance_of(seen: Transcript, party: Party) -> Stance | None:
    """The stance that the seat took in this round, if one could be read."""
    mine = [stance for stance in seen.stands(seat=party.seat) if stance.round == seen.place.round]
    return mine[-1] if mine and mine[-1].state in ("valid", "abstained") else None


def _stated(seen: Transcript) -> tuple[Reply, ...]:
    """Replies of this round in which a seat stated its reason together with its stance."""
    latest = {
        reply.seat: reply
        for reply in seen.replies
        if reply.purpose == STATE and _stance_of(seen, seen.opening.party(reply.seat))
    }
    return tuple(latest.values())


def _answer(seen: Transcript, reply: Reply) -> str | None:
    stance = _stance_of(seen, seen.opening.party(reply.seat))
    return stance.choice if stance else None


def _text(reply: Reply) -> str:
    """The words themselves: a stated reply wraps them in JSON, which can spell a lone surrogate."""
    if reply.purpose != STATE:
        return reply.text
    return scrub(str(json.loads(reply.text)["reason"]))
