"""Folkmoot: a panel of contributed models deliberates and ends in one answer and a conflict log.

    from folkmoot import Agent, Panel, Perspective, Pool, deliberate
    from folkmoot.protocols import Debate

    outcome = await deliberate("Should we?", panel, Debate(rounds=2), Pool.embedded())

The rooms, each for itself: `folkmoot.records` (what is written), `folkmoot.agents` (who speaks),
`folkmoot.protocols` (what happens), `folkmoot.pool` (what answers), `folkmoot.graphs` (how it runs),
`folkmoot.eval` (what it is worth).
"""

from folkmoot.agents import Agent, Contribution, Panel, Perspective, Vocabulary
from folkmoot.graphs import (
    Question,
    deliberate,
    deliberate_many,
    deliberate_many_sync,
    deliberate_sync,
    resume,
    resume_sync,
)
from folkmoot.pool import Pool
from folkmoot.records import (
    Budget,
    FolkmootError,
    Outcome,
    Verification,
    load,
    verify,
)
from folkmoot.records.tables import tables

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Budget",
    "Contribution",
    "FolkmootError",
    "Outcome",
    "Panel",
    "Perspective",
    "Pool",
    "Question",
    "Verification",
    "Vocabulary",
    "__version__",
    "deliberate",
    "deliberate_many",
    "deliberate_many_sync",
    "deliberate_sync",
    "load",
    "resume",
    "resume_sync",
    "tables",
    "verify",
]
