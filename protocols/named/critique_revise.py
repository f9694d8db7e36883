"""Critique-revise: one seat drafts, the others object by type, it revises (Self-Refine, arXiv
2303.17651, with the critics apart from the drafter; Constitutional AI's revision loop).

    draft ─► verdict ─► [ critique ─► revise ─► verdict ]×rounds, until accepted
          ─► contest ─► decide ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.adopt import Adopt
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted, Critique, Verdict
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.draft import Draft, Revise
from folkmoot.protocols.named.library import Library, RuleOf, absent, last_stances, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand


class CritiqueRevise(Library):
    """Draft, typed objections, revision. `CritiqueRevise(drafter="nurse", rounds=2)`.

    On a choice question every seat takes a stance blind, and another once the draft is final; the
    last stances decide. On an open question the critics' verdicts adopt the draft or do not.
    """

    name: str = Field(default="critique-revise", frozen=True)
    version: str = Field(default="1", frozen=True)
    drafter: str | None = None
    """The seat that writes and revises; None for the panel's first."""
    rounds: int = Field(default=2, ge=1, le=20)
    """Revisions at most; they end early when every critic accepts."""
    rule: RuleOf = Rule()
    """choice questions: how the last stances decide."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        who = self.drafter
        again = (Critique(drafter=who), Revise(drafter=who), Verdict(drafter=who))
        loop: tuple[Part, ...] = (
            Draft(drafter=who),
            Verdict(drafter=who),
            *rounds(self.rounds, again, Accepted()),
        )
        if setting.open_question:
            return (*loop, Contest(), Adopt(drafter=who), Conclude())
        end = (Contest(), Decide(rule=self.rule), Conclude())
        return (Stand(), *loop, *last_stances(setting), *end)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        alone = ("critique-revise needs a critic: a second seat",) if len(seats) < 2 else ()
        return (*absent("drafter", self.drafter, seats), *alone)
