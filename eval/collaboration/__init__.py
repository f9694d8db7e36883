"""Collaboration that uses contributions: what a seat's vote weighs, which seats a question goes to, whose
verdicts count, and which seats are left out.

`answers` is what all of it reads. `competence` weighs seats by a development set, `dawid_skene` and
`confusion` without a key; `routing` chooses seats by declared priority or by measured competence;
`reputation` weighs judges by their past; `masking` finds seats that are suspect.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval.collaboration, not its folder")

from folkmoot.eval.collaboration.answers import Answer, AnswerSheet, Item, answers_of
from folkmoot.eval.collaboration.competence import (
    Competence,
    by_task,
    competence_rule,
    competences,
    in_rule,
    weight,
)
from folkmoot.eval.collaboration.confusion import Confusion, confusion
from folkmoot.eval.collaboration.dawid_skene import Estimate, OneCoin, one_coin
from folkmoot.eval.collaboration.masking import Screened, Screening, masked, screen
from folkmoot.eval.collaboration.nearness import (
    Nearness,
    near_by_embeddings,
    near_by_embeddings_sync,
    near_by_words,
)
from folkmoot.eval.collaboration.reputation import Reputation, reputation_rule, reputations
from folkmoot.eval.collaboration.routing import (
    Looked,
    Near,
    Route,
    Routed,
    by_competence,
    by_priority,
)

__all__ = [
    "Answer",
    "AnswerSheet",
    "Competence",
    "Confusion",
    "Estimate",
    "Item",
    "Looked",
    "Near",
    "Nearness",
    "OneCoin",
    "Reputation",
    "Route",
    "Routed",
    "Screened",
    "Screening",
    "answers_of",
    "by_competence",
    "by_priority",
    "by_task",
    "competence_rule",
    "competences",
    "confusion",
    "in_rule",
    "masked",
    "near_by_embeddings",
    "near_by_embeddings_sync",
    "near_by_words",
    "one_coin",
    "reputation_rule",
    "reputations",
    "screen",
    "weight",
]
