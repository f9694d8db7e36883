import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.records import (
    Journal,
    JournalError,
    MergeError,
    RecordError,
    Segment,
    Usage,
    load,
    read_journal,
    verify,
)
from folkmoot.records import journal_file as module
from folkmoot.records.chain import read_head


def kinds(folder: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in (folder / "journal.jsonl").open()]


def test_what_was_written_is_read_back(run, tmp_path):
    journal = run.write(tmp_path / "r")
    view = read_journal(tmp_path / "r")
    assert view == journal.view()
    assert view.opening == run.opening
    assert view.calls == tuple(call for call, _ in run.exchanges)
    assert view.records == run.transcript.records
    assert view.replies == {reply.call: reply for _, reply in run.exchanges}
    assert (view.pending, view.lost, view.torn, view.head_fault) == ((), (), 0, None)
    assert view.close is not None
    assert view.close.status == "complete"
    assert read_head(tmp_path / "r")[:2] == (view.lines, view.head)


def test_each_text_is_written_once(run, tmp_path):
    run.write(tmp_path / "r")
    texts = {segment.text for call, _ in run.exchanges for segment in call.segments}
    assert kinds(tmp_path / "r").count("text") == len(texts) == 4
    assert (tmp_path / "r" / "journal.jsonl").read_bytes().count(b"You are the nurse.") == 1


def test_a_reply_is_on_file_before_the_writer_returns(run, tmp_path):
    journal = Journal.create(tmp_path / "r", run.opening)
    call, reply = run.exchanges[0]
    journal.call(call)
    assert read_journal(tmp_path / "r").pending == (call.id,)
    journal.reply(reply)
    assert read_journal(tmp_path / "r").replies == {call.id: reply}
    journal.release()


def test_writing_again_what_stands_there_writes_nothing(run, tmp_path):
    journal = run.write(tmp_path / "r", close=False)
    before = (tmp_path / "r" / "journal.jsonl").read_bytes()
    journal = Journal.resume(tmp_path / "r")
    run.append(journal)
    for _, reply in run.exchanges:
        journal.reply(reply)
    journal.release()
    after = (tmp_path / "r" / "journal.jsonl").read_bytes()
    assert after.startswith(before)
    assert kinds(tmp_path / "r")[-1] == "resume"
    assert after.count(b"\n") == before.count(b"\n") + 1


def test_another_call_under_the_same_id_is_refused(run, tmp_path):
    with Journal.create(tmp_path / "r", run.opening) as journal:
        call = run.exchanges[0][0]
        journal.call(call)
        for changed in (
            call.model_copy(update={"purpose": "judge"}),
            call.model_copy(update={"segments": (*call.segments, Segment(role="user", text="!"))}),
        ):
            with pytest.raises(JournalError, match=r"asks something else at c0\.0"):
                journal.call(changed)


def test_another_record_under_the_same_key_is_refused_and_both_are_named(run, tmp_path):
    with Journal.create(tmp_path / "r", run.opening) as journal:
        call, reply = run.exchanges[0]
        journal.call(call)
        journal.reply(reply)
        stance = run.records[0]
        journal.record(stance)
        with pytest.raises(MergeError, match=r'"choice":"yes".*"choice":"no"'):
            journal.record(stance.model_copy(update={"choice": "no"}))
        with pytest.raises(MergeError, match=r"-0\.25.*-0\.5"):
            journal.reply(reply.model_copy(update={"logprobs": (-0.5, -1.5)}))
    assert len(read_journal(tmp_path / "r").records) == 2


def test_a_reply_that_nobody_asked_for_is_refused(run, tmp_path):
    with (
        Journal.create(tmp_path / "r", run.opening) as journal,
        pytest.raises(JournalError, match="never asked"),
    ):
        journal.reply(run.exchanges[0][1])


