"""Anti-conformity: one round in which a seat must name flaws before it may move, and the whole way to
the answer is scored (Free-MAD; Cui et al., arXiv 2509.11035).

    stances and reasons (blind) ─► name flaws ─► stances ─► reasons
          ─► judge claims ─► contest ─► decide by trajectory ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, RuleOf, blind, ending, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand

_FLAWS = (
    "Do not agree for the sake of agreement. Name the worst flaw in the messages above that speak "
    "against your own answer, or say that you found none. One sentence."
)


class AntiConformity(Library):
    """Keep or revise, with flaws named first. `AntiConformity()`.

    No consensus is sought. The rule looks at every stance that was ever held (20 for a first one, 25
    off for one given up, 30 for one adopted, 20 for one kept, each over the round's number), so that
    what many leave again does not win by its last round. An open question has no stances to follow:
    its answers are ranked, and the rule is plurality.
    """

    name: str = Field(default="anti-conformity", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=20)
    rule: RuleOf = Rule(name="trajectory")
    """choice questions."""
    contest_claims: bool = True
    """Whether every seat judges every first claim (of an open question every last answer)."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        flaws = Say(task=_FLAWS, role="critique", opened="Flaw:", name="flaws")
        hearing = Hearing(same_round=True)
        body: tuple[Part, ...] = (flaws, Speak(hearing=hearing))
        if not setting.open_question:
            body = (flaws, Stand(hearing=hearing), Account(hearing=hearing), Speak(hearing=hearing))
        rule = Rule(name="plurality") if setting.open_question else self.rule
        judged = "latest" if setting.open_question else "first"
        return (
            *blind(setting),
            *rounds(self.rounds, body),
            *ending(setting, Decide(rule=rule), judged if self.contest_claims else None),
        )
