"""What it is worth: controls for a protocol, at the same tokens.

`equal_tokens` is the way in. `controls` says what each control is, `people` seats the panels that they
need; `balance` and `search` bring a set of questions to a total; `report` is what comes of it.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval, not the folder it lives in")

from folkmoot.eval.controls import CONTROLS, Control, Given, Rung
from folkmoot.eval.equal import equal_tokens, equal_tokens_sync
from folkmoot.eval.report import Arm, EqualTokens, Row
from folkmoot.eval.tokens import Counting, mean_tokens, tokens_of

__all__ = [
    "CONTROLS",
    "Arm",
    "Control",
    "Counting",
    "EqualTokens",
    "Given",
    "Row",
    "Rung",
    "equal_tokens",
    "equal_tokens_sync",
    "mean_tokens",
    "tokens_of",
]
