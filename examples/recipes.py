"""Methods that other frameworks have, put together of the library's stages. Which one stands for what is
in docs/parity.md; each of these is run there by a test.

python examples/recipes.py
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from folkmoot import Panel, Pool, deliberate
from folkmoot.protocols import (
    Account,
    Conclude,
    Contest,
    Decide,
    Hearing,
    Library,
    Order,
    Part,
    Rank,
    Repeat,
    Rule,
    Sample,
    Say,
    Setting,
    Settled,
    Speak,
    Stage,
    Stand,
    Topology,
    TopologyOf,
    in_turn,
)
from folkmoot.records import Ballot

NOW = Hearing(same_round=True)


def stand_and_speak(
    setting: Setting, hearing: Hearing, seats: tuple[str, ...] | None = None, *, again: bool = True
) -> tuple[Stage, ...]:
    """A stance, what moved it if it is not the first, and its reason; on an open question an answer."""
    speak = Speak(hearing=hearing, seats=seats)
    if setting.open_question:
        return (speak,)
    account = (Account(hearing=hearing, seats=seats),) if again else ()
    return (Stand(hearing=hearing, seats=seats), *account, speak)


def written_by(seat: str, setting: Setting, task: str, hearing: Hearing) -> tuple[Part, ...]:
    """One seat has the last word: on a choice question its stance, on an open one what it writes."""
    only = (seat,)
    if setting.open_question:
        write = Say(task=task, seats=only, role="candidate", hearing=hearing, name="write")
        decide = Decide(rule=Rule(name="plurality", quorum=0))
        return (Repeat((write,), 1), Rank(seats=only), Contest(), decide, Conclude())
    weigh = (Stand(seats=only, hearing=hearing), Account(seats=only, hearing=hearing))
    decide = Decide(rule=Rule(name="dictator", seat=seat))
    return (Repeat(weigh, 1), Contest(), decide, Conclude())


class Feedback(Library):
    """Blind answers; in each round feedback on all of them, then each answers anew; one seat puts the
    last ones together (MoCo's multiagent feedback, arXiv 2601.21257; after arXiv 2402.00367)."""

    name: str = Field(default="feedback", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=3, ge=1, le=20)
    writer: str | None = None
    """Who puts the answers together; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages."""
        say = Say(task=_FEEDBACK, role="critique", hearing=Hearing(history="last"), name="feedback")
        body = (say, *stand_and_speak(setting, NOW))
        first = stand_and_speak(setting, Hearing(), again=False)
        writer = self.writer or setting.seats[0]
        end = written_by(writer, setting, _TOGETHER, Hearing(history="last"))
        return (*first, Repeat(body, self.rounds, Settled()), *end)


class Knowledge(Library):
    """Each seat writes down what it knows that bears on the question, and one answers having read all of
    it (MoCo's knowledge card; Feng et al., arXiv 2305.09955). On a choice question the one who answers
    takes a blind stance first, so that what the others' knowledge did to it is on record."""

    name: str = Field(default="knowledge", frozen=True)
    version: str = Field(default="1", frozen=True)
    writer: str | None = None
    """Who answers; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages."""
        writer = self.writer or setting.seats[0]
        blind: tuple[Part, ...] = () if setting.open_question else (Stand(seats=(writer,)),)
        end = written_by(writer, setting, _ANSWER, Hearing())
        return (*blind, Say(task=_KNOW, name="know"), *end)


class Chain(Library):
    """Seats answer one after the other, each having heard those before it that it reads, with no blind
    round (the Chain and the Graph of Plurals; Ashkinaze et al., arXiv 2409.17213)."""

    name: str = Field(default="chain-of-seats", frozen=True)
    version: str = Field(default="1", frozen=True)
    cycles: int = Field(default=1, ge=1, le=20)
    order: Order = "fixed"
    topology: TopologyOf = Topology()
    """Who reads whom: for a Graph its edges, (reader, read), in an order in which nobody reads a seat
    that comes later."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages."""
        hearing = Hearing(topology=self.topology, same_round=True)
        first = in_turn(stand_and_speak(setting, hearing, again=False), setting, self.order)
        body = in_turn(stand_and_speak(setting, hearing), setting, self.order)
        again = (Repeat(body, self.cycles - 1),) if self.cycles > 1 else ()
        rank = (Rank(),) if setting.open_question else ()
        decide = Decide(rule=Rule(name="plurality"))
        return (*first, *again, *rank, Contest(), decide, Conclude())


class Coached(Library):
    """A debate in which a seat that takes no part says, at the beginning of each round, how the
    discussion could go better (the policy feedback of MALLM's judge; Becker et al., arXiv 2502.19559)."""

    name: str = Field(default="coached", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=1, le=20)
    coach: str | None = None
    """Who coaches; None for the panel's last seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages."""
        coach = self.coach or setting.seats[-1]
        seats = tuple(seat for seat in setting.seats if seat != coach)
        say = Say(task=_COACH, seats=(coach,), role="critique", hearing=Hearing(), name="coach")
        first = stand_and_speak(setting, Hearing(), seats, again=False)
        debaters = stand_and_speak(setting, NOW, seats)
        rank = (Rank(seats=seats),) if setting.open_question else ()
        again = Repeat((say, *debaters), self.rounds, Settled())
        return (*first, again, *rank, Contest(), Decide(), Conclude())


class Mux(Library):
    """Several draws of every seat, and the answer of the seat that agrees with itself the most
    (SLM-MUX, arXiv 2510.05077). For choice questions."""

    name: str = Field(default="mux", frozen=True)
    version: str = Field(default="1", frozen=True)
    draws: int = Field(default=5, ge=1, le=26)

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages."""
        samples = tuple(Sample(draws=self.draws, seat=seat) for seat in setting.seats)
        return (*samples, Contest(), Decide(rule=Rule.of(most_consistent)), Conclude())


def most_consistent(ballots: Sequence[Ballot], options: Sequence[str]) -> list[str]:
    """What the seat says most often whose draws agree the most; several where such seats tie."""
    drawn: dict[str, Counter[str]] = {}
    for ballot in ballots:
        if ballot.choice is not None:
            drawn.setdefault(ballot.seat, Counter())[ballot.choice] += 1
    shares = {seat: max(said.values()) / said.total() for seat, said in drawn.items()}
    surest = [seat for seat in drawn if shares[seat] == max(shares.values())]
    return [o for o in options if any(drawn[s][o] == max(drawn[s].values()) for s in surest)]


_FEEDBACK = (
    "Say what is wrong or missing in the messages of the others, and what to keep. Two sentences."
)
_TOGETHER = "The messages are the seats' last answers. Put them together into one. Two sentences."
_KNOW = "Write down what you know that bears on the question. Do not answer it. Two sentences."
_ANSWER = "Answer the question with what the messages say where it bears on it. Two sentences."
_COACH = "Say how the discussion could go better from here, without answering the question. One sentence."

if __name__ == "__main__":
    panel = Panel.from_yaml("examples/panel.yaml")
    question = "Should the hospital share records with researchers?"
    run = deliberate(question, panel, Feedback(rounds=1), Pool.embedded(), options=["yes", "no"])
    print(asyncio.run(run).answer)
