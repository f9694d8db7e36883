"""Controls: what any protocol has to be held against, at equal tokens.

    single             one seat, one answer
    blind-vote         blind answers of all seats, then a vote: a debate without the debate
    self-consistency   several draws of one seat, plurality (Wang et al., arXiv 2203.11171; on an open
                       question the seat picks among its draws, arXiv 2311.17311)
    self-correction    every seat revises its own answer and hears nobody, then a vote (the isolated
                       arm of arXiv 2605.00914; Self-Refine, arXiv 2303.17651)
    best-of-n          several draws of one seat, each scored; the best is the answer, unchanged (the
                       baseline of arXiv 2601.08835)
    noise-peers        a debate in which peers' messages are text on other matters (arXiv 2605.00914)

How they are brought to a protocol's tokens is `folkmoot.eval`.

Version history: 1, the first.
"""

from pydantic import Field

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols.account import Account
from folkmoot.protocols.best import Best, Draw
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.filters import Noise
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.debate import Debate
from folkmoot.protocols.named.library import Library, RuleOf, absent, blind, ending, rounds
from folkmoot.protocols.noised import noised
from folkmoot.protocols.parts import Part
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.sample import Sample
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.topology import Topology

MOST_DRAWS = 1000
"""Of one seat in one run. On an open question as many as can be ranked by letter."""

_ANY_SHARE = Rule(name="plurality", quorum=0)

_ITS_OWN = Hearing(topology=Topology(name="custom", edges=()))
"""A seat is shown what it said itself, and nothing else."""


class Single(Library):
    """One seat answers alone, blind. `Single(seat="nurse")`."""

    name: str = Field(default="single", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Who answers."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        only = (self.seat,)
        decide = Decide(rule=_ANY_SHARE)
        return (*blind(setting, only), *ending(setting, decide, rank=Rank(seats=only)))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.seat, seats)


class BlindVote(Library):
    """All seats answer blind, then vote; nobody hears anybody. `BlindVote(rule="plurality")`."""

    name: str = Field(default="blind-vote", frozen=True)
    version: str = Field(default="1", frozen=True)
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        return (*blind(setting), *ending(setting, Decide(rule=self.rule)))


class SelfConsistency(Library):
    """Several draws of one seat, plurality. `SelfConsistency(seat="nurse", draws=9)`."""

    name: str = Field(default="self-consistency", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str
    """Whose model and perspective."""
    draws: int = Field(default=5, ge=1, le=MOST_DRAWS)
    """On an open question, where the draws are ranked by letter, 26 are drawn at most."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        most = len(LETTERS) if setting.open_question else MOST_DRAWS
        draw = Sample(seat=self.seat, draws=min(self.draws, most))
        decide = Decide(rule=_ANY_SHARE)
        return (draw, *ending(setting, decide, rank=Rank(seats=(self.seat,))))

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.seat, seats)


class SelfCorrection(Library):
    """Every seat revises its own answer and hears nobody. `SelfCorrection(rounds=2)`.

    A debate without the others: the prompts are a debate's, with the seat's own messages alone in
    them. It has all its rounds: nothing that the others hold ends it.
    """

    name: str = Field(default="self-correction", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=0, le=40)
    """Of revision, after the first answer."""
    only: str | None = None
    """The one seat that takes part; None: every seat does, each by itself, and then they vote."""
    rule: RuleOf = Rule()
    """How they vote."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        who = None if self.only is None else (self.only,)
        speak = Speak(hearing=_ITS_OWN, seats=who)
        again: tuple[Part, ...] = (speak,)
        if not setting.open_question:
            again = (
                Stand(hearing=_ITS_OWN, seats=who),
                Account(hearing=_ITS_OWN, seats=who),
                speak,
            )
        decide = Decide(rule=self.rule if who is None else _ANY_SHARE)
        end = ending(setting, decide, rank=Rank(seats=who))
        return (*blind(setting, who), *rounds(self.rounds, again), *end)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return absent("seat", self.only, seats)


class BestOfN(Library):
    """Draws of one seat, each scored; the best is the answer. `BestOfN(seat="nurse", draws=8)`."""

    name: str = Field(default="best-of-n", frozen=True)
    version: str = Field(default="1", frozen=True)
    seat: str | None = None
    """Whose model and perspective; None for the panel's first seat."""
    judge: str | None = None
    """Who scores; None for the seat that draws."""
    draws: int = Field(default=5, ge=1, le=MOST_DRAWS)

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        seat = self.seat or setting.seats[0]
        best = Best(judge=self.judge or seat)
        return (Draw(seat=seat, draws=self.draws), Contest(), best, Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return (*absent("seat", self.seat, seats), *absent("judge", self.judge, seats))


class NoisePeers(Debate):
    """A debate in which peers' messages are text on other matters. `NoisePeers(rounds=2)`.

    A debate's parameters; what peers said is on record, and heard by nobody. What another protocol's
    peers say is replaced with `noised`.
    """

    name: str = Field(default="noise-peers", frozen=True)
    texts: tuple[str, ...] | None = None
    """What the words are taken from, such as messages on other questions; None: sentences on many
    matters that come with the library."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        return noised(super().parts(setting), Noise(texts=self.texts))