def test_aborts_are_kept_with_what_they_cost(run, tmp_path):
    (one, _), (two, reply) = run.exchanges[:2]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        with pytest.raises(JournalError, match="not waiting"):
            journal.abort(one)
        journal.call(one)
        journal.call(two)
        journal.abort(one, Usage(prompt=5, completion=2))
        journal.reply(reply)
        with pytest.raises(JournalError, match="not waiting"):
            journal.abort(two)
    view = read_journal(tmp_path / "r")
    assert [(abort.call, abort.usage) for abort in view.aborts] == [
        ("c0.0", Usage(prompt=5, completion=2))
    ]
    assert view.pending == ()


def test_what_has_no_canonical_form_is_refused_and_harms_nothing(run, tmp_path):
    call, reply = run.exchanges[3]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        bad = call.model_copy(update={"segments": (Segment(role="user", text="a\ud800"),)})
        with pytest.raises(JournalError, match=r"call c1\.0 cannot be written"):
            journal.call(bad)
        journal.call(call)
        for changed in ({"text": "\udfff"}, {"logprobs": (float("nan"), 0.5)}):
            with pytest.raises(JournalError, match="cannot be written"):
                journal.reply(reply.model_copy(update=changed))
        journal.reply(reply)
    assert read_journal(tmp_path / "r").replies == {call.id: reply}


def test_hostile_text_comes_back_to_the_codepoint(run, tmp_path):
    text = '\0\x01\x1b[31m\u202e</s>\r\n\u2028\x85\U0001f600e\u0301\ufeff"\\{}' + "\x7f"
    call, reply = run.exchanges[3]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        journal.call(call)
        journal.reply(reply.model_copy(update={"text": text}))
    assert read_journal(tmp_path / "r").replies[call.id].text == text


def test_one_writer_at_a_time_and_the_other_is_named(run, tmp_path):
    with Journal.create(tmp_path / "r", run.opening):
        for begin in (
            lambda: Journal.resume(tmp_path / "r"),
            lambda: Journal.create(tmp_path / "r", run.opening),
        ):
            with pytest.raises(RecordError, match=f"being written by process {os.getpid()}"):
                begin()
    Journal.resume(tmp_path / "r").release()


