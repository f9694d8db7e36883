"""Deliberations on a real vLLM server that the pool started: the ledger is the server's own count."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import Question, deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.vllm_client import VllmEngine
from folkmoot.protocols import Debate
from folkmoot.records import Outcome, Sampling, verify

pytestmark = pytest.mark.vllm

SHORT = Sampling(max_tokens=12)
STATEMENTS = {
    "liberty": "People should decide for themselves.",
    "order": "Clear rules keep people safe.",
    "fairness": "Those who have least come first.",
    "enterprise": "Bans and taxes cost jobs.",
    "nature": "The environment comes first.",
}


@pytest.fixture
def panel() -> Panel:
    """Five seats on the packaged model without its adapter."""
    return Panel(
        Agent(name, model="smollm2-base", sampling=SHORT, perspective=Perspective(statement=said))
        for name, said in STATEMENTS.items()
    )


def total(outcomes: list[Outcome], figure: str) -> int:
    return sum(getattr(outcome.ledger.total, figure) for outcome in outcomes)


async def test_debates_at_once_cost_what_the_server_says(
    base_engine: VllmEngine, panel: Panel, tmp_path: Path
):
    pool = Pool([base_engine])
    await pool.open(panel.models)
    questions = [Question(f"Should rule number {n} be kept?", ("yes", "no")) for n in range(2)]
    debate = Debate(rounds=1, contest_claims=False)  # the blind round and one of exchange
    before = await base_engine.counters()
    outcomes = [
        outcome
        async for outcome in deliberate_many(
            questions, panel, debate, pool, at_once=2, record_dir=tmp_path
        )
    ]
    spent = (await base_engine.counters()).since(before)
    assert len(outcomes) == 2
    # A model may say nothing, or more than it may; the server is not to blame for anything.
    assert {absence.state for outcome in outcomes for absence in outcome.absences} <= {
        "empty",
        "cut_off",
    }
    assert spent.prompt == total(outcomes, "prompt")
    assert spent.cached == total(outcomes, "cached")
    assert spent.generation == total(outcomes, "completion")
    assert all(verify(outcome.record).ok for outcome in outcomes if outcome.record)
