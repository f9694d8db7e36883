"""Recipes: the three pluralistic modes (Modular Pluralism, Feng et al., arXiv 2406.15951; the terms are
Sorensen et al.'s, arXiv 2402.05070). None of them makes anybody win."""

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, absent, blind, ending, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand


class Overton(Library):
    """One answer that covers every reasonable view. `Overton(writer="chair")`.

    All answer blind, and one seat writes an answer in which each view is found again. On a choice
    question nobody is made to win, and the views are set out.
    """

    name: str = Field(default="overton", frozen=True)
    version: str = Field(default="1", frozen=True)
    writer: str | None = None
    """Who writes; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        only = (self.writer or setting.seats[0],)
        write = Say(task=_COVER, seats=only, role="candidate", hearing=Hearing(), name="cover")
        rule = Rule(name="plurality", quorum=0, forced=setting.open_question)
        end = ending(setting, Decide(rule=rule), rank=Rank(seats=only))
        return (*blind(setting), *rounds(1, (write,)), *end)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("writer", self.writer, seats)


class Steerable(Library):
    """The answer under one named perspective, having read all others. `Steerable(under="nurse")`."""

    name: str = Field(default="steerable", frozen=True)
    version: str = Field(default="1", frozen=True)
    under: str | None = None
    """Whose perspective; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        seat = self.under or setting.seats[0]
        if setting.open_question:
            write = Say(task=_FAITHFUL, seats=(seat,), role="candidate", hearing=Hearing())
            decide = Decide(rule=Rule(name="plurality", quorum=0))
            end = ending(setting, decide, rank=Rank(seats=(seat,)))
            return (*blind(setting), *rounds(1, (write,)), *end)
        weigh = (Stand(seats=(seat,), hearing=Hearing()), Account())
        decide = Decide(rule=Rule(name="dictator", seat=seat))
        return (*blind(setting), *rounds(1, weigh), *ending(setting, decide))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.under, seats)


class Distributional(Library):
    """How the views are spread: the mean of all seats' probabilities, and no winner.

    On an open question the probabilities are those of the ranking of the answers.
    """

    name: str = Field(default="distributional", frozen=True)
    version: str = Field(default="1", frozen=True)

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        decide = Decide(rule=Rule(name="soft", quorum=0, forced=False))
        return (*blind(setting), *ending(setting, decide))


_COVER = (
    "Write one answer in which every view of the messages above is found, each with its reason, and "
    "none is made to win. Three or four sentences."
)
_FAITHFUL = (
    "Write the answer that follows from your perspective, having read what the others say. Two or "
    "three sentences."
)
