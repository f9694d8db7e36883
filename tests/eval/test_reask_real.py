"""Models asked again for real: alone on one machine to the last digit, on a server as far as it goes."""

import asyncio

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.eval.reask import reask
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Debate


async def twice(pool, folder):
    outcome = await deliberate(
        "Should the town close its centre to cars?",
        Panel(Agent(name, model="smollm2") for name in ("ann", "bo")).with_max_tokens(6),
        Debate(rounds=0, contest_claims=False),
        pool,
        options=("yes", "no"),
        record_dir=folder,
    )
    return await reask(outcome.record, pool)


@pytest.mark.real
def test_the_packaged_model_by_itself_says_the_same_to_the_last_digit(tmp_path):
    found = asyncio.run(twice(Pool.embedded(max_batch=1, cache_mb=0), tmp_path))
    assert (found.promised, found.promises, found.verdict) == ("exact", "exact", "exact")
    assert found.total.asked == found.total.equal == 6
    assert [each.weights for each in found.models] == ["same"]


@pytest.mark.vllm
async def test_a_server_answers_every_call_again_and_probabilities_are_near(vllm_engine, tmp_path):
    found = await twice(Pool([vllm_engine]), tmp_path)
    assert found.unanswered == {}
    assert found.total.answered == 6
    assert (found.verdict == "exact") == (found.total.equal == 6)
    # The same seeds on the same server: what may differ is how batches round.
    assert found.total.probabilities == 4
    assert found.total.largest_difference < 0.05
