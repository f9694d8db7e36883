"""The decision rules by name: what each reads of a ballot, which parameters it takes, how it counts."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from folkmoot.protocols.rules import (
    across,
    duels,
    graded,
    locking,
    lotteries,
    positional,
    proportional,
    shares,
    trajectory,
    weighted,
)
from folkmoot.protocols.rules.found import Found

Reads = Literal[
    "choice", "ranking", "approvals", "points", "scores", "grades", "confidence", "held"
]
"""The part of a ballot that a rule reads. choice: the first of its ranking alone."""


class Known(NamedTuple):
    """A rule of the book."""

    find: Callable[..., Found]
    """Of the valid ballots and the options."""
    reads: Reads
    figures: str
    """What its tally counts, in words."""
    says: str
    """What it decides for."""
    takes: tuple[str, ...] = ()
    """Parameters of its own, and what it has to know of the occasion (`turn`, `perspectives`)."""
    needs: tuple[str, ...] = ()
    """Those of them without which it cannot count."""


RULES: dict[str, Known] = {
    "plurality": Known(shares.plurality, "choice", "first choices", "most first choices"),
    "majority": Known(
        shares.majority, "choice", "first choices", "more than half of the valid first choices"
    ),
    "supermajority": Known(
        shares.supermajority,
        "choice",
        "first choices",
        "at least a share of the valid first choices, two thirds if not given",
        ("threshold",),
    ),
    "unanimity": Known(shares.unanimity, "choice", "first choices", "all valid first choices"),
    "hybrid": Known(
        shares.hybrid,
        "choice",
        "first choices",
        "unanimity in the first five rounds or among up to three seats, then three quarters",
        ("turn",),
    ),
    "dictator": Known(
        shares.dictator, "choice", "first choices", "the choice of one seat", ("seat",), ("seat",)
    ),
    "approval": Known(positional.approval, "approvals", "approvals", "most approvals"),
    "cumulative": Known(
        positional.cumulative,
        "points",
        "points",
        "most points, each seat spreading the same number",
    ),
    "score": Known(graded.score, "scores", "mean scores", "the best mean score"),
    "star": Known(
        graded.star,
        "scores",
        "mean scores",
        "of the two best by score, the one more ballots prefer",
    ),
    "majority-judgement": Known(
        graded.majority_judgement, "grades", "median grades", "the best median grade"
    ),
    "borda": Known(positional.borda, "ranking", "points by rank", "most points by rank"),
    "irv": Known(
        positional.irv, "ranking", "first choices in the last round", "instant run-off by dropping"
    ),
    "copeland": Known(duels.copeland, "ranking", "pairwise wins", "most pairwise wins, ties half"),
    "minimax": Known(
        duels.minimax, "ranking", "worst pairwise leads", "the least bad worst pairwise defeat"
    ),
    "ranked-pairs": Known(
        locking.ranked_pairs,
        "ranking",
        "options locked below",
        "majorities locked from the largest",
    ),
    "schulze": Known(
        duels.schulze,
        "ranking",
        "pairwise wins",
        "the strongest beat-paths between rankings (Schulze 2011)",
    ),
    "split-cycle": Known(
        duels.split_cycle,
        "ranking",
        "options defeated",
        "undefeated when each majority cycle has lost its weakest links",
    ),
    "random-ballot": Known(
        lotteries.random_ballot, "choice", "first choices", "the first choice of a ballot drawn"
    ),
    "maximal-lotteries": Known(
        lotteries.maximal_lotteries,
        "ranking",
        "chances",
        "a draw from the lottery that no other beats",
    ),
    "confidence": Known(
        weighted.confidence,
        "confidence",
        "weights",
        "most weight by recalibrated confidence (ReConcile)",
    ),
    "calibrated": Known(
        weighted.calibrated,
        "confidence",
        "weights",
        "most weight by confidence, Platt-scaled for each seat",
        ("calibration",),
        ("calibration",),
    ),
    "soft": Known(weighted.soft, "scores", "mean shares", "the best mean distribution"),
    "bayes": Known(
        weighted.bayes, "scores", "products", "the best normalised product of distributions"
    ),
    "competence": Known(
        weighted.competence,
        "choice",
        "log odds",
        "most weight by competence, log(p/(1-p)) (Nitzan and Paroush)",
        ("competences",),
        ("competences",),
    ),
    "trajectory": Known(
        trajectory.trajectory,
        "held",
        "trajectory scores",
        "the best score over the stances of all rounds (Free-MAD)",
    ),
    "bridging": Known(
        across.bridging,
        "approvals",
        "products of approval",
        "the best product over perspectives of their shares of approval",
        ("perspectives",),
    ),
    "maximin": Known(
        across.maximin,
        "scores",
        "least mean scores",
        "the best for the perspective that is worst off",
        ("perspectives",),
    ),
    "nash": Known(
        across.nash,
        "scores",
        "products of mean scores",
        "the best product of the perspectives' mean scores",
        ("perspectives",),
    ),
    "pav": Known(
        proportional.pav,
        "approvals",
        "approvals",
        "the views of a plural answer, proportional to approvals (Thiele)",
        ("views",),
    ),
}
"""Every rule by its name. The oracle, "right if any seat was ever right" (pass@N), is none of them: it
looks at the key, so it decides nothing, and is a figure to report."""
