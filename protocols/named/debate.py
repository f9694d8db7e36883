"""Debate: blind first answers, rounds of exchange, then a vote or a judge (Du et al., arXiv 2305.14325).

    propose (blind) ─► [ exchange ]×rounds ─► judge claims ─► contest ─► decide ─► conclude

On an open question the answers are ranked before the conflicts are drawn up from the rankings.

Version history: 1, the first.
"""

from typing import Any

from pydantic import Field, field_validator

from folkmoot.protocols.account import Account
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.parts import Part, Repeat
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled
from folkmoot.protocols.topology import COMPLETE, Topology
from folkmoot.records.base import Frozen


class Debate(Frozen):
    """Simultaneous debate. `Debate(rounds=2, topology="ring", rule="majority")`.

    On a choice question every round is: take a stance, say what moved you if you moved, give the
    reason. On an open question every round is an answer; at the end the seats rank the answers.
    """

    name: str = Field(default="debate", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=20)
    """Rounds of exchange after the blind one. They end early when nothing is left to exchange."""
    topology: Topology = COMPLETE
    rule: Rule = Rule()
    judge: str | None = None
    """The seat that decides in place of a vote."""
    contest_claims: bool = True
    """Whether every seat judges every first claim (on an open question every last answer), so that
    conflicts below the question show."""

    @field_validator("topology", mode="before")
    @classmethod
    def _topology(cls, given: Any) -> Topology:
        return Topology.of(given)

    @field_validator("rule", mode="before")
    @classmethod
    def _rule(cls, given: Any) -> Rule:
        return Rule.of(given)

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"name", "version"})

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        decide = Decide(rule=self.rule) if self.judge is None else JudgeDecides(judge=self.judge)
        if setting.open_question:
            return (
                Speak(),
                *self._repeated(Speak(topology=self.topology)),
                *((Judge(which="latest"),) if self.contest_claims else ()),
                *(() if self.judge else (Rank(),)),
                Contest(),
                decide,
                Conclude(),
            )
        return (
            Stand(),
            Speak(),
            *self._repeated(
                Stand(topology=self.topology),
                Account(topology=self.topology),
                Speak(topology=self.topology),
            ),
            *((Judge(which="first"),) if self.contest_claims else ()),
            Contest(),
            decide,
            Conclude(),
        )

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        missing = (
            (f"the judge {self.judge!r} has no seat on the panel ({', '.join(seats)})",)
            if self.judge is not None and self.judge not in seats
            else ()
        )
        return (*missing, *self.topology.faults(seats))

    def _repeated(self, *body: Any) -> tuple[Repeat, ...]:
        return (Repeat(body, self.rounds, Settled()),) if self.rounds else ()
