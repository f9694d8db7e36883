"""Stopping rules, and the conditions of gates: each a frozen value that looks at the record alone.

`agreed` looks at where the seats stand, `unchanged` at how the vote changes, `spent` at what it cost,
`moderated` at what a moderator says, `worth` at whether to debate at all, `drift` at a key;
`combined` makes conditions out of conditions. A fixed number of rounds is `Repeat`'s own bound.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols.stopping, not the folder it lives in")

from folkmoot.protocols.stopping.agreed import (
    Quorum,
    Settled,
    Share,
    Still,
    Unanimous,
    Unassailable,
)
from folkmoot.protocols.stopping.combined import AllOf, AnyOf, Not
from folkmoot.protocols.stopping.drift import Drifting
from folkmoot.protocols.stopping.moderated import CalledOff, Moderate
from folkmoot.protocols.stopping.spent import CallsSpent, Deadline, TokensSpent
from folkmoot.protocols.stopping.unchanged import DivergenceUnchanged, EntropyUnchanged, Stable
from folkmoot.protocols.stopping.worth import Confident, Features, WorthDebating, features

__all__ = [
    "AllOf",
    "AnyOf",
    "CalledOff",
    "CallsSpent",
    "Confident",
    "Deadline",
    "DivergenceUnchanged",
    "Drifting",
    "EntropyUnchanged",
    "Features",
    "Moderate",
    "Not",
    "Quorum",
    "Settled",
    "Share",
    "Stable",
    "Still",
    "TokensSpent",
    "Unanimous",
    "Unassailable",
    "WorthDebating",
    "features",
]
