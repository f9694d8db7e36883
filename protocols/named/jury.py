"""Jury: the seats deliberate in turn, then a qualified majority decides or the jury hangs (sortition
and deliberation as in Plurals, Ashkinaze et al., CHI 2025, arXiv 2409.17213).

    stances and reasons (blind) ─► [ each in turn: stance ─► reason ]×rounds, until the bar is reached
          ─► judge claims ─► contest ─► decide by supermajority ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, blind, ending, exchange, rounds
from folkmoot.protocols.order import Order, in_turn
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stopping import Share


class Jury(Library):
    """In turn, to a qualified majority. `Jury(bar=0.75, order="shuffled")`.

    Whoever is drawn for the panel sits; drawing is the caller's. A jury that does not reach the bar
    hangs: the decision is a deadlock, and the answer sets the positions out.
    """

    name: str = Field(default="jury", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)
    bar: float = Field(default=2 / 3, gt=0.5, le=1)
    """The share of valid votes that decides."""
    order: Order = "shuffled"
    """In which order the seats speak in a round."""
    contest_claims: bool = True
    """Whether every seat judges every first claim (of an open question every last answer)."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        body = in_turn(exchange(setting, Hearing()), setting, self.order)
        if setting.open_question:
            body = in_turn(Speak(), setting, self.order)
        decide = Decide(rule=Rule(name="supermajority", threshold=self.bar))
        judged = "latest" if setting.open_question else "first"
        return (
            *blind(setting),
            *rounds(self.rounds, body, Share(bar=self.bar)),
            *ending(setting, decide, judged if self.contest_claims else None, Rank()),
        )
