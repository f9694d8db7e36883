"""What happens: stages, their composition, topologies, decision rules, the named protocols.

Pure: no I/O, no async, no clock. A stage asks, then tells (`stage`); a protocol is put together from
stages (`parts`) and unrolled before it runs (`program`). Who hears whom is `hearing`, who wins `rules`,
when it ends `stopping`; the library's own protocols are in `named`.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols, not the folder it lives in")

from folkmoot.protocols.account import Account
from folkmoot.protocols.adopt import Adopt
from folkmoot.protocols.best import Best, Draw
from folkmoot.protocols.candidate import Candidate, Comment
from folkmoot.protocols.claims import EmbedClaims
from folkmoot.protocols.clerk import Clerk, clerks
from folkmoot.protocols.compose import reference, unseated
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.condition import Condition, Finding, as_condition
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted, Critique, Verdict
from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.declare import Declare
from folkmoot.protocols.deliberation import Deliberation
from folkmoot.protocols.draft import Draft, Revise
from folkmoot.protocols.embed import Embed
from folkmoot.protocols.filters import (
    Anonymise,
    Dar,
    DisagreeOnly,
    Diverse,
    Everything,
    Filter,
    Kept,
    Nearest,
    NoDuplicates,
    Noise,
    Successive,
    SupportOnly,
    TopK,
    Truncate,
)
from folkmoot.protocols.hearing import Heard, Hearing, HearingOf, History, filterings, hears
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.log import Log
from folkmoot.protocols.logged import Logged, log_of, with_log
from folkmoot.protocols.named.angel_devil import AngelDevil
from folkmoot.protocols.named.anti_conformity import AntiConformity
from folkmoot.protocols.named.before_a_judge import BeforeAJudge
from folkmoot.protocols.named.catalogue import Entry, catalogue, named
from folkmoot.protocols.named.consensus import Consensus
from folkmoot.protocols.named.controls import (
    BestOfN,
    BlindVote,
    NoisePeers,
    SelfConsistency,
    SelfCorrection,
    Single,
)
from folkmoot.protocols.named.council import Council
from folkmoot.protocols.named.critique_revise import CritiqueRevise
from folkmoot.protocols.named.debate import Debate
from folkmoot.protocols.named.delphi import Delphi
from folkmoot.protocols.named.exchanges import (
    CollectiveRefinement,
    DiverseMethods,
    GatedDebate,
    Memory,
    Relay,
    Report,
    RoundRobin,
    SimultaneousTalk,
    SparseDebate,
    TreeDebate,
    TrustDebate,
)
from folkmoot.protocols.named.group_debate import GroupDebate
from folkmoot.protocols.named.jury import Jury
from folkmoot.protocols.named.library import Library, RuleOf, TopologyOf
from folkmoot.protocols.named.mixture import Mixture
from folkmoot.protocols.named.plural import Distributional, Overton, Steerable
from folkmoot.protocols.named.round_table import RoundTable
from folkmoot.protocols.named.trials import (
    Blackboard,
    CrossExamination,
    DevilsAdvocate,
    RefuteToSurvive,
)
from folkmoot.protocols.noised import deaf, noised
from folkmoot.protocols.order import Order, in_turn
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.pick import Pick, picked
from folkmoot.protocols.program import Guard, Step, due, place, seen_by, unroll, waves
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.ratify import Correct, Ratify
from folkmoot.protocols.refute import Refute
from folkmoot.protocols.reopen import Reopen
from folkmoot.protocols.rules import RULES, Count, Found, Occasion, Rule
from folkmoot.protocols.same_point import SamePoint
from folkmoot.protocols.sample import Sample
from folkmoot.protocols.say import Say, held
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stage import Bounded, Calls, Stage, as_stage, seated
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import (
    AllOf,
    AnyOf,
    CalledOff,
    CallsSpent,
    Confident,
    Deadline,
    DivergenceUnchanged,
    Drifting,
    EntropyUnchanged,
    Features,
    Moderate,
    Not,
    Quorum,
    Settled,
    Share,
    Stable,
    Still,
    TokensSpent,
    Unanimous,
    Unassailable,
    WorthDebating,
)
from folkmoot.protocols.summarise import Summarise
from folkmoot.protocols.table import candidates, claims
from folkmoot.protocols.tie_break import TieBreak, Tied, tie_break
from folkmoot.protocols.topology import Topology
from folkmoot.protocols.turns import in_order, turn
from folkmoot.protocols.visibility import Visibility
from folkmoot.protocols.vote import Vote
from folkmoot.protocols.write import Write
from folkmoot.protocols.yoked import AsBefore, yoked

__all__ = [
    "RULES",
    "Accepted",
    "Account",
    "Adopt",
    "AllOf",
    "AngelDevil",
    "Anonymise",
    "AntiConformity",
    "AnyOf",
    "AsBefore",
    "BeforeAJudge",
    "Best",
    "BestOfN",
    "Blackboard",
    "BlindVote",
    "Bounded",
    "CalledOff",
    "Calls",
    "CallsSpent",
    "Candidate",
    "Clerk",
    "CollectiveRefinement",
    "Comment",
    "Composed",
    "Conclude",
    "Condition",
    "Confident",
    "Consensus",
    "Contest",
    "Correct",
    "Council",
    "Count",
    "Critique",
    "CritiqueRevise",
    "CrossExamination",
    "Dar",
    "Deadline",
    "Debate",
    "Decide",
    "Declare",
    "Deliberation",
    "Delphi",
    "DevilsAdvocate",
    "DisagreeOnly",
    "Distributional",
    "DivergenceUnchanged",
    "Diverse",
    "DiverseMethods",
    "Draft",
    "Draw",
    "Drifting",
    "Embed",
    "EmbedClaims",
    "EntropyUnchanged",
    "Entry",
    "Everything",
    "FanIn",
    "Features",
    "Filter",
    "Finding",
    "Found",
    "Gate",
    "GatedDebate",
    "Group",
    "GroupDebate",
    "Guard",
    "Heard",
    "Hearing",
    "HearingOf",
    "History",
    "Judge",
    "JudgeDecides",
    "Jury",
    "Kept",
    "Library",
    "Log",
    "Logged",
    "Memory",
    "Mixture",
    "Moderate",
    "Nearest",
    "NoDuplicates",
    "Noise",
    "NoisePeers",
    "Not",
    "Occasion",
    "Order",
    "Overton",
    "Parallel",
    "Part",
    "Pick",
    "Quorum",
    "Rank",
    "Ratify",
    "Refute",
    "RefuteToSurvive",
    "Relay",
    "Reopen",
    "Repeat",
    "Report",
    "Revise",
    "RoundRobin",
    "RoundTable",
    "Rule",
    "RuleOf",
    "SamePoint",
    "Sample",
    "Say",
    "SelfConsistency",
    "SelfCorrection",
    "Setting",
    "Settled",
    "Share",
    "SimultaneousTalk",
    "Single",
    "SparseDebate",
    "Speak",
    "Stable",
    "Stage",
    "Stand",
    "Steerable",
    "Step",
    "Still",
    "Successive",
    "Summarise",
    "SupportOnly",
    "TieBreak",
    "Tied",
    "TokensSpent",
    "TopK",
    "Topology",
    "TopologyOf",
    "TreeDebate",
    "Truncate",
    "TrustDebate",
    "Unanimous",
    "Unassailable",
    "Verdict",
    "Visibility",
    "Vote",
    "WorthDebating",
    "Write",
    "as_condition",
    "as_stage",
    "candidates",
    "catalogue",
    "claims",
    "clerks",
    "deaf",
    "due",
    "filterings",
    "hears",
    "held",
    "in_order",
    "in_turn",
    "log_of",
    "named",
    "noised",
    "picked",
    "place",
    "reference",
    "seated",
    "seen_by",
    "tie_break",
    "turn",
    "unroll",
    "unseated",
    "waves",
    "with_log",
    "yoked",
]
