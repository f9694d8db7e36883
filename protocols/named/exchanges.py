"""Recipes: ways to exchange, each a debate with other hearing, other turns, or a gate before it."""

from pydantic import Field

from folkmoot.protocols.account import Account
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing, History
from folkmoot.protocols.named.debate import Debate
from folkmoot.protocols.named.library import (
    HEARING,
    Library,
    RuleOf,
    TopologyOf,
    blind,
    ending,
    exchange,
    rounds,
)
from folkmoot.protocols.order import Order, in_turn
from folkmoot.protocols.parts import Gate, Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.say import Say, held
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import AllOf, Confident, Settled, Unanimous
from folkmoot.protocols.summarise import Summarise
from folkmoot.protocols.topology import Topology
from folkmoot.records import Party, Transcript


class SparseDebate(Debate):
    """A debate in which each hears its two neighbours (Li et al., arXiv 2406.11776)."""

    name: str = Field(default="sparse-debate", frozen=True)
    topology: TopologyOf = Topology(name="ring")


class Report(Debate):
    """Exchange of thought, report: all exchange with a hub alone (EoT; Yin et al., arXiv 2312.01823)."""

    name: str = Field(default="report", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)
    topology: TopologyOf = Topology(name="star")


class Relay(Debate):
    """Exchange of thought, relay: each hears the one before it (EoT; Yin et al., arXiv 2312.01823)."""

    name: str = Field(default="relay", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)
    topology: TopologyOf = Topology(name="directed-ring")


class Memory(Debate):
    """Exchange of thought, memory: all share one store (EoT; Yin et al., arXiv 2312.01823)."""

    name: str = Field(default="memory", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)


class TreeDebate(Debate):
    """Exchange of thought, debate: pairs exchange, and their parent hears both (EoT; Yin et al., arXiv
    2312.01823)."""

    name: str = Field(default="tree-debate", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)
    topology: TopologyOf = Topology(name="tree", direction="both")


class TrustDebate(Debate):
    """A debate in which each hears only whom it trusts more than on average (CortexDebate; Sun et al.,
    arXiv 2507.03928)."""

    name: str = Field(default="trust-debate", frozen=True)
    rounds: int = Field(default=2, ge=0, le=20)
    topology: TopologyOf = Topology(name="pruned", weight="trust")


class RoundRobin(Library):
    """Seats speak in turn, each hearing all that was said before it (ChatEval's one by one; Chan et al.,
    arXiv 2308.07201)."""

    name: str = Field(default="round-robin", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=20)
    order: Order = "fixed"
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        body = in_turn(exchange(setting), setting, self.order)
        again = rounds(self.rounds, body, Settled())
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))


class SimultaneousTalk(Library):
    """All speak at once and hear the last round (ChatEval's simultaneous talk; with `summariser` its
    third mode, in which a summary stands in for what was said; Chan et al., arXiv 2308.07201)."""

    name: str = Field(default="simultaneous-talk", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=1, le=20)
    summariser: bool = False
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        history: History = "summary" if self.summariser else "last"
        first: tuple[Part, ...] = (Summarise(),) if self.summariser else ()
        body = (*first, *exchange(setting, Hearing(history=history)))
        again = rounds(self.rounds, body, Settled())
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))


class CollectiveRefinement(Library):
    """Blind drafts, then each refines its own with the last drafts of all (MALLM; Becker et al., arXiv
    2509.11656)."""

    name: str = Field(default="collective-refinement", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=2, ge=1, le=20)
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        refine = Say(task=_REFINE, hearing=Hearing(history="last"), name="refine")
        body: tuple[Part, ...] = (refine,)
        if not setting.open_question:
            body = exchange(setting, Hearing(history="last"))
        again = rounds(self.rounds, body, Settled())
        return (*blind(setting), *again, *ending(setting, Decide(rule=self.rule)))


class GatedDebate(Debate):
    """A debate only where the blind stances differ or somebody is unsure (DOWN; Eo et al., arXiv
    2504.05047). A learned gate (iMAD, arXiv 2511.11306) is `Gate(WorthDebating(f), …)`."""

    name: str = Field(default="gated-debate", frozen=True)
    sure: float = Field(default=0.8, gt=0, le=1)
    """From which probability of its choice on a seat counts as sure."""

    contest_claims: bool = False
    """Whether every seat judges every first claim (on an open question every last answer)."""

    def _exchange(self, setting: Setting) -> tuple[Part, ...]:
        held = AllOf(of=(Unanimous(), Confident(bar=self.sure)))
        debate = super()._exchange(setting)
        return (Gate(held, (), debate),) if debate else ()


class DiverseMethods(Library):
    """Each seat is bound to a way of reasoning of its own (DMAD; Liu et al., ICLR 2025): it takes every
    stance by it, and gives every reason by it."""

    name: str = Field(default="diverse-methods", frozen=True)
    version: str = Field(default="1", frozen=True)
    rounds: int = Field(default=1, ge=0, le=20)
    rule: RuleOf = Rule()

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        reason = Say(task=_by_method, argues=held, name="reason")
        again = rounds(self.rounds, (reason, *_weigh(setting)), Settled())
        return (*_weigh(setting), reason, *again, *ending(setting, Decide(rule=self.rule)))


METHODS = (
    "Reason step by step from what is given.",
    "Start from an analogous case that is clear, and carry it over.",
    "Name the principle that applies, then apply it.",
    "Assume the opposite and see where it leads.",
    "List what speaks for and against, then weigh it.",
)
_REFINE = (
    "One of the messages is your own last answer. Write it anew, better: keep what is right in it, and "
    "take over what is right in the others. One or two sentences."
)


def _weigh(setting: Setting) -> tuple[Part, ...]:
    if setting.open_question:
        return ()
    return (Stand(hearing=HEARING, how=_method), Account(hearing=HEARING))


def _method(seen: Transcript, party: Party) -> str:
    return METHODS[seen.opening.seats.index(party.seat) % len(METHODS)]


def _by_method(seen: Transcript, party: Party) -> str:
    return f"{_method(seen, party)} Answer from your perspective. Two sentences."
