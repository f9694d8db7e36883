"""Deliberations on a real vLLM server that the pool started: all of them end, and the ledger is the
server's own count, also where a run is stopped, killed, or its server dies."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import Answered, Asked, Event, Question, deliberate, deliberate_many, resume
from folkmoot.pool import Pool
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.protocols import Debate, named
from folkmoot.records import Outcome, Sampling, read_journal, verify

pytestmark = pytest.mark.vllm

STATEMENTS = {
    "liberty": "People should decide for themselves.",
    "order": "Clear rules keep people safe.",
    "fairness": "Those who have least come first.",
    "enterprise": "Bans and taxes cost jobs.",
    "nature": "The environment comes first.",
}
WHAT_A_MODEL_DOES = {"empty", "cut_off"}
"""A small model may say nothing, or more than it may; the server is not to blame for either."""


def panel_of(seats: int = 5, max_tokens: int = 12) -> Panel:
    """Seats on the packaged model with its adapter."""
    short = Sampling(max_tokens=max_tokens)
    return Panel(
        Agent(name, model="smollm2", sampling=short, perspective=Perspective(statement=said))
        for name, said in list(STATEMENTS.items())[:seats]
    )


def total(outcomes: list[Outcome], figure: str) -> int:
    return sum(getattr(outcome.ledger.total, figure) for outcome in outcomes)


async def test_twenty_debates_at_once_cost_what_the_server_says(
    packaged_engine: VllmEngine, tmp_path: Path
):
    pool = Pool([packaged_engine])
    await pool.open(["smollm2"])
    questions = [Question(f"Should rule number {n} be kept?", ("yes", "no")) for n in range(20)]
    debate = Debate(rounds=1, contest_claims=False)  # two rounds: the blind one, one of exchange
    before = await packaged_engine.counters()
    runs = deliberate_many(questions, panel_of(3), debate, pool, at_once=20, record_dir=tmp_path)
    outcomes = [outcome async for outcome in runs]
    spent = (await packaged_engine.counters()).since(before)
    assert len(outcomes) == 20
    states = {absence.state for outcome in outcomes for absence in outcome.absences}
    assert states <= WHAT_A_MODEL_DOES
    assert spent.prompt == total(outcomes, "prompt")
    assert spent.cached == total(outcomes, "cached") > 0
    assert spent.generation == total(outcomes, "completion")
    assert all(verify(outcome.record).ok for outcome in outcomes if outcome.record)


ON_THE_SERVER = (
    *("debate", "critique-revise", "consensus", "group-debate"),
    *("single", "blind-vote", "self-consistency"),
)
"""On the embedded model every protocol of the library is run."""


async def test_protocols_end_in_an_outcome(packaged_engine: VllmEngine, tmp_path: Path):
    """One of them on a choice, the next on an open question, all at once."""
    pool = Pool([packaged_engine])
    await pool.open(["smollm2"])
    protocols = [
        named(name, **({"seat": "order"} if name in ("single", "self-consistency") else {}))
        for name in ON_THE_SERVER
    ]
    outcomes = await asyncio.gather(
        *(
            deliberate(
                "Should the town close its centre to cars?",
                panel_of(3, 8),
                protocol,
                pool,
                options=None if number % 2 else ("yes", "no"),
                record_dir=tmp_path,
                run_id=protocol.name,
            )
            for number, protocol in enumerate(protocols)
        )
    )
    assert len(outcomes) == len(ON_THE_SERVER)
    for outcome in outcomes:
        assert outcome.answer.strip()
        assert outcome.decision.status in ("decided", "tied", "deadlock", "no_forced_winner")
        assert {absence.state for absence in outcome.absences} <= WHAT_A_MODEL_DOES
        assert outcome.record is not None
        assert verify(outcome.record).ok


async def test_what_a_stopped_run_had_cost_is_on_its_ledger(
    packaged_engine: VllmEngine, tmp_path: Path
):
    pool = Pool([packaged_engine])
    await pool.open(["smollm2"])
    before, speaking = await packaged_engine.counters(), asyncio.Event()

    def watch(event: Event) -> None:
        if isinstance(event, Asked) and event.call.op == "generate":
            speaking.set()

    run = asyncio.create_task(
        deliberate(
            "Should the town close its centre to cars?",
            panel_of(3, 300),
            named("blind-vote"),
            pool,
            record_dir=tmp_path,
            run_id="one",
            watch=watch,
        )
    )
    await speaking.wait()
    await asyncio.sleep(1)
    run.cancel()
    await asyncio.wait([run])
    aborts = read_journal(tmp_path / "one").aborts
    assert aborts
    assert all(abort.usage is not None for abort in aborts)
    outcome = await resume(tmp_path / "one", pool)
    spent, aborted = (await packaged_engine.counters()).since(before), outcome.ledger.aborted
    assert aborted is not None
    assert spent.prompt == outcome.ledger.total.prompt + aborted.prompt
    assert spent.cached == outcome.ledger.total.cached + aborted.cached
    assert spent.generation == outcome.ledger.total.completion + aborted.completion > 0


POOL = """engines:
  - kind: served
    url: {url}
    models: {{smollm2: smollm2}}
