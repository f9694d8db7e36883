"""What the benches deliberate with: a panel, questions, and a protocol of plain rounds."""

from typing import Any

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.protocols import Part, Repeat, Setting
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from folkmoot.records import Sampling
from folkmoot.records.base import Frozen

PERSONAS = {
    "nurse": "I care for patients day and night, and their trust comes before everything else.",
    "researcher": "New treatments need data, and data need to be shared to save lives.",
    "lawyer": "What was promised to patients binds the hospital, whatever good may come of it.",
    "patient": "My illness is my own affair, and I want to be asked each time.",
    "treasurer": "The hospital has to pay its way, and every rule that we add costs money.",
}

_SUBJECTS = (
    "share its patient records with university researchers",
    "replace its night reception with a chat program",
    "publish the success rates of each of its surgeons",
    "accept a large gift from a tobacco company",
    "let relatives stay in intensive care at all hours",
)
_PLACES = ("a city hospital", "a village clinic", "a children's hospital", "a private hospital")


class Exchange(Frozen):
    """A blind answer, rounds of exchange, then the end: one call a seat and round."""

    name: str = "exchange"
    version: str = "1"
    rounds: int

    def params(self) -> dict[str, Any]:
        """How many rounds, the blind one among them."""
        return {"rounds": self.rounds}

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The end needs no calls: nobody ranks, so nothing is decided, and the answer says so."""
        repeated = Repeat((Speak(),), self.rounds - 1)
        return (Speak(), repeated, Contest(), Decide(), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """None: any panel will do."""
        return ()


def panel_of(model: str, personas: dict[str, str], max_tokens: int = 96) -> Panel:
    """A seat for each persona, all on one model."""
    return Panel(
        [
            Agent(
                seat,
                model=model,
                perspective=Perspective(statement=persona),
                sampling=Sampling(max_tokens=max_tokens),
            )
            for seat, persona in personas.items()
        ]
    )


def questions(count: int) -> list[str]:
    """So many different open questions."""
    pairs = [(place, subject) for subject in _SUBJECTS for place in _PLACES]
    chosen = [pairs[number % len(pairs)] for number in range(count)]
    return [
        f"Case {number}: under which conditions, if any, should {place} {subject}?"
        for number, (place, subject) in enumerate(chosen, 1)
    ]
