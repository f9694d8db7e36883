"""Controls: what any protocol has to be held against, at equal tokens.

    single             one seat, one answer
    blind-vote         blind answers of all seats, then a vote: a debate without the debate
    self-consistency   several draws of one seat, plurality (Wang et al., arXiv 2203.11171; on an open
                       question the seat picks among its draws, arXiv 2311.17311)

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import Decide
from folkmoot.protocols.named.library import Library, RuleOf, absent, blind, ending
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.sample import Sample
from folkmoot.protocols.setting import Setting

_ANY_SHARE = Rule(name="plurality", quorum=0)


class Single(Library):
    """One seat answers alone, blind. `Single(seat="nurse")`."""

    name: str = Field(default="single", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Who answers."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        only = (self.seat,)
        decide = Decide(rule=_ANY_SHARE)
        return (*blind(setting, only), *ending(setting, decide, rank=Rank(seats=only)))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.seat, seats)


class BlindVote(Library):
    """All seats answer blind, then vote; nobody hears anybody. `BlindVote(rule="plurality")`."""

    name: str = Field(default="blind-vote", frozen=True)
    version: str = Field(default="1", frozen=True)
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        return (*blind(setting), *ending(setting, Decide(rule=self.rule)))


class SelfConsistency(Library):
    """Several draws of one seat, plurality. `SelfConsistency(seat="nurse", draws=9)`."""

    name: str = Field(default="self-consistency", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Whose model and perspective."""
    draws: int = Field(default=5, ge=1, le=26)

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        draw = Sample(seat=self.seat, draws=self.draws)
        decide = Decide(rule=_ANY_SHARE)
        return (draw, *ending(setting, decide, rank=Rank(seats=(self.seat,))))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.seat, seats)
