"""Delphi: anonymous stances with reasons, feedback of the tally, again until the spread is stable
(Dalkey and Helmer, Management Science 9(3), 1963; Linstone and Turoff, The Delphi Method, 1975).

    stances and reasons (blind) ─► [ stance ─► reason, seeing tally and reasons ]×rounds, until stable
          ─► contest ─► decide by the mean of the distributions ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, RuleOf, blind, ending, exchange, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stopping import DivergenceUnchanged
from folkmoot.protocols.visibility import Visibility


class Delphi(Library):
    """Feedback by figures and reasons, never by name. `Delphi(rounds=3)`.

    Between rounds every seat is shown how many held what, and the reasons of the last round. Rounds
    end when the vote has stopped moving. Nobody talks to anybody, and the result is the mean of what
    all think, not a compromise that anyone wrote.
    """

    name: str = Field(default="delphi", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=3, ge=1, le=20)
    stable: float = Field(default=0.05, gt=0, le=1)
    """The vote has stopped moving when it changes by less (Jensen-Shannon, in bits)."""
    rule: RuleOf = Rule(name="soft")
    """choice questions; an open one's answers are ranked, and the rule is Borda's."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        shown = Hearing(visibility=Visibility(tally=True), history="last")
        until = DivergenceUnchanged(bar=self.stable)
        rule = Rule(name="borda") if setting.open_question else self.rule
        again = rounds(self.rounds, exchange(setting, shown), until)
        return (*blind(setting), *again, *ending(setting, Decide(rule=rule)))
