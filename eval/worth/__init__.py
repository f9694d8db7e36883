"""Worth and cost of each contribution: Shapley values over what is on record, and statements of them.

`worth` is the way in, and asks no model. `shapley` shares out any game between its `players`; the games
are `quality` and `plurality`, and of a protocol whose seats hear each other `branches`, which runs it anew
with part of the panel and asks only what the record does not hold.
"""

from folkmoot.eval.worth.assess import worth
from folkmoot.eval.worth.gold import Gold, read_gold
from folkmoot.eval.worth.page import markdown
from folkmoot.eval.worth.players import Member, Player, players
from folkmoot.eval.worth.plurality import plurality
from folkmoot.eval.worth.quality import quality
from folkmoot.eval.worth.shapley import Shares, leave_one_out, shapley
from folkmoot.eval.worth.statement import Statement, Worth

__all__ = [
    "Gold",
    "Member",
    "Player",
    "Shares",
    "Statement",
    "Worth",
    "leave_one_out",
    "markdown",
    "players",
    "plurality",
    "quality",
    "read_gold",
    "shapley",
    "worth",
]
