"""Scanning folders: each record once, broken ones as rows, findings kept once, labels held against them."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from folkmoot.eval.scan import scanning
from folkmoot.eval.scan.builtin import BUILTIN, named
from folkmoot.eval.scan.counts import counts
from folkmoot.eval.scan.folders import records_in
from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.kept import keep
from folkmoot.eval.scan.measure import Labelled, measure, read_labels, truth_in, truth_of
from folkmoot.eval.scan.pattern import pattern
from folkmoot.eval.scan.scanning import Row, Scan, scan
from folkmoot.eval.statistics import wilson
from folkmoot.records import InputError, verify
from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import About, Remark, read_annotations

LEAK = named("identity-leak")


@pytest.fixture
def folder(runs: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(runs, tmp_path / "runs"))


def leaks_of(row: Row) -> list[str]:
    return [str(each.about[0]) for _, each in row.found if each.label == "identity-leak"]


def test_every_scanner_looks_through_every_record(folder: Path) -> None:
    rows = scan(records_in([folder]), tuple(BUILTIN.values()))
    assert len(rows) == 5
    assert [each.scanner for each in rows[0].scans] == list(BUILTIN)
    assert all(scan.fault is None for row in rows for scan in row.scans)
    done = counts(rows)
    assert (done.records, done.broken, done.failed, done.again) == (5, 0, 0, 0)
    by_label = {each.label: each for each in done.labels}
    assert by_label["identity-leak"].records == by_label["hidden-characters"].records == 5
    assert len(by_label) >= 2
    assert all(verify(row.record).ok for row in rows)


def test_what_was_scanned_is_not_scanned_again(folder: Path) -> None:
    records = records_in([folder])
    first = scan(records, [LEAK])
    (folder / records[0].name / "scans").rename(folder / "elsewhere")
    again = scan(records, [LEAK])
    assert [row.scans[0].again for row in again] == [False, True, True, True, True]
    plain = [row.model_copy(update={"scans": ()}) for row in first]
    assert [row.model_copy(update={"scans": ()}) for row in again] == plain
    assert [leaks_of(row) for row in again] == [leaks_of(row) for row in first]
    assert not any(row.scans[0].again for row in scan(records, [LEAK], fresh=True))
    newer = LEAK._replace(version="2")
    assert not any(row.scans[0].again for row in scan(records, [newer]))
    assert not any(row.scans[0].again for row in scan(records, [pattern("I am")]))
    assert not any(row.scans[0].again for row in scan(records, [pattern("I was")]))


def test_what_is_stored_counts_for_the_same_journal_alone(folder: Path) -> None:
    (record, *_) = records_in([folder])
    scan([record], [LEAK])
    (stored,) = (record / "scans").glob("*.json")
    journal = record / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    assert scan([record], [LEAK])[0].fault is not None  # the tail is cut: the head says so
    journal.write_bytes(whole)
    assert scan([record], [LEAK])[0].scans[0].again
    for damaged in (b"", b"{", stored.read_bytes().replace(b'"what"', b'"whom"'), b"[]"):
        stored.write_bytes(damaged)
        row = scan([record], [LEAK])[0]
        assert leaks_of(row)[0].startswith("M")
        assert not row.scans[0].again


def test_the_same_record_gives_the_same_bytes(folder: Path) -> None:
    (record, *_) = records_in([folder])
    scan([record], tuple(BUILTIN.values()))
    first = {path.name: path.read_bytes() for path in (record / "scans").iterdir()}
    shutil.rmtree(record / "scans")
    scan([record], tuple(BUILTIN.values()))
    assert {path.name: path.read_bytes() for path in (record / "scans").iterdir()} == first
    assert len(first) == len(BUILTIN)


def test_a_broken_record_is_a_row_with_its_reason(folder: Path) -> None:
    records = records_in([folder])
    journal = records[1] / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"rather wait", b"rather want", 1))
    (records[2] / "head.json").unlink()
    (records[3] / "journal.jsonl").write_bytes(b"")
    rows = scan(records, [LEAK])
    assert [row.fault is None for row in rows] == [True, False, False, False, True]
    assert "line" in (rows[1].fault or "")
    assert "head.json" in (rows[2].fault or "")
    assert counts(rows).broken == 3
    assert keep(rows[1]) == ()


def test_a_scanner_that_fails_does_not_stop_the_others(folder: Path) -> None:
    (record, *_) = records_in([folder])
    broken = Scanner("broken", "1", partial(_raise))
    astray = Scanner("astray", "1", partial(_astray))
    row = scan([record], [broken, astray, LEAK])[0]
    assert row.scans[0].fault == "ZeroDivisionError: no"
    assert row.scans[1].fault == "there is no message 'M999' on record"
    assert leaks_of(row)
    assert counts([row]).failed == 2
    assert not scan([record], [broken])[0].scans[0].again


def _raise(_):
    raise ZeroDivisionError("no")


def _astray(_):
    yield Found(label="x", about=(About(what="message", id="M999"),))


def test_nothing_is_written_where_that_is_asked(folder: Path) -> None:
    records = records_in([folder])
    scan(records, [LEAK], keep_results=False)
    assert not list(folder.rglob("scans"))
    (records[0] / "scans").symlink_to(folder)
    assert leaks_of(scan(records, [LEAK])[0])
    assert not list(folder.glob("*.json"))


def test_several_processes_come_to_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = records_in([folder])
    alone = scan(records, [LEAK, pattern("wait")], keep_results=False)
    monkeypatch.setattr(scanning, "MUCH", 0)
    assert scan(records, [LEAK, pattern("wait")], keep_results=False, jobs=2) == alone


def test_records_are_found_at_any_depth_and_not_inside_others(folder: Path) -> None:
    (record, *_) = records_in([folder])
    shutil.copytree(record, folder / "arm" / "deeper" / "run")
    shutil.copytree(record, record / "scans" / "question-1")
    found = records_in([folder, record])
    assert len(found) == 6
    assert folder / "arm" / "deeper" / "run" in found
    with pytest.raises(InputError, match="no record"):
        records_in([folder / "nowhere"])


def test_findings_are_kept_once(folder: Path) -> None:
    (record, *_) = records_in([folder])
    row = scan([record], [LEAK, named("hidden-characters")])[0]
    added = keep(row)
    assert len(added) == len(list(row.found))
    assert {each.by for each in added} == {
        "scanner:identity-leak/1",
        "scanner:hidden-characters/1",
    }
    assert {each.kind for each in added} == {"finding"}
    assert added[0].about.what == "message"
    assert added[0].severity == 3
    assert keep(scan([record], [LEAK])[0]) == ()
    assert read_annotations(record) == added


def row_of(name: str, *found: str, fault: str | None = None) -> Row:
    made = tuple(
        Found(label=label, about=(about,))  # pyright: ignore[reportArgumentType]
        for label, about in (each.split() for each in found)
    )
    return Row(
        record=f"/x/{name}",
        run_id=f"id-{name}",
        fault=fault,
        scans=(Scan(scanner="s", version="1", found=made),),
    )


def test_precision_and_recall_by_message() -> None:
    rows = [row_of("r1", "bad M1", "bad M2", "bad M9"), row_of("r2", "bad M1"), row_of("r3")]
    labels = [
        Labelled(record=record, label="bad", value=value, message=message)
        for record, message, value in (
            ("r1", "M1", True),
            ("r1", "M2", False),
            ("r1", "M3", True),
            ("id-r2", "M1", True),
            ("r3", "M1", False),
        )
    ]
    (found,) = measure(rows, truth_of(labels, rows))
    assert (found.n, found.true) == (5, 3)
    assert (found.found_true, found.found_false, found.missed, found.unjudged) == (2, 1, 1, 1)
    assert found.precision == wilson(2, 3)
    assert found.recall == wilson(2, 3)
    assert found.f1 is not None
    assert found.f1.value == pytest.approx(2 / 3)
    assert found.f1.low < 2 / 3 < found.f1.high
    (closed,) = measure(rows, truth_of(labels, rows), closed=True)
    assert (closed.found_false, closed.unjudged) == (2, 0)


def test_precision_and_recall_by_record() -> None:
    rows = [row_of("r1", "bad M1", "bad M2"), row_of("r2"), row_of("r3", fault="broken")]
    labels = [Labelled(record=name, label="bad", value=name == "r1") for name in ("r1", "r2", "r3")]
    (found,) = measure(rows, truth_of(labels, rows))
    assert (found.n, found.found_true, found.found_false, found.missed) == (2, 1, 0, 0)
    (none,) = measure([row_of("r1")], truth_of(labels[:1], [row_of("r1")]))
    assert (none.precision, none.missed) == (None, 1)
    for wrong in (
        [Labelled(record="r9", label="bad")],
        [labels[0], Labelled(record="r1", label="bad", value=False)],
    ):
        with pytest.raises(InputError):
            truth_of(wrong, rows)


def test_labels_are_read_or_the_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(
        '{"record": "r", "label": "x"}\n\n{"record": "r", "label": "y", "value": false}\n'
    )
    assert [each.value for each in read_labels(file)] == [True, False]
    for line in ("{", '{"record": "r"}', '{"record": "r", "label": "x", "value": "no"}', "[]"):
        file.write_text(f'{{"record": "r", "label": "x"}}\n{line}\n')
        with pytest.raises(InputError, match="line 2"):
            read_labels(file)
    with pytest.raises(InputError, match="cannot read"):
        read_labels(tmp_path / "none")


def test_what_people_annotated_is_what_is_so(folder: Path) -> None:
    (record, *_) = records_in([folder])
    rows = scan([record], [LEAK])
    first, second = (each.about[0] for _, each in list(rows[0].found)[:2])
    there, other = (About(what="message", id=each.id) for each in (first, second))
    label = "identity-leak"
    with pytest.raises(InputError, match="nobody annotated"):
        truth_in(rows)
    annotate(record, Remark(about=there, label=label, value=True), by="ann")
    annotate(record, Remark(about=other, label=label, value=True), by="ann")
    annotate(record, Remark(about=other, label=label, value=False), by="bo")
    keep(rows[0])
    (found,) = measure(rows, truth_in(rows))
    assert (found.n, found.found_true, found.missed) == (1, 1, 0)  # of the other they differ


def test_stored_findings_name_what_they_are_of(folder: Path) -> None:
    (record, *_) = records_in([folder])
    scan([record], [LEAK])
    (stored,) = (record / "scans").glob("identity-leak-*.json")
    said = json.loads(stored.read_bytes())
    assert said["scanner"] == "identity-leak"
    assert said["digest"] == LEAK.digest
    assert len(said["journal_sha256"]) == 64
