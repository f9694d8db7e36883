"""Controls: what any protocol has to be held against, at equal tokens.

    single             one seat, one answer
    blind-vote         blind answers of all seats, then a vote: a debate without the debate
    self-consistency   several draws of one seat, plurality (Wang et al., arXiv 2203.11171; on an open
                       question the seat picks among its draws, arXiv 2311.17311)

Version history: 1, the first.
"""

from typing import Any

from pydantic import Field, field_validator

from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.sample import Sample
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.records.base import Frozen

_ANY_SHARE = Rule(name="plurality", quorum=0)


class Single(Frozen):
    """One seat answers alone, blind. `Single(seat="nurse")`."""

    name: str = Field(default="single", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Who answers."""

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return {"seat": self.seat}

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        only = (self.seat,)
        first: tuple[Part, ...] = (Speak(seats=only), Rank(seats=only))
        if not setting.open_question:
            first = (Stand(seats=only), Speak(seats=only))
        return (*first, Contest(), Decide(rule=_ANY_SHARE), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return _absent(self.seat, seats)


class BlindVote(Frozen):
    """All seats answer blind, then vote; nobody hears anybody. `BlindVote(rule="plurality")`."""

    name: str = Field(default="blind-vote", frozen=True)
    version: str = Field(default="1", frozen=True)
    rule: Rule = Rule()

    @field_validator("rule", mode="before")
    @classmethod
    def _rule(cls, given: Any) -> Rule:
        return Rule.of(given)

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return self.model_dump(mode="json", exclude={"name", "version"})

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        first: tuple[Part, ...] = (Speak(), Rank()) if setting.open_question else (Stand(), Speak())
        return (*first, Contest(), Decide(rule=self.rule), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return ()


class SelfConsistency(Frozen):
    """Several draws of one seat, plurality. `SelfConsistency(seat="nurse", draws=9)`."""

    name: str = Field(default="self-consistency", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Whose model and perspective."""
    draws: int = Field(default=5, ge=1, le=26)

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return {"seat": self.seat, "draws": self.draws}

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        draw = Sample(seat=self.seat, draws=self.draws)
        pick: tuple[Part, ...] = (Rank(seats=(self.seat,)),) if setting.open_question else ()
        return (draw, *pick, Contest(), Decide(rule=_ANY_SHARE), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return _absent(self.seat, seats)


def _absent(seat: str, seats: tuple[str, ...]) -> tuple[str, ...]:
    return () if seat in seats else (f"no seat {seat!r} on the panel ({', '.join(seats)})",)
