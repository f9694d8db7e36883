"""What happens: stages, their composition, topologies, decision rules, the named protocols.

Pure: no I/O, no async, no clock. A stage asks, then tells (`stage`); a protocol is stages in
sequence with bounded repetitions (`compose`); `catalogue` knows the named ones.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols, not the folder it lives in")

from folkmoot.protocols.catalogue import Entry, catalogue, named
from folkmoot.protocols.compose import (
    Deliberation,
    Part,
    Repeat,
    Step,
    Stop,
    place,
    reference,
    unroll,
    unseated,
)
from folkmoot.protocols.consensus import Consensus
from folkmoot.protocols.controls import BlindVote, SelfConsistency, Single
from folkmoot.protocols.critique_revise import CritiqueRevise
from folkmoot.protocols.debate import Debate
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.protocols.stage import Bounded, Calls, Stage
from folkmoot.protocols.topology import Topology

__all__ = [
    "RULES",
    "BlindVote",
    "Bounded",
    "Calls",
    "Consensus",
    "CritiqueRevise",
    "Debate",
    "Deliberation",
    "Entry",
    "Part",
    "Repeat",
    "Rule",
    "SelfConsistency",
    "Single",
    "Stage",
    "Step",
    "Stop",
    "Topology",
    "catalogue",
    "named",
    "place",
    "reference",
    "unroll",
    "unseated",
]
