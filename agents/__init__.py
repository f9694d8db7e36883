"""Who speaks: contributions, perspectives, panels; a seat's prompt, and how its reply is read.

Imports `records` only. `voice` lays a prompt out (what is common first, what is the seat's own
last), `reading` reads a reply to the letter or as a typed failure, `seating` draws every lot.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.agents, not the folder it lives in")

from folkmoot.agents.agent import Agent, Contribution
from folkmoot.agents.panel import Panel
from folkmoot.agents.perspective import Perspective
from folkmoot.agents.seating import lot, shuffled
from folkmoot.agents.values import SCHWARTZ_20, Vocabulary

__all__ = [
    "SCHWARTZ_20",
    "Agent",
    "Contribution",
    "Panel",
    "Perspective",
    "Vocabulary",
    "lot",
    "shuffled",
]
