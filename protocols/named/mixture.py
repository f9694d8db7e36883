"""Mixture of agents: layers of proposers, each reading the layer before, then an aggregator (Wang et al.,
arXiv 2406.04692; with one model in every seat: Self-MoA, arXiv 2502.00674).

    layer 1 (blind) ─► [ layer, reading the one before ]×(layers - 1)
          ─► the aggregator puts them together ─► contest ─► decide ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, absent, blind, ending, exchange, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand

_TOGETHER = (
    "The messages are answers of several seats. Weigh them, some may be biased or wrong, and write "
    "one answer that is better than each of them. Two or three sentences."
)


class Mixture(Library):
    """Proposers in layers, one aggregator. `Mixture(layers=3, aggregator="chair")`.

    Every seat proposes in every layer, as in the paper, which has three layers and six proposers. On
    a choice question the aggregator, having read the last layer, decides by its stance; on an open
    one by writing the answer. Seats on one model make it Self-MoA.
    """

    name: str = Field(default="mixture", frozen=True)
    version: str = Field(default="1", frozen=True)
    layers: int = Field(default=3, ge=1, le=10)
    """Of proposers; the aggregator comes after the last."""
    aggregator: str | None = None
    """Who puts the last layer together; None for the panel's first seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        chair, last = self.aggregator or setting.seats[0], Hearing(history="last")
        only = (chair,)
        layers = (*blind(setting), *rounds(self.layers - 1, exchange(setting, last)))
        if setting.open_question:
            write = Say(
                task=_TOGETHER, seats=only, role="candidate", hearing=last, name="aggregate"
            )
            decide = Decide(rule=Rule(name="plurality", quorum=0))
            end = ending(setting, decide, rank=Rank(seats=only))
            return (*layers, *rounds(1, (write,)), *end)
        weigh = (Stand(seats=only, hearing=last), Account(hearing=last))
        decide = Decide(rule=Rule(name="dictator", seat=chair))
        return (*layers, *rounds(1, weigh), *ending(setting, decide))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("aggregator", self.aggregator, seats)
