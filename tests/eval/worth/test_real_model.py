"""A deliberation on the packaged model in this process: counted again, and what it was worth."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval.redecide import redecide, redecision
from folkmoot.eval.worth import Gold, markdown, worth
from folkmoot.eval.worth.branches import Branches, branched
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.recalled import asked_as
from folkmoot.protocols import Debate
from folkmoot.records import Sampling, load, read_journal, verify

pytestmark = pytest.mark.real

QUESTION = "Is two plus two four?"
STATEMENTS = {
    "teacher": "I teach sums.",
    "shopkeeper": "I count money.",
    "poet": "I doubt numbers.",
}


async def test_a_run_is_counted_again_and_valued_without_the_model(
    embedded_pool: Pool, tmp_path: Path
):
    panel = Panel(
        Agent(
            name,
            model="smollm2",
            perspective=Perspective(statement=said),
            sampling=Sampling(max_tokens=8),
        )
        for name, said in STATEMENTS.items()
    )
    outcome = await deliberate(
        QUESTION,
        panel,
        Debate(rounds=1, contest_claims=False),
        embedded_pool,
        options=("yes", "no"),
        record_dir=tmp_path / "runs",
    )
    record = outcome.record
    assert record is not None
    before = (record / "journal.jsonl").read_bytes()

    assert redecide(record) == outcome.decision
    found = redecision(record, without=["poet"], rule="plurality")
    assert len(found.decision.ballots) == 2
    assert found.agreement.counted > 10

    said = worth([record], [Gold(question=QUESTION, answer="yes")])
    assert len(said.statements) == 3, "one model, three perspectives"
    assert said.total.prompt == outcome.ledger.total.prompt
    assert sum(each.cost.prompt or 0 for each in said.statements) == said.total.prompt
    for each in said.statements:
        assert each.cost.engine_s is not None
        assert each.quality is not None
        assert "too few questions" in each.quality.verdict
        assert markdown(each).startswith(f"# seat {each.contributor}")

    branches = Branches(record, embedded_pool, tmp_path / "branches")
    alone = await branches.run(["poet"])
    pair = await branches.run(["teacher", "poet"])
    stored = {asked_as(call) for call in read_journal(record).calls}
    assert all(call.round > 0 for call in branches.asked), "blind first answers are on record"
    assert not {asked_as(call) for call in branches.asked} & stored
    assert branches.recalled >= 9
    for branch in (alone, pair):
        assert branch.record is not None
        assert verify(branch.record).ok
    _, shares = await branched(branches, "yes")
    assert sum(shares.values.values()) == pytest.approx(shares.whole - 0.5)

    assert (record / "journal.jsonl").read_bytes() == before
    assert verify(record).ok
    assert load(record).decision == outcome.decision
