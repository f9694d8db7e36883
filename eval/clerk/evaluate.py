"""What a clerk is worth: its answers on a labelled set, beside those of trivial rules."""

import time
from collections.abc import Sequence

from folkmoot.eval.clerk.ask import Answer, Clerk, Heard, judged
from folkmoot.eval.clerk.joint import together
from folkmoot.eval.clerk.scores import Scores, auc, conflict_scores, f1
from folkmoot.eval.clerk.sets import Pair
from folkmoot.pool import Pool
from folkmoot.records import InputError

_HALF = 0.5


async def evaluate(
    pairs: Sequence[Pair], pool: Pool, clerk: Clerk, heard: Heard | None = None
) -> Scores:
    """Ask a clerk about every pair and hold its answers against what people said.

    The statements of one set are judged together (`joint`). Nothing is fitted on the set: a pair is called a conflict where `attack` is the likeliest relation,
    and the same point where that is likelier than not.

    Raises:
        InputError: there are no pairs.
    """
    if not pairs:
        raise InputError("there are no pairs to judge")
    async with pool.held([clerk.model]):
        began = time.monotonic()
        answers = together(pairs, await judged(pairs, pool, clerk, heard=heard))
        took = time.monotonic() - began
    return scored(pairs, answers).model_copy(update={"pairs_per_s": len(pairs) / took})


def scored(pairs: Sequence[Pair], answers: Sequence[Answer]) -> Scores:
    """The scores of answers to pairs, in the same order."""
    labelled = [(p, a) for p, a in zip(pairs, answers, strict=True) if p.conflict is not None]
    truth = [bool(pair.conflict) for pair, _ in labelled]
    alike = [(p, a) for p, a in zip(pairs, answers, strict=True) if p.same is not None]
    found = Scores(n=len(pairs), unanswered=_unanswered(pairs, answers))
    if labelled:
        given = [_HALF if a.conflict is None else a.conflict for _, a in labelled]
        called = [a.relation == "attack" for _, a in labelled]
        found = found.model_copy(
            update={
                **conflict_scores(truth, given, called),
                "baselines": {
                    "always": _trivial(truth, called=True),
                    "never": _trivial(truth, called=False),
                },
            }
        )
    if alike:
        truth = [bool(pair.same) for pair, _ in alike]
        given = [_HALF if a.same is None else a.same for _, a in alike]
        same = {
            "same_f1": f1(truth, [each > _HALF for each in given]),
            "same_auc": auc(truth, given),
        }
        found = found.model_copy(update=same)
    return found


def _trivial(truth: Sequence[bool], *, called: bool) -> dict[str, float]:
    """A rule that says the same of every pair."""
    every = conflict_scores(truth, [float(called)] * len(truth), [called] * len(truth))
    return {name: every[name] for name in ("conflict_f1", "macro_f1", "accuracy")}


def _unanswered(pairs: Sequence[Pair], answers: Sequence[Answer]) -> int:
    return sum(
        (pair.conflict is not None and answer.conflict is None)
        or (pair.same is not None and answer.same is None)
        for pair, answer in zip(pairs, answers, strict=True)
    )