"""
PANEL = """agents:
  - {name: liberty, model: smollm2, perspective: {statement: People should decide for themselves.}}
  - {name: order, model: smollm2, perspective: {statement: Clear rules keep people safe.}}
  - {name: nature, model: smollm2, perspective: {statement: The environment comes first.}}
"""
PROGRAM = "import sys; from folkmoot.cli import main; sys.exit(main())"


@pytest.mark.parametrize("lines", [20, 50])
async def test_a_run_killed_on_a_real_server_is_taken_up_where_it_was(
    packaged_engine: VllmEngine, packaged_vllm: Any, tmp_path: Path, lines: int
):
    (tmp_path / "panel.yaml").write_text(PANEL)
    (tmp_path / "pool.yaml").write_text(POOL.format(url=packaged_vllm.url))
    record = await asyncio.to_thread(killed_after, lines, tmp_path)
    have = set(read_journal(record).replies)
    assert verify(record).status == "unfinished"
    assert have
    pool, asked = Pool([packaged_engine]), list[str]()
    await pool.open(["smollm2"])
    outcome = await resume(
        record,
        pool,
        lambda event: asked.append(event.call.id) if isinstance(event, Asked) else None,
    )
    assert not have & set(asked), "no reply that is on record is asked for again"
    assert verify(record).ok
    replies = read_journal(record).replies
    assert set(replies) == have | set(asked)
    opening = outcome.transcript.opening
    straight = await deliberate(
        opening.question,
        Panel.from_yaml(tmp_path / "panel.yaml"),
        named("debate", **opening.protocol.params),
        Pool.recorded(replies.values()),
        options=opening.options,
        seed=opening.seed,
        record_dir=tmp_path / "straight",
    )
    assert straight.transcript.records == outcome.transcript.records
    assert straight.conflicts == outcome.conflicts
    assert straight.decision == outcome.decision
    assert straight.answer == outcome.answer
    assert straight.ledger.total == outcome.ledger.total
    assert straight.ledger.seats == outcome.ledger.seats


def killed_after(lines: int, folder: Path) -> Path:
    """The record of a run that `folkmoot ask` began and that was killed once it had so many lines."""
    line = [sys.executable, "-c", PROGRAM, "ask", "Should the town close its centre to cars?"]
    line += ["--panel", "panel.yaml", "--pool", "pool.yaml", "--option", "yes", "--option", "no"]
    line += ["--rounds", "1", "--max-tokens", "24", "--quiet"]
    with subprocess.Popen(line, cwd=folder) as run:
        record = grown(folder / "runs", lines)
        run.send_signal(signal.SIGKILL)
    return record


def grown(runs: Path, lines: int) -> Path:
    """The one record in a folder, once its journal has so many lines."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for journal in runs.glob("*/journal.jsonl"):
            if journal.read_bytes().count(b"\n") >= lines:
                return journal.parent
        time.sleep(0.01)
    raise AssertionError("the journal did not grow")


def test_a_server_killed_in_the_middle_comes_back_and_the_run_ends(
    packaged_vllm: Any, tmp_path: Path
):
    """Last of all: it restarts the server that the other tests share."""
    server, killed = packaged_vllm.server, list[int]()

    def watch(event: Event) -> None:
        if isinstance(event, Answered) and not killed and event.call.op == "generate":
            guard = Path(f"/proc/{server.pid}/task/{server.pid}/children")
            killed.extend(map(int, guard.read_text().split()))
            for process in killed:
                os.kill(process, signal.SIGKILL)

    async def through_a_kill() -> Outcome:
        pool = Pool([server], patience_s=400)
        await pool.open(["smollm2"])
        return await deliberate(
            "Should the town close its centre to cars?",
            panel_of(3, 60),
            Debate(rounds=1, contest_claims=False),
            pool,
            options=("yes", "no"),
            record_dir=tmp_path,
            watch=watch,
        )

    outcome = packaged_vllm.run(through_a_kill())
    assert killed
    assert verify(outcome.record).ok
    assert outcome.ledger.total.retries > 0, "the record says that calls were asked again"
    assert {absence.state for absence in outcome.absences} <= WHAT_A_MODEL_DOES
