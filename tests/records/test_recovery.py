"""A run that is cut at any byte and taken up again ends as if it had not been cut."""

import json
import shutil
from pathlib import Path

import pytest

from folkmoot.records import (
    Journal,
    JournalError,
    journal_file,
    load,
    outcome_of,
    read_journal,
    verify,
    write_derived,
)
from folkmoot.records.chain import GENESIS, Head


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "r"
    run.write(folder)
    return folder


def cuts(raw: bytes) -> list[int]:
    """Every line boundary, the byte before it and a sample of those between."""
    ends = [place + 1 for place, byte in enumerate(raw) if byte == 10]
    first = ends[0]
    near = {end + off for end in ends for off in (-1, 0)}
    return sorted(cut for cut in {*near, *range(first, len(raw), 499)} if first <= cut < len(raw))


def cut_copy(whole: Path, folder: Path, cut: int, behind: int) -> None:
    """The record as a writer killed at byte `cut` leaves it, its head `behind` lines late."""
    raw = (whole / "journal.jsonl").read_bytes()[:cut]
    hashes = [GENESIS, *(json.loads(line)["hash"] for line in raw.split(b"\n")[:-1])]
    count = max(0, len(hashes) - 1 - behind)
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(raw)
    (folder / "head.json").write_bytes(Head(count, hashes[count]).encode())


def comparable(derived: dict[str, bytes]) -> dict[str, object]:
    """What must be equal: all but the time of the end and what was lost on the way."""
    outcome = json.loads(derived["outcome.json"])
    outcome["ledger"].pop("lost", None)
    log = json.loads(derived["conflicts.json"])
    log["run"].pop("finished")
    return {"outcome": outcome, "log": log, "said": derived["transcript.json"]}


def test_cut_anywhere_and_resumed_it_ends_the_same(run, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(journal_file.os, "fsync", lambda fd: None)  # Hundreds of ends: for speed.
    expected = comparable(load(whole).derived())
    places = cuts((whole / "journal.jsonl").read_bytes())
    assert len(places) > 80
    for number, cut in enumerate(places):
        folder = tmp_path / str(cut)
        cut_copy(whole, folder, cut, behind=(0, 1, 1, 4)[number % 4])
        pending = read_journal(folder).pending
        with Journal.resume(folder) as journal:
            assert journal.view().lost == pending
            run.append(journal)
            journal.close()
            outcome = outcome_of(journal.view())
        assert comparable(outcome.derived()) == expected, cut
        assert outcome.ledger.lost == (len(pending) or None)
        if number % 5 == 0:
            write_derived(folder, outcome)
            assert verify(folder).findings == (), cut


def test_cut_within_the_opening_there_is_nothing_to_resume(run, whole, tmp_path):
    for cut in (0, 1, 50):
        folder = tmp_path / str(cut)
        cut_copy(whole, folder, cut, 0)
        with pytest.raises(JournalError, match="nothing was recorded yet"):
            Journal.resume(folder)
        Journal.create(folder, run.opening).release()
        assert read_journal(folder).opening == run.opening


def test_a_line_that_the_head_counts_and_is_not_there_is_not_resumed(whole, tmp_path):
    raw = (whole / "journal.jsonl").read_bytes()
    for name, kept in (
        ("torn", raw[:-1]),
        ("a line", raw[: raw.rindex(b"\n", 0, -1) + 1]),
        ("half", raw[: raw.index(b"\n", len(raw) // 2) + 1]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "journal.jsonl").write_bytes(kept)
        (folder / "head.json").write_bytes((whole / "head.json").read_bytes())
        with pytest.raises(JournalError, match="counts"):
            Journal.resume(folder)
        assert (folder / "journal.jsonl").read_bytes() == kept


def test_a_journal_broken_in_the_middle_is_not_resumed_and_the_line_is_named(whole, tmp_path):
    lines = (whole / "journal.jsonl").read_bytes().splitlines(keepends=True)
    lines[6] = lines[6].replace(b'"n":7', b'"n":8')
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    (folder / "head.json").write_bytes((whole / "head.json").read_bytes())
    with pytest.raises(JournalError) as caught:
        Journal.resume(folder)
    assert caught.value.line == 7


def test_a_journal_without_its_head_is_not_resumed(whole, tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes((whole / "journal.jsonl").read_bytes())
    with pytest.raises(JournalError, match=r"head\.json is missing"):
        Journal.resume(folder)


def test_a_complete_record_is_checked_like_any_other_and_its_torn_tail_cut(whole, tmp_path):
    folder = tmp_path / "r"
    shutil.copytree(whole, folder)
    raw = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(raw + b"abc")
    assert not verify(folder).ok
    with Journal.resume(folder) as journal:
        assert outcome_of(journal.view(), folder).derived() == load(whole).derived()
    assert (folder / "journal.jsonl").read_bytes() == raw
    assert verify(folder).findings == ()
    (folder / "head.json").unlink()
    with pytest.raises(JournalError, match=r"head\.json is missing"):
        Journal.resume(folder)


def test_a_call_lost_at_two_stops_is_counted_at_each(run, tmp_path):
    journal = Journal.create(tmp_path / "r", run.opening)
    journal.call(run.exchanges[0][0])
    journal.call(run.exchanges[1][0])
    journal.reply(run.exchanges[1][1])
    journal.release()
    Journal.resume(tmp_path / "r").release()
    with Journal.resume(tmp_path / "r") as journal:
        journal.reply(run.exchanges[0][1])
    view = read_journal(tmp_path / "r")
    assert view.lost == ("c0.0", "c0.0")
    assert view.pending == ()


def test_a_call_aborted_asked_again_and_in_flight_at_a_kill_is_lost(run, tmp_path):
    call, reply = run.exchanges[0]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        journal.call(call)
        journal.abort(call)
    with Journal.resume(tmp_path / "r") as journal:
        assert journal.view().lost == ()
        journal.call(call)
    with Journal.resume(tmp_path / "r") as journal:
        assert journal.view().lost == (call.id,)
        run.append(journal)
        journal.close()
        outcome = outcome_of(journal.view())
        write_derived(tmp_path / "r", outcome)
    assert outcome.ledger.lost == 1
    assert outcome.ledger.aborted is not None
    assert outcome.ledger.aborted.calls == 1
    assert read_journal(tmp_path / "r").replies[call.id] == reply
    assert verify(tmp_path / "r").findings == ()
