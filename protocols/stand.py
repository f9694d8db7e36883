"""Stand: every seat takes a stance on a choice question, blind or after hearing the others."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.hearing import Hearing, HearingOf, filterings, hears
from folkmoot.protocols.say import Task, task_for
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.weighed import weighed
from folkmoot.records import QUESTION, Call, Move, Party, Record, Reply, Stance, Transcript
from folkmoot.records.base import Frozen

STATE = "state"
"""Purpose of the call in which a seat states its stance and its reason together."""
WEIGH = "stand"
"""Purpose of the calls in which a seat's stance is weighed."""


class Stand(Frozen, arbitrary_types_allowed=True):
    """Each seat weighs the options from its perspective.

    A small model's stance is read from the option probabilities in both option orders; a seat whose
    agent says `stance="stated"` answers in guided JSON, its reason first.
    """

    hearing: HearingOf = Hearing()
    """What each seat is shown."""
    seats: tuple[str, ...] | None = None
    """Who takes a stance; None for all."""
    how: Task | None = None
    """How a seat is to come to its stance, said before the options."""
    name: str = "stand"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a seat, one per option order, or one `generate` call."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The same calls where nothing is held back."""
        return self._calls(seen, self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing) -> tuple[Call, ...]:
        options = seen.opening.options
        assert options is not None, "Stand is for choice questions"
        calls = Calls(seen)
        heard = hears(seen, hearing)
        for party in seated(seen, self.seats):
            prompt = (*heard[party.seat].common(seen.opening.question), voice.own(party))
            how = "" if self.how is None else task_for(self.how, seen, party)
            how = f"{how}\n" if how else ""
            if party.stance == "stated":
                messages = heard[party.seat].ids
                task = voice.task(how + voice.state_option(options))
                most = party.sampling.max_tokens
                schema = reading.stated_schema(options, messages, most)
                calls.generate(party, STATE, (*prompt, task), json_schema=schema)
                continue
            for reverse in (False, True):
                laid_out = voice.choice(options, reverse=reverse)
                segments = (
                    *prompt,
                    voice.task(how + voice.ask_option(laid_out)),
                    voice.opened("Answer:"),
                )
                calls.choose(party, WEIGH, segments, laid_out.continuations)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A stance for each seat, and a move where a stated one differs from the one before."""
        heard = hears(seen, self.hearing)
        asked = seated(seen, self.seats)
        records: list[Record] = [*filterings(heard, [party.seat for party in asked])]
        for order, party in enumerate(asked):
            mine = [reply for reply in replies if reply.seat == party.seat]
            if party.stance == "stated":
                messages = heard[party.seat].ids
                stance, cites = _stated(seen, party, order, mine[0], messages)
                records += [stance, *_move(seen, stance, cites)]
            else:
                options = seen.opening.options or ()
                records.append(weighed(seen, party.seat, options, mine, order=order))
        return tuple(records)


def _stated(
    seen: Transcript, party: Party, order: int, reply: Reply, messages: list[str]
) -> tuple[Stance, tuple[str, ...]]:
    options = seen.opening.options or ()
    said = reading.stated(reply, options, messages)
    stance = Stance(
        step=seen.place.step,
        order=order,
        seat=party.seat,
        round=seen.place.round,
        stage=seen.place.stage,
        options=options,
        state=said.state,
        choice=said.choice,
        source="stated",
    )
    return stance, said.cites


def _move(seen: Transcript, stance: Stance, cites: tuple[str, ...]) -> tuple[Move, ...]:
    before = seen.last_stand(stance.seat, QUESTION)
    if before is None or stance.choice is None or before.choice in (None, stance.choice):
        return ()
    named = tuple(cite for cite in cites if seen.turn(cite).seat != stance.seat)
    return (
        Move(
            step=stance.step,
            order=stance.order,
            seat=stance.seat,
            round=stance.round,
            from_choice=before.choice,
            to_choice=stance.choice,
            because="argument" if named else "unexplained",
            cites=named,
        ),
    )
