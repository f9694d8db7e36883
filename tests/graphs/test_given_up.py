"""What calls cost that got no reply: the ledger's `aborted` line is the rest of the server's count."""

import asyncio
from pathlib import Path

import pytest

from folkmoot.graphs import Answered, Asked, Event, deliberate, resume
from folkmoot.pool import Pool
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.protocols import Debate
from folkmoot.records import read_journal, verify
from folkmoot.records.ledger import ledger

DEBATE = Debate(rounds=1, contest_claims=False)
SLOWLY = "Share? [[slow 0.2]]"


@pytest.mark.parametrize("after", [1, 7, 9])
async def test_a_run_that_was_stopped_and_resumed_pays_for_all_of_it(
    panel, stub_url: str, tmp_path: Path, after: int
):
    engine = VllmEngine("ward", stub_url, {"m": "stub"}, connections=2)
    pool = Pool([engine])
    await pool.open(["m"])
    before, left = await engine.counters(), after

    def stop(event: Event) -> None:
        nonlocal left
        left -= isinstance(event, Answered)
        if left == 0 and isinstance(event, Answered):  # in the middle of the next calls
            asyncio.get_running_loop().call_later(0.1, run.cancel)

    run = asyncio.create_task(
        deliberate(
            SLOWLY,
            panel("ann", "bo", "cy"),
            DEBATE,
            pool,
            options=("yes", "no"),
            record_dir=tmp_path,
            run_id="one",
            watch=stop,
        )
    )
    with pytest.raises(asyncio.CancelledError):
        await run
    view = read_journal(tmp_path / "one")
    assert view.pending == (), "every call that was asked has a reply or is aborted"
    assert view.aborts
    assert all(abort.usage is not None for abort in view.aborts)
    aborted = ledger((), aborts=view.aborts).aborted
    assert aborted is not None
    assert aborted.prompt == engine.aborted.prompt > 0
    outcome = await resume(tmp_path / "one", pool)
    spent, total = (await engine.counters()).since(before), outcome.ledger.total
    assert outcome.ledger.aborted == aborted
    assert outcome.ledger.lost is None
    assert spent.prompt == total.prompt + aborted.prompt
    assert spent.cached == total.cached + aborted.cached
    assert spent.generation == total.completion + aborted.completion
    assert verify(tmp_path / "one").ok
    await pool.close()


async def test_attempts_out_of_time_are_paid_for_beside_the_reply(
    panel, stub_url: str, tmp_path: Path
):
    engine = VllmEngine("ward", stub_url, {"m": "stub"}, timeout_s=0.1)
    pool = Pool([engine], patience_s=0.5)
    await pool.open(["m"])
    before = await engine.counters()
    outcome = await deliberate(
        "Share? [[slow 30]]",
        panel("ann", "bo"),
        DEBATE,
        pool,
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    assert {absence.state for absence in outcome.absences} == {"unavailable"}
    spent, aborted = (await engine.counters()).since(before), outcome.ledger.aborted
    assert aborted is not None
    assert (aborted.prompt, aborted.cached) == (spent.prompt, spent.cached)
    assert aborted.completion == spent.generation > 0
    assert outcome.record is not None
    assert verify(outcome.record).ok
    await pool.close()


async def test_what_a_server_does_not_tell_is_absent(panel, plain_stub_url: str, tmp_path: Path):
    pool = Pool([VllmEngine("ward", plain_stub_url, {"m": "stub"})])
    await pool.open(["m"])
    asked = asyncio.Event()
    asking = asyncio.create_task(
        deliberate(
            "Share? [[slow 30]]",
            panel("ann"),
            DEBATE,
            pool,
            record_dir=tmp_path,
            run_id="one",
            watch=lambda event: asked.set() if isinstance(event, Asked) else None,
        )
    )
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    aborts = read_journal(tmp_path / "one").aborts
    assert [abort.usage for abort in aborts] == [None]
    await pool.close()
