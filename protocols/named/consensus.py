"""Consensus: group statements, private rankings, Schulze, critiques, revised statements: the loop of
the Habermas Machine (Tessler et al., Science 2024, doi 10.1126/science.adq2852).

    opinions (blind) ─► candidates ─► rank ─► [ comment ─► candidates ─► rank ]×rounds
          ─► judge the leading one ─► contest ─► decide (Schulze) ─► conclude

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.protocols.candidate import Candidate, Comment
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.named.library import Library, last_stances, rounds
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand


class Consensus(Library):
    """Candidate group statements, ranked in private. `Consensus(rounds=1, candidates=4)`.

    On an open question the winning statement is the answer. On a choice question the seats take a
    last stance having read the statements, and their rankings of the options decide.
    """

    name: str = Field(default="consensus", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=10)
    """Rounds of critique and rewriting after the first candidates."""
    candidates: int = Field(default=4, ge=1, le=16)
    """Statements a round at most, one a seat."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        again = (Comment(), Candidate(of="critiques", count=self.candidates), Rank())
        loop: tuple[Part, ...] = (
            Speak(),
            Candidate(of="opinions", count=self.candidates),
            Rank(),
            *rounds(self.rounds, again),
        )
        end: tuple[Part, ...] = (Contest(), Decide(rule=Rule(name="schulze")), Conclude())
        if setting.open_question:
            return (*loop, Judge(which="leading"), *end)
        return (Stand(), *loop, Judge(which="leading"), *last_stances(setting), *end)
