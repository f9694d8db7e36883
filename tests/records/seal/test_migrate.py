"""Migration: the lines stand as they were, the new record says where it came from, newer ones are named."""

import json
import shutil

import pytest

from folkmoot.records import InputError, JournalError, read_journal, verify
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import anchoring, head_of, migrate, redact
from tests.records.later_vectors import rechained
from tests.records.vectors import as_bytes


def test_the_lines_stand_as_they_were_and_one_says_where_from(run, tmp_path):
    run.write(tmp_path / "r")
    done = migrate(tmp_path / "r", tmp_path / "to")
    old, new = ((tmp_path / each / "journal.jsonl").read_bytes() for each in ("r", "to"))
    assert new.startswith(old)
    assert done.steps == ("journal/1", "journal/2")
    view, before = read_journal(tmp_path / "to"), read_journal(tmp_path / "r")
    (said,) = view.migrations
    assert (said.head, said.lines) == (before.head, before.lines)
    assert view.run_head == before.head
    assert verify(tmp_path / "to").ok
    assert json.loads((tmp_path / "to" / "head.json").read_bytes())["schema"] == "journal/2"
    kept = head_of(tmp_path / "r")
    assert (
        anchoring(tmp_path / "to", read_lines(tmp_path / "to")[0], heads=[kept]).line == kept.count
    )


def test_what_is_derived_is_derived_again(run, tmp_path):
    run.write(tmp_path / "r")
    whole = {path.name: path.read_bytes() for path in (tmp_path / "r").iterdir()}
    for name in ("transcript.json", "conflicts.json", "outcome.json"):
        older = whole[name].replace(b'/1"', b'/0"')
        (tmp_path / "r" / name).write_bytes(older)
    (tmp_path / "r" / "outcome.json").unlink()
    done = migrate(tmp_path / "r", tmp_path / "to")
    assert set(done.derived) == {"transcript.json", "conflicts.json", "outcome.json"}
    assert all((tmp_path / "to" / name).read_bytes() == whole[name] for name in done.derived)
    assert verify(tmp_path / "to").ok


def test_of_the_newest_there_is_nothing_to_do_but_what_is_derived(run, tmp_path):
    run.write(tmp_path / "r")
    migrate(tmp_path / "r", tmp_path / "two")
    with pytest.raises(InputError, match="is of journal/2 already"):
        migrate(tmp_path / "two", tmp_path / "three")
    (tmp_path / "two" / "conflicts.json").write_text("{}")
    assert migrate(tmp_path / "two", tmp_path / "three").steps == ("journal/2",)
    assert verify(tmp_path / "three").ok
    redact(tmp_path / "three", ["M1"], by="ann", reason="a name", to=tmp_path / "four")
    assert verify(tmp_path / "four").ok


def test_a_newer_version_is_named_and_so_are_those_that_are_read(run, tmp_path):
    run.write(tmp_path / "r")
    path = tmp_path / "r" / "journal.jsonl"
    lines = path.read_bytes().splitlines()
    newer = rechained(lines, lambda opening: opening.update(journal_schema="journal/9"))
    path.write_bytes(as_bytes(newer))
    for use in (
        lambda: migrate(tmp_path / "r", tmp_path / "to"),
        lambda: read_journal(tmp_path / "r"),
    ):
        with pytest.raises(
            JournalError, match="'journal/9', and this Folkmoot reads journal/1 and"
        ):
            use()
    (finding,) = verify(tmp_path / "r").findings
    assert (finding.line, "journal/9" in finding.what) == (1, True)
    assert not (tmp_path / "to").exists()


def test_a_folder_that_is_there_is_not_written_to(run, tmp_path):
    run.write(tmp_path / "r")
    shutil.copytree(tmp_path / "r", tmp_path / "to")
    with pytest.raises(InputError, match="is there already"):
        migrate(tmp_path / "r", tmp_path / "to")