def test_a_folder_that_holds_a_record_is_not_written_over(run, tmp_path):
    run.write(tmp_path / "r")
    before = (tmp_path / "r" / "journal.jsonl").read_bytes()
    with pytest.raises(RecordError, match="already holds a record"):
        Journal.create(tmp_path / "r", run.opening)
    assert (tmp_path / "r" / "journal.jsonl").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot write the record in") as caught:
        Journal.create(tmp_path / "file" / "r", run.opening)
    assert "\n" not in caught.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_failed_beginning_leaves_nothing(run, tmp_path, monkeypatch):
    def full(fd, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(RecordError, match="No space left"):
        Journal.create(tmp_path / "runs" / "r", run.opening)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_one_line_and_no_more(run, tmp_path, monkeypatch):
    call, reply = run.exchanges[3]
    journal = Journal.create(tmp_path / "r", run.opening)
    journal.call(call)
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(module.os, "write", lambda fd, data: write(fd, data[: len(data) // 2]))
        with pytest.raises(RecordError, match="No space left") as caught:
            journal.reply(reply)
    assert "resume" in caught.value.hint
    for _ in range(2):  # A call beside it must not hide the cause.
        with pytest.raises(RecordError, match="No space left") as later:
            journal.reply(reply)
        assert later.value.hint == caught.value.hint
    with pytest.raises(RecordError, match="No space left"):
        journal.close()
    view = read_journal(tmp_path / "r")
    assert (view.torn, view.head_fault, view.pending) == (0, None, (call.id,))
    with Journal.resume(tmp_path / "r") as journal:
        journal.reply(reply)
    assert read_journal(tmp_path / "r").replies == {call.id: reply}


def test_sync_confirms_each_reply_before_the_head_counts_it(run, tmp_path, monkeypatch):
    done: list[str] = []
    fsync, pwrite = os.fsync, os.pwrite
    monkeypatch.setattr(module.os, "fsync", lambda fd: (done.append("sync"), fsync(fd))[1])
    monkeypatch.setattr(
        module.os, "pwrite", lambda *given: (done.append("head"), pwrite(*given))[1]
    )
    call, reply = run.exchanges[0]
    with Journal.create(tmp_path / "r", run.opening, sync=True) as journal:
        done.clear()
        journal.call(call)
        assert done == []
        journal.reply(reply)
        assert done == ["sync", "head"]
        journal.record(run.records[0])
        assert done == ["sync", "head"]
        done.clear()
        journal.close()
        assert done[:2] == ["sync", "head"]
    assert read_journal(tmp_path / "r").head_fault is None


def test_the_end_of_a_run_is_confirmed_by_the_disk(run, tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(module.os, "fsync", synced.append)
    journal = Journal.create(tmp_path / "r", run.opening)
    assert synced == []
    journal.close()
    assert len(synced) == 2


def test_a_complete_run_stays_as_it_is(run, tmp_path):
    run.write(tmp_path / "r")
    before = {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    with Journal.resume(tmp_path / "r") as journal:
        assert journal.ended is not None
        assert journal.ended.status == "complete"
        run.append(journal)
        journal.close()
    assert {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()} == before
    with Journal.resume(tmp_path / "r") as journal:
        extra = run.exchanges[0][0].model_copy(update={"step": 9})
        with pytest.raises(JournalError, match="has ended"):
            journal.call(extra)


def test_an_aborted_call_that_is_asked_again_is_unanswered_again(run, tmp_path):
    call, reply = run.exchanges[0]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        journal.call(call)
        journal.call(call)
        journal.abort(call)
        assert read_journal(tmp_path / "r").pending == ()
        journal.call(call)
        journal.call(call)
        assert read_journal(tmp_path / "r").pending == journal.view().pending == (call.id,)
        journal.reply(reply)
        journal.call(call)
    assert kinds(tmp_path / "r")[-4:] == ["call", "abort", "again", "reply"]
    view = read_journal(tmp_path / "r")
    assert (view.calls, view.pending) == ((call,), ())


def test_a_released_journal_is_not_written(run, tmp_path):
    journal = Journal.create(tmp_path / "r", run.opening)
    journal.release()
    with pytest.raises(RecordError, match="no longer being written"):
        journal.call(run.exchanges[0][0])


def test_a_file_is_no_record(run, tmp_path):
    run.write(tmp_path / "r")
    for read in (Journal.resume, read_journal, verify, load):
        with pytest.raises(RecordError, match=r"no record in .*journal\.jsonl") as caught:
            read(tmp_path / "r" / "journal.jsonl")
        assert caught.value.hint == "a record is a folder that holds journal.jsonl"


def test_a_record_that_is_not_there_cannot_be_resumed(tmp_path):
    with pytest.raises(RecordError, match="no record in"):
        Journal.resume(tmp_path / "nothing")
    with pytest.raises(RecordError, match="no record in"):
        read_journal(tmp_path)


KILLED = """
import os, pickle, signal, sys
from folkmoot.records import journal_file
folder, after, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
run = pickle.loads(sys.stdin.buffer.read())
from folkmoot.records import Journal
write, done = os.write, 0

def dying(fd, data):
    global done
    done += 1
    if done > after:
        write(fd, data[:most])
        os.kill(os.getpid(), signal.SIGKILL)
    return write(fd, data)

journal_file.os.write = dying
opening, exchanges, records = run
journal = Journal.create(folder, opening)
for call, reply in exchanges:
    journal.call(call)
    journal.reply(reply)
"""


@pytest.mark.parametrize(("after", "most"), [(0, 40), (1, 300), (9, 120)])
def test_kill_9_within_a_write_leaves_a_record_that_resumes(run, tmp_path, after, most):
    given = pickle.dumps((run.opening, run.exchanges, run.records))
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "r"), str(after), str(most)],
        input=given,
        check=False,
    )
    assert dead.returncode == -signal.SIGKILL
    if after == 0:
        with pytest.raises(JournalError, match="nothing was recorded yet"):
            Journal.resume(tmp_path / "r")
        journal = Journal.create(tmp_path / "r", run.opening)
    else:
        journal = Journal.resume(tmp_path / "r")
    run.append(journal)
    journal.close()
    view = read_journal(tmp_path / "r")
    assert view.records == run.transcript.records
    assert (view.torn, view.head_fault) == (0, None)
