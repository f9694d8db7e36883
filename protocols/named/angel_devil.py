"""Angel and devil: one side affirms, one contradicts, a moderator may break off and then judges
(MAD; Liang et al., arXiv 2305.19118).

    stances (blind) ─► affirm ─► [ contradict ─► affirm again ─► moderate ]×rounds, until called off
          ─► contest ─► the moderator decides ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.decide import JudgeDecides
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, absent, ending, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import CalledOff, Moderate

_IN_TURN = Hearing(same_round=True)


class AngelDevil(Library):
    """Tit for tat before a moderator. `AngelDevil(rounds=3)`.

    By default the panel's first seat affirms what it holds itself, the second contradicts whatever
    it holds, and the last moderates, breaks off (adaptive break) and decides. The paper's level of
    disagreement is "tit for tat": the devil need not agree on anything. Seats without a part take a
    blind stance and no other.
    """

    name: str = Field(default="angel-devil", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=3, ge=1, le=20)
    """Exchanges at most; the moderator may end them after each."""
    angel: str | None = None
    """Who affirms; None for the panel's first seat."""
    devil: str | None = None
    """Who contradicts; None for its second."""
    moderator: str | None = None
    """Who breaks off and decides; None for its last."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        angel, devil, moderator = self._cast(setting.seats)
        blind: tuple[Part, ...] = () if setting.open_question else (Stand(),)
        exchange = (
            Say(
                task=_CONTRADICT, seats=(devil,), answers=angel, hearing=_IN_TURN, name="contradict"
            ),
            Say(task=_AGAIN, seats=(angel,), answers=devil, hearing=_IN_TURN, name="affirm"),
            Moderate(moderator=moderator),
        )
        return (
            *blind,
            Say(task=_AFFIRM, seats=(angel,), name="affirm"),
            *rounds(self.rounds, exchange, CalledOff()),
            *ending(setting, JudgeDecides(judge=moderator), rank=None),
        )

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        named = {"angel": self.angel, "devil": self.devil, "moderator": self.moderator}
        missing = [fault for what, seat in named.items() for fault in absent(what, seat, seats)]
        if len(seats) < 3:
            return (*missing, "angel-devil needs three seats: two sides and a moderator")
        if not missing and len(set(self._cast(seats))) < 3:
            return ("angel, devil and moderator are three different seats",)
        return tuple(missing)

    def _cast(self, seats: tuple[str, ...]) -> tuple[str, str, str]:
        return (self.angel or seats[0], self.devil or seats[1], self.moderator or seats[-1])


_AFFIRM = "{options}\nSay what you hold to be right, and why. Two sentences."
_CONTRADICT = (
    "{options}\nThe last message is wrong in your view, whatever you hold yourself. Contradict it: "
    "say what is right instead, and why. Two sentences."
)
_AGAIN = "{options}\nAnswer the last message: say what you hold now, and why. Two sentences."
