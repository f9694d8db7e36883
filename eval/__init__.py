"""What it is worth: controls for a protocol, at the same tokens; and what a run holds, counted otherwise.

`equal_tokens` is the way in to controls. `controls` says what each control is, `people` seats the panels
that they need; `balance` and `search` bring a set of questions to a total; `report` is what comes of it.
`redecide` counts the ballots of a run again, `every_rule` under all rules, and `folkmoot.eval.worth` says what
each contributor was worth, all without a model; `reask` asks a record's models again.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval, not the folder it lives in")

from folkmoot.eval.agreement import Agreement, agreement
from folkmoot.eval.controls import CONTROLS, Control, Given, Rung
from folkmoot.eval.equal import equal_tokens, equal_tokens_sync
from folkmoot.eval.every_rule import EveryRule, every_rule
from folkmoot.eval.every_rule_of import EveryRuleOf, every_rule_of
from folkmoot.eval.reask import Reasked, reask, reask_sync
from folkmoot.eval.redecide import Redecision, redecide, redecision
from folkmoot.eval.report import Arm, EqualTokens, Row
from folkmoot.eval.tokens import Counting, mean_tokens, tokens_of

__all__ = [
    "CONTROLS",
    "Agreement",
    "Arm",
    "Control",
    "Counting",
    "EqualTokens",
    "EveryRule",
    "EveryRuleOf",
    "Given",
    "Reasked",
    "Redecision",
    "Row",
    "Rung",
    "agreement",
    "equal_tokens",
    "equal_tokens_sync",
    "every_rule",
    "every_rule_of",
    "mean_tokens",
    "reask",
    "reask_sync",
    "redecide",
    "redecision",
    "tokens_of",
]
