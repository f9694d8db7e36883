"""Decision rules: pure counts of valid ballots. A tie is a tie, and a bar not reached is a deadlock.

A rule of the book is a small function of ballots and options in the module of its family, with an
entry in `book`; `Rule` puts parameters, quorum, blocks and the policy for ties around it. A function
of one's own has the same standing: `Rule.of(function)`.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols.rules, not the folder it lives in")

from folkmoot.protocols.rules.book import RULES, Known
from folkmoot.protocols.rules.duels import pairwise
from folkmoot.protocols.rules.found import Count, Found, Occasion
from folkmoot.protocols.rules.rule import Counting, Rule

__all__ = ["RULES", "Count", "Counting", "Found", "Known", "Occasion", "Rule", "pairwise"]
