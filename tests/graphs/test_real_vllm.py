"""Deliberations on a real vLLM server that the pool started: counts, crowds, a server that dies."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import Answered, Question, deliberate, deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.vllm_client import VllmEngine
from folkmoot.protocols import Debate, catalogue, named
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
    """Five seats on the packaged model without its adapter: vLLM applies adapters slowly on a CPU."""
    return Panel(
        Agent(name, model="smollm2-base", sampling=SHORT, perspective=Perspective(statement=said))
        for name, said in STATEMENTS.items()
    )


def total(outcomes: list[Outcome], figure: str) -> int:
    return sum(getattr(outcome.ledger.total, figure) for outcome in outcomes)


async def test_twenty_debates_at_once_cost_what_the_server_says(
    vllm_engine: VllmEngine, panel: Panel, tmp_path: Path
):
    pool = Pool([vllm_engine])
    await pool.open(panel.models)
    questions = [Question(f"Should rule number {n} be kept?", ("yes", "no")) for n in range(20)]
    debate = Debate(rounds=1, contest_claims=False)  # the blind round and one of exchange
    before = await vllm_engine.counters()
    outcomes = [
        outcome
        async for outcome in deliberate_many(
            questions, panel, debate, pool, at_once=20, record_dir=tmp_path
        )
    ]
    spent = (await vllm_engine.counters()).since(before)
    assert len(outcomes) == 20
    assert not any(outcome.absences for outcome in outcomes)
    assert spent.prompt == total(outcomes, "prompt")
    assert spent.cached == total(outcomes, "cached")
    assert spent.generation == total(outcomes, "completion")
    assert all(verify(outcome.record).ok for outcome in outcomes if outcome.record)


@pytest.mark.parametrize("options", [("yes", "no"), None], ids=["choice", "open"])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
async def test_every_protocol_ends_in_an_outcome(
    vllm_engine: VllmEngine,
    panel: Panel,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...] | None,
):
    seat = {"seat": "order"} if name in ("single", "self-consistency") else {}
    pool = Pool([vllm_engine])
    outcome = await deliberate(
        "Should fireworks be banned?",
        panel,
        named(name, **seat),
        pool,
        options=options,
        record_dir=tmp_path,
    )
    assert outcome.answer
    assert not outcome.absences
    assert outcome.record is not None
    assert verify(outcome.record).ok, verify(outcome.record).findings


async def test_a_server_killed_in_the_middle_is_waited_for(
    hosted_vllm: Any, panel: Panel, tmp_path: Path
):
    pool = Pool([hosted_vllm.server], patience_s=300)
    killed: list[int] = []

    def watch(event: object) -> None:
        if isinstance(event, Answered) and event.call.purpose == "reason" and not killed:
            killed.append(hosted_vllm.server.pid)
            children = Path(f"/proc/{killed[0]}/task/{killed[0]}/children").read_text()
            for child in map(int, children.split()):
                os.kill(child, signal.SIGKILL)

    def run() -> Outcome:
        work = deliberate(
            "Should fireworks be banned?",
            panel,
            Debate(rounds=1),
            pool,
            options=["yes", "no"],
            record_dir=tmp_path,
            watch=watch,
        )
        return hosted_vllm.run(work)

    hosted_vllm.run(pool.open(panel.models))
    outcome = await asyncio.to_thread(run)
    assert killed
    assert outcome.status == "complete"
    assert not outcome.absences, "patience was long enough"
    assert outcome.record is not None
    assert verify(outcome.record).ok
