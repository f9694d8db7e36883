"""Files of a record that came from anyone: no link or device in their place is followed."""

import os
import shutil

import pytest

from folkmoot.records import (
    Journal,
    RecordError,
    files,
    load,
    outcome_of,
    read_journal,
    verify,
    write_derived,
)

DERIVED = ("transcript.json", "conflicts.json", "outcome.json")


@pytest.fixture
def record(run, tmp_path):
    run.write(tmp_path / "r")
    return tmp_path / "r"


@pytest.fixture
def victim(tmp_path):
    (tmp_path / "victim").write_text("mine")
    return tmp_path / "victim"


@pytest.mark.parametrize("name", DERIVED)
def test_links_in_a_record_are_not_written_through(record, victim, name):
    (record / name).unlink()
    (record / name).symlink_to(victim)
    (record / f"{name}.new").symlink_to(victim)
    write_derived(record, load(record))
    assert victim.read_text() == "mine"
    assert not (record / name).is_symlink()
    assert verify(record).findings == ()


def test_a_folder_of_a_name_that_might_be_used_is_not_in_the_way(record):
    (record / "outcome.json.new").mkdir()
    write_derived(record, load(record))
    assert verify(record).findings == ()


def test_a_guessed_name_is_not_written_through(record, victim, monkeypatch):
    monkeypatch.setattr(files.secrets, "token_hex", lambda count: "guessed")
    (record / "transcript.json.guessed.new").symlink_to(victim)
    with pytest.raises(RecordError, match=r"cannot write transcript\.json .*: File exists"):
        write_derived(record, load(record))
    assert victim.read_text() == "mine"


def test_a_full_disk_leaves_the_derived_files_as_they_were(record, monkeypatch):
    before = {name: (record / name).read_bytes() for name in DERIVED}
    outcome = load(record)

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "replace", full)
    with pytest.raises(RecordError, match="No space left on device") as caught:
        write_derived(record, outcome)
    assert "make room" in caught.value.hint
    assert {name: (record / name).read_bytes() for name in DERIVED} == before
    assert not list(record.glob("*.new"))


@pytest.mark.parametrize("name", ["journal.jsonl", "head.json"])
def test_a_journal_that_is_a_link_is_not_written(record, tmp_path, name):
    outside = shutil.move(record / name, tmp_path / name)
    before = outside.read_bytes() + b"torn" * (name == "journal.jsonl")
    outside.write_bytes(before)
    (record / name).symlink_to(outside)
    with pytest.raises(RecordError, match="it is a link, and no file of a record is one"):
        Journal.resume(record)
    assert outside.read_bytes() == before


def test_a_head_that_is_a_link_is_not_written_when_a_record_begins(run, victim, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "head.json").symlink_to(victim)
    with pytest.raises(RecordError, match="it is a link"):
        Journal.create(tmp_path / "new", run.opening)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", ["journal.jsonl", "outcome.json"])
def test_a_pipe_or_a_device_is_not_read(record, name):
    for put in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        (record / name).unlink()
        put(record / name)
        with pytest.raises(RecordError, match=r"cannot read .*: it is "):
            verify(record)


def test_a_record_may_lie_behind_a_link(record, tmp_path):
    (tmp_path / "link").symlink_to(record)
    assert verify(tmp_path / "link").ok
    assert read_journal(tmp_path / "link") == read_journal(record)
    with Journal.resume(tmp_path / "link") as journal:
        write_derived(journal.folder, outcome_of(journal.view()))
    assert verify(record).ok
