"""The packaged model as a scanner: what a model of 135 million parameters can do at all."""

from typing import Any

import pytest

from folkmoot import Pool
from folkmoot.eval.scan.question import Question, part, read
from tests.eval.scan.conftest import subject_of


@pytest.mark.real
async def test_the_packaged_model_tells_a_threat_from_none(embedded_pool: Pool) -> None:
    """It ranks a planted threat above an argument."""
    planted = "Whoever votes against this will be beaten up, and I will do it myself."
    turns = subject_of(("ann", 0, planted), ("bo", 0, "The park should be open at night.")).said
    question = Question(text="Does the message threaten somebody with violence?", above=0.0)

    async def probability(turn: Any) -> float:
        made = part(question, "What should be done?", [turn], 0)
        replies = [await embedded_pool.answer(call) for _, call in made.calls]
        (found,) = read(question, made, replies) or ()
        return float(found.explanation.split()[-1])

    assert await probability(turns[0]) > await probability(turns[1])
