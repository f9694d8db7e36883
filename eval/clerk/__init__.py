"""The clerk: how well a model tells how two claims stand to each other.

`evaluate` asks a clerk about the pairs of a labelled set (`read_set`) and gives `Scores`.
"""

from folkmoot.eval.clerk.ask import Answer, Clerk, judged
from folkmoot.eval.clerk.evaluate import evaluate, scored
from folkmoot.eval.clerk.scores import Scores
from folkmoot.eval.clerk.sets import Pair, read_set

__all__ = ["Answer", "Clerk", "Pair", "Scores", "evaluate", "judged", "read_set", "scored"]
