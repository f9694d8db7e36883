"""Nothing is lost and nothing is paid twice, wherever a run is stopped."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.graphs import Answered, Recorded, deliberate, resume, resume_as
from folkmoot.pool import Pool, Scripted
from folkmoot.protocols import BlindVote, Debate
from folkmoot.records import JournalError, RecordError, read_journal, verify

SCRIPT = Path(__file__).with_name("kill_everywhere.py")
DEBATE = Debate(rounds=1)


def test_a_run_killed_after_any_line_ends_as_if_it_had_not_been(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["wrong"] == {}
    assert said["lines"] > 50
    assert said["kills"] > said["lines"]


class Stopping:
    """A watcher that stops the run from outside after so many replies and records."""

    def __init__(self, after: int) -> None:
        self.left, self.task = after, asyncio.current_task()

    def __call__(self, event) -> None:
        if isinstance(event, Answered | Recorded):
            self.left -= 1
            if self.left == 0 and self.task is not None:
                self.task.cancel()


async def stopped(panel, pool, folder: Path, after: int):
    """Whether the run was stopped; it is one task, as under `asyncio.run` and Ctrl-C."""

    async def run():
        await deliberate(
            "Share?",
            panel("ann", "bo", "cy"),
            DEBATE,
            pool,
            options=("yes", "no"),
            record_dir=folder,
            run_id="one",
            watch=Stopping(after),
        )

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(run())


@pytest.mark.parametrize("after", [1, 4, 7, 15, 26, 33, 57])
async def test_ctrl_c_leaves_a_run_that_resumes(panel, seats, tmp_path, after):
    leaning = seats(ann=0.9, bo=[0.1, 0.9], cy=0.1)
    straight = await deliberate(
        "Share?",
        panel("ann", "bo", "cy"),
        DEBATE,
        Pool.scripted(leaning),
        options=("yes", "no"),
        record_dir=tmp_path,
        run_id="straight",
    )
    await stopped(panel, Pool.scripted(leaning), tmp_path, after)
    assert verify(tmp_path / "one").status == "unfinished"
    have, again = set(read_journal(tmp_path / "one").replies), Pool.scripted(leaning)
    ended = await resume(tmp_path / "one", again)
    assert {call.id for call in again.engines[0].history} & have == set()
    assert ended.transcript.records == straight.transcript.records
    assert ended.ledger.total == straight.ledger.total
    assert verify(tmp_path / "one").ok


async def test_what_was_cancelled_in_flight_is_on_record_as_aborted(panel, tmp_path):
    async def slow(call):
        await asyncio.sleep(0 if call.seat == "ann" else 60)
        return [0.9, 0.1]

    await stopped(panel, Pool.scripted(slow), tmp_path, 1)
    view = read_journal(tmp_path / "one")
    assert {abort.call for abort in view.aborts} >= {"c0.2", "c0.3", "c0.4", "c0.5"}
    assert view.pending == ()


class Pinned(Scripted):
    """A scripted engine whose models have digests."""

    def __init__(self, answer_fn, weights, adapter=None) -> None:
        super().__init__(answer_fn)
        self.pins = {"weights_sha256": weights, "adapter_sha256": adapter}

    def reference(self, model):
        return super().reference(model).model_copy(update=self.pins)


@pytest.mark.parametrize(
    ("weights", "adapter", "fault"),
    [
        ("b" * 64, "c" * 64, "begun with weights aaaa"),
        ("a" * 64, None, "begun with adapter cccc"),
        ("a" * 64, "c" * 64, None),
        (None, None, None),
    ],
)
async def test_a_run_goes_on_with_the_model_that_began_it(
    panel, seats, tmp_path, weights, adapter, fault
):
    leaning = seats(ann=0.9, bo=[0.1, 0.9], cy=0.1)
    await stopped(panel, Pool([Pinned(leaning, "a" * 64, "c" * 64)]), tmp_path, 4)
    before = (tmp_path / "one" / "journal.jsonl").read_bytes()
    pool = Pool([Pinned(leaning, weights, adapter)])
    if fault is None:
        assert (await resume(tmp_path / "one", pool)).status == "complete"
        return
    with pytest.raises(JournalError, match=fault) as caught:
        await resume(tmp_path / "one", pool)
    assert "the model that began it" in caught.value.hint
    assert (tmp_path / "one" / "journal.jsonl").read_bytes() == before


async def test_an_engine_that_breaks_leaves_a_run_that_resumes(panel, seats, tmp_path):
    leaning = seats(ann=0.9, bo=0.1)

    def broken(call):
        if call.id == "c1.1":
            raise OSError("the script broke")
        return leaning(call)

    with pytest.raises(OSError, match="the script broke"):
        await deliberate(
            "Share?",
            panel("ann", "bo"),
            DEBATE,
            Pool.scripted(broken),
            options=("yes", "no"),
            record_dir=tmp_path,
            run_id="one",
        )
    ended = await resume(tmp_path / "one", Pool.scripted(leaning))
    assert ended.status == "complete"
    assert verify(tmp_path / "one").ok


@pytest.fixture
async def ended(panel, leaning, tmp_path):
    return await deliberate(
        "Share?",
        panel("ann", "bo"),
        DEBATE,
        leaning(ann=0.9, bo=0.1),
        options=("yes", "no"),
        record_dir=tmp_path,
    )


async def test_a_complete_run_stays_as_it_is_and_nothing_is_asked(ended):
    before = (ended.record / "journal.jsonl").read_bytes()
    (ended.record / "outcome.json").unlink()
    nobody = Pool.scripted(lambda call: pytest.fail(f"asked {call.id}"))
    again = await resume(ended.record, nobody)
    assert again.answer == ended.answer
    assert (ended.record / "journal.jsonl").read_bytes() == before
    assert verify(ended.record).ok, "what was derived is there again"


async def test_another_protocol_cannot_take_a_run_up(panel, seats, tmp_path, leaning):
    await stopped(panel, Pool.scripted(seats(ann=0.9, bo=0.1, cy=0.1)), tmp_path, 4)
    before = os.listdir(tmp_path / "one")
    with pytest.raises(JournalError, match="the record is of 'debate' version '1'"):
        await resume_as(tmp_path / "one", BlindVote(), leaning(ann=0.9))
    with pytest.raises(JournalError, match="would run 'debate'"):
        await resume_as(tmp_path / "one", Debate(rounds=2), leaning(ann=0.9))
    assert os.listdir(tmp_path / "one") == before


async def test_no_record_is_said_to_be_none(leaning, tmp_path):
    with pytest.raises(RecordError, match="no record in"):
        await resume(tmp_path / "none", leaning(ann=0.9))
    assert not (tmp_path / "none").exists()


async def test_a_complete_record_that_was_damaged_is_mended_or_refused(panel, seats, tmp_path):
    leaning = seats(ann=0.9, bo=0.1)
    given = {"options": ("yes", "no"), "record_dir": tmp_path, "run_id": "one"}
    await deliberate("Share?", panel("ann", "bo"), BlindVote(), Pool.scripted(leaning), **given)
    record = tmp_path / "one"
    with (record / "journal.jsonl").open("ab") as journal:
        journal.write(b"torn")
    assert not verify(record).ok
    await resume(record, Pool.scripted(leaning))
    assert verify(record).ok
    (record / "head.json").unlink()
    with pytest.raises(RecordError):
        await resume(record, Pool.scripted(leaning))
