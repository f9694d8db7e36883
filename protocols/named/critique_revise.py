"""Critique-revise: one seat drafts, the others object by type, it revises (Self-Refine, arXiv
2303.17651, with the critics apart from the drafter; Constitutional AI's revision loop).

    draft ─► verdict ─► [ critique ─► revise ─► verdict ]×rounds, until accepted
          ─► contest ─► decide ─► conclude

Version history: 1, the first.
"""

from typing import Any

from pydantic import Field, field_validator

from folkmoot.protocols.account import Account
from folkmoot.protocols.adopt import Adopt
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted, Critique, Verdict
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.draft import Draft, Revise
from folkmoot.protocols.parts import Part, Repeat
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.records.base import Frozen


class CritiqueRevise(Frozen):
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
    rule: Rule = Rule()
    """choice questions: how the last stances decide."""

    @field_validator("rule", mode="before")
    @classmethod
    def _rule(cls, given: Any) -> Rule:
        return Rule.of(given)

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"name", "version"})

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        who = self.drafter
        loop: tuple[Part, ...] = (
            Draft(drafter=who),
            Verdict(drafter=who),
            Repeat(
                (Critique(drafter=who), Revise(drafter=who), Verdict(drafter=who)),
                self.rounds,
                Accepted(),
            ),
        )
        if setting.open_question:
            return (*loop, Contest(), Adopt(drafter=who), Conclude())
        return (
            Stand(),
            *loop,
            Repeat((Stand(), Account()), 1),
            Contest(),
            Decide(rule=self.rule),
            Conclude(),
        )

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        found: list[str] = []
        if self.drafter is not None and self.drafter not in seats:
            found.append(f"the drafter {self.drafter!r} has no seat ({', '.join(seats)})")
        if len(seats) < 2:
            found.append("critique-revise needs a critic: a second seat")
        return tuple(found)
