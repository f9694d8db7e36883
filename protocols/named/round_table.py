"""Round table: answers, reasons and confidences are shown, grouped, and weighed by confidence
(ReConcile; Chen et al., arXiv 2309.13007).

    stances and reasons (blind) ─► [ stance ─► reason ]×rounds, until all agree
          ─► judge claims ─► contest ─► decide by confidence ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, RuleOf, blind, ending, exchange, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stopping import Unanimous
from folkmoot.protocols.visibility import Visibility


class RoundTable(Library):
    """Confidences on the table. `RoundTable(rounds=3)`.

    Everybody is shown every answer with its reason and its confidence, and how many hold what. A
    seat's confidence is the probability that it gives to its choice, not a number that it writes.
    The vote is weighted by confidence, recalibrated as the paper does (1 → 1, from .9 → .8, from .8
    → .5, above .6 → .3, else .1). Of the paper's convincing samples there are none: they need a
    training set.
    """

    name: str = Field(default="round-table", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=3, ge=0, le=20)
    """Rounds of discussion at most; they end when all hold the same."""
    rule: RuleOf = Rule(name="confidence")
    contest_claims: bool = True
    """Whether every seat judges every first claim (of an open question every last answer)."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        shown = Visibility(confidence=True, tally=True)
        judged = "latest" if setting.open_question else "first"
        return (
            *blind(setting),
            *rounds(self.rounds, exchange(setting, Hearing(visibility=shown)), Unanimous()),
            *ending(setting, Decide(rule=self.rule), judged if self.contest_claims else None),
        )
