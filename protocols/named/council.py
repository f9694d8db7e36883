"""Council: blind answers, everybody ranks all of them without knowing whose they are, a chair writes
(peer ranking: PRD, Li et al., arXiv 2307.02762; the order of things of Karpathy's llm-council).

    answers (blind) ─► rankings of all by all ─► the chair, who sees the ranking, answers
          ─► contest ─► decide ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, absent, blind, ending, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.table import leading
from folkmoot.protocols.visibility import Visibility
from folkmoot.records import Party, Transcript


class Council(Library):
    """Ranked by all, written by one. `Council(chair="nurse")`.

    On an open question the chair writes the answer, told which one the rankings put first; without a
    chair (`writes=False`) the ranking decides itself. On a choice question the chair hears every
    reason and how many hold what, and its stance decides.
    """

    name: str = Field(default="council", frozen=True)
    version: str = Field(default="1", frozen=True)
    chair: str | None = None
    """Who writes or decides; None for the panel's first seat."""
    writes: bool = True
    """Whether the chair has the last word; if not, rankings (or stances) decide by Borda's count."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        chair = self.chair or setting.seats[0]
        only, shown = (chair,), Hearing(visibility=Visibility(tally=True))
        if not self.writes:
            return (*blind(setting), *ending(setting, Decide(rule=Rule(name="borda"))))
        if setting.open_question:
            write = Say(task=_write, seats=only, role="candidate", hearing=Hearing(), name="write")
            decide = Decide(rule=Rule(name="plurality", quorum=0))
            end = ending(setting, decide, rank=Rank(seats=only))
            return (*blind(setting), Rank(), *rounds(1, (write,)), *end)
        weigh = (Stand(seats=only, hearing=shown), Account(hearing=shown))
        decide = Decide(rule=Rule(name="dictator", seat=chair))
        return (*blind(setting), *rounds(1, weigh), *ending(setting, decide))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("chair", self.chair, seats)


def _write(seen: Transcript, party: Party) -> str:
    """The chair's task: the answers' ranking is told by message, never by seat."""
    first = leading(seen)
    told = "tie in the seats' rankings" if first is None else f"were ranked: {first.id} came first"
    return (
        f"The messages are answers of the council's seats; they {told}. Write the council's answer. "
        "Two or three sentences."
    )
