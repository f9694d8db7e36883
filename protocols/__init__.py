"""What happens: stages, their composition, topologies, decision rules, the named protocols.

Pure: no I/O, no async, no clock. A stage asks, then tells (`stage`); a protocol is stages in
sequence with bounded repetitions (`compose`); `catalogue` knows the named ones.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols, not the folder it lives in")

from folkmoot.protocols.catalogue import Entry, catalogue, named
from folkmoot.protocols.compose import Deliberation, reference, unseated
from folkmoot.protocols.condition import Condition, Finding
from folkmoot.protocols.consensus import Consensus
from folkmoot.protocols.controls import BlindVote, SelfConsistency, Single
from folkmoot.protocols.critique_revise import CritiqueRevise
from folkmoot.protocols.debate import Debate
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.program import Guard, Step, due, place, seen_by, unroll, waves
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stage import Bounded, Calls, Stage
from folkmoot.protocols.topology import Topology

__all__ = [
    "RULES",
    "BlindVote",
    "Bounded",
    "Calls",
    "Condition",
    "Consensus",
    "CritiqueRevise",
    "Debate",
    "Deliberation",
    "Entry",
    "FanIn",
    "Finding",
    "Gate",
    "Group",
    "Guard",
    "Parallel",
    "Part",
    "Repeat",
    "Rule",
    "SelfConsistency",
    "Setting",
    "Single",
    "Stage",
    "Step",
    "Topology",
    "catalogue",
    "due",
    "named",
    "place",
    "reference",
    "seen_by",
    "unroll",
    "unseated",
    "waves",
]
