"""A clerk on a real vLLM server: it weighs (layer 3), and it votes in guided JSON (layer 4)."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.protocols import Composed, Conclude, Contest, Decide, Log, Rank, Speak
from folkmoot.records import Outcome, verify

pytestmark = pytest.mark.vllm

SAID = {
    "ann": "Yes, a ban on cars would make the streets safer for children.",
    "bo": "No, a ban on cars would ruin the shops in the centre.",
    "cy": "No, without cars the shops in the centre would have to close.",
}
TALK = Composed(name="talk", parts=(Speak(), Rank(), Contest(), Decide(), Conclude()))


async def held(engine: VllmEngine, folder: Path, log: Log) -> Outcome:
    """What seats say is written; who judges it is real."""

    def say(call):
        if call.op == "generate":
            return SAID[call.seat]
        return [1 / len(call.options)] * len(call.options)

    panel = Panel(
        Agent(seat, model="written", perspective=Perspective(statement="as it says"))
        for seat in SAID
    )
    pool = Pool([Scripted(say, ["written"]), engine])
    question = "Should the town ban cars from its centre?"
    return await deliberate(question, panel, TALK, pool, record_dir=folder, log=log)


async def test_a_large_model_votes_and_a_small_one_weighs(vllm_engine, tmp_path):
    """Neither model judges well: that it is asked, read, recorded and paid for is shown."""
    log = Log(clerk="smollm2", llm="smollm2-base", votes=3, pairs=2)
    before = await vllm_engine.counters()
    outcome = await held(vllm_engine, tmp_path, log)
    spent = (await vllm_engine.counters()).since(before)
    seen = outcome.transcript
    asked = {
        purpose: [each for each in seen.replies if each.purpose == purpose]
        for purpose in ("relation", "relation_votes", "same", "same_votes")
    }
    # A vote of so small a model may end in blanks: what matters is that of each pair some can be read.
    assert all(each.state == "ok" for each in (*asked["relation"], *asked["same"]))
    # Three messages against the question, and two pairs of claims.
    assert len(asked["relation"]) == 2 * 5
    assert len(asked["relation_votes"]) == 3 * 5
    for layer in ("clerk", "llm"):
        judged = [each for each in seen.relations if each.layer == layer]
        assert len(judged) == 5
        assert all(sum(e.probabilities.values()) == pytest.approx(1, abs=1e-5) for e in judged)
    same = [each for each in seen.restatements if each.layer == "llm"]
    assert len(asked["same_votes"]) == 3 * len(same)
    assert {each.probability for each in same} <= {0.0, 0.333333, 0.666667, 1.0}
    clerk = outcome.ledger.seats["clerk"]
    assert clerk.prompt == spent.prompt
    assert clerk.completion == spent.generation
    coverage = outcome.conflict_log.coverage
    assert (coverage.clerk.judged, coverage.llm.judged) == (5, 5)
    assert outcome.record is not None
    assert verify(outcome.record).ok
