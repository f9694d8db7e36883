"""Controls at equal tokens, and a clerk, on the packaged model in this process."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval import equal_tokens, tokens_of
from folkmoot.eval.clerk import Clerk, Pair, evaluate
from folkmoot.pool import Pool
from folkmoot.protocols import Debate
from folkmoot.records import Sampling, load, verify

pytestmark = pytest.mark.real

QUESTIONS = ("Should the town close its centre to cars?", "Should the library open on Sundays?")
STATEMENTS = ("Streets without cars are safe for children.", "My shop lives from its customers.")


async def test_two_questions_are_brought_to_the_same_tokens(embedded_pool: Pool, tmp_path: Path):
    panel = Panel(
        Agent(
            f"seat {number}",
            model="smollm2",
            perspective=Perspective(statement=said),
            sampling=Sampling(max_tokens=8),
        )
        for number, said in enumerate(STATEMENTS, start=1)
    )
    found = await equal_tokens(
        QUESTIONS,
        panel,
        Debate(rounds=1, contest_claims=False),
        embedded_pool,
        controls=["self-consistency", "all-perspectives"],
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    target = sum(tokens_of(load(row.record)) or 0 for row in found.protocol.rows)
    for arm in found.controls:
        taken = sum(tokens_of(load(row.record)) or 0 for row in arm.rows)
        assert abs(taken / target - 1) <= 0.05, (arm.name, arm.ratio, arm.why)
        assert arm.matched
        assert all(verify(row.record).ok for row in arm.rows if row.record is not None)


async def test_a_clerk_answers_for_every_pair(embedded_pool: Pool):
    pairs = (
        Pair("We should ban cars.", "Cars should not be banned.", True, "attack"),
        Pair("We should ban cars.", "Cars make the air bad.", False, "support", False),
    )
    for clerk in (Clerk("smollm2", both_ways=True), Clerk("smollm2", votes=2)):
        scores = await evaluate(pairs, embedded_pool, clerk)
        assert (scores.n, scores.unanswered) == (2, 0), clerk
        assert scores.macro_f1 is not None
        assert scores.same_f1 is not None
        assert scores.pairs_per_s is not None
