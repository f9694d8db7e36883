"""The argument graph of a run: its claims, who supports, attacks or restates whom, and what follows.

`argument_graph` folds a transcript into a graph, `extensions` says what can be held together, `strength`
how strong each claim is, `contribution` what each one does for another, and `aif` writes it for argument
tools and reads it back. Nothing here asks a model, and no decision is made by it.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.records.argument, not its folder")

from folkmoot.records.argument.aif import from_aif, to_aif
from folkmoot.records.argument.build import LAYERS, argument_graph
from folkmoot.records.argument.contribution import Contribution, contributions
from folkmoot.records.argument.extensions import (
    MOST_UNDECIDED,
    Status,
    admissible,
    conflict_free,
    grounded,
    preferred,
    statuses,
)
from folkmoot.records.argument.graph import (
    RESTATED,
    ArgumentGraph,
    Claim,
    Edge,
    EdgeType,
    from_networkx,
    to_networkx,
)
from folkmoot.records.argument.strength import BASE, ROUNDS, TOLERANCE, Strengths, strengths

__all__ = [
    "BASE",
    "LAYERS",
    "MOST_UNDECIDED",
    "RESTATED",
    "ROUNDS",
    "TOLERANCE",
    "ArgumentGraph",
    "Claim",
    "Contribution",
    "Edge",
    "EdgeType",
    "Status",
    "Strengths",
    "admissible",
    "argument_graph",
    "conflict_free",
    "contributions",
    "from_aif",
    "from_networkx",
    "grounded",
    "preferred",
    "statuses",
    "strengths",
    "to_aif",
    "to_networkx",
]
