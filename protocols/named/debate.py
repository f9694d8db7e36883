"""Debate: blind first answers, rounds of exchange, then a vote or a judge (Du et al., arXiv 2305.14325).

    propose (blind) ─► [ exchange ]×rounds ─► judge claims ─► contest ─► decide ─► conclude

On an open question the answers are ranked before the conflicts are drawn up from the rankings.

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import (
    Library,
    RuleOf,
    TopologyOf,
    absent,
    blind,
    ending,
    exchange,
    rounds,
)
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stopping import Settled
from folkmoot.protocols.topology import COMPLETE


class Debate(Library):
    """Simultaneous debate. `Debate(rounds=2, topology="ring", rule="majority")`.

    On a choice question every round is: take a stance, say what moved you if you moved, give the
    reason. On an open question every round is an answer; at the end the seats rank the answers.
    """

    name: str = Field(default="debate", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=20)
    """Rounds of exchange after the blind one. They end early when nothing is left to exchange."""
    topology: TopologyOf = COMPLETE
    rule: RuleOf = Rule()
    judge: str | None = None
    """The seat that decides in place of a vote."""
    contest_claims: bool = True
    """Whether every seat judges every first claim (on an open question every last answer), so that
    conflicts below the question show."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        decide = (
            Decide(rule=self.rule)
            if self.judge is None
            else JudgeDecides(judge=self.judge, forced=self.rule.forced)
        )
        judged = "latest" if setting.open_question else "first"
        return (
            *blind(setting),
            *self._exchange(setting),
            *ending(
                setting,
                decide,
                judged if self.contest_claims else None,
                None if self.judge else Rank(),
            ),
        )

    def _exchange(self, setting: Setting) -> tuple[Part, ...]:
        hearing = Hearing(topology=self.topology)
        return rounds(self.rounds, exchange(setting, hearing), Settled())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return (*absent("judge", self.judge, seats), *self.topology.faults(seats))
