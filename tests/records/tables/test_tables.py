"""Tables of records: every column as declared, every figure the record's own, every broken record named."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from folkmoot.records import InputError, Turn, load, read_journal
from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import Remark
from folkmoot.records.found import find_records
from folkmoot.records.tables import TABLES, Tables, parts, tables, writing
from folkmoot.records.tables.schema import columns_of
from folkmoot.records.tables.writing import arrow_schema, write_tables

READABLE = ("a/stopped", "a/whole", "hostile", "real")
COSTS = ("calls", "prompt", "computed", "cached", "completion", "retries")


@pytest.fixture(scope="module")
def held(kept: Path) -> Iterator[Tables]:
    with tables(kept) as held:
        yield held


def one(held: Tables, text: str) -> Any:
    """The one cell of a result."""
    ((cell,),) = (row.values() for row in held.sql(text).to_pylist())
    return cell


def test_records_are_found_at_any_depth_and_in_order_but_not_inside_records(
    kept: Path, tmp_path: Path
) -> None:
    assert [each.name for each in find_records(kept)] == [
        "a/stopped",
        "a/whole",
        "b/broken",
        *READABLE[2:],
    ]
    assert [each.name for each in find_records(kept / "real")] == ["."]
    assert [each.name for each in find_records(kept / "a" / "whole" / "shadows")] == ["1-newcomer"]
    (tmp_path / "link").symlink_to(kept, target_is_directory=True)
    assert len(find_records(tmp_path / "link")) == 5
    with pytest.raises(InputError, match="no record in"):
        find_records(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        find_records(tmp_path / "nothing")


def test_every_column_can_be_named_in_sql_and_is_of_its_declared_type(held: Tables) -> None:
    chosen: list[str] = []
    for name, table in TABLES.items():
        columns = [each.name for each in columns_of(table)]
        assert len(set(columns)) == len(columns)
        assert held[name].schema.equals(arrow_schema(table), check_metadata=True)
        chosen.append(f"(select {', '.join(columns)} from {name}) as one_{name}")
    assert held.sql(f"select 1 from {', '.join(chosen)} limit 0").num_rows == 0


def test_every_table_but_those_that_no_protocol_here_fills_has_rows(held: Tables) -> None:
    empty = {name for name in TABLES if not held[name].num_rows}
    assert empty <= {"issues", "acts", "checks", "filterings", "tensions"}


def test_a_broken_record_is_a_fault_at_its_line_and_nothing_else(held: Tables) -> None:
    (fault,) = held.unreadable
    assert (fault.record, fault.line) == ("b/broken", 3)
    assert "its content is not what its hash was taken over" in fault.what
    assert [row["record"] for row in held.runs.to_pylist()] == list(READABLE)
    for name in set(TABLES) - {"faults"}:
        assert "b/broken" not in held[name].column("record").to_pylist()


@pytest.mark.parametrize("name", READABLE)
def test_figures_are_those_of_the_ledger_and_the_outcome(
    held: Tables, kept: Path, name: str
) -> None:
    outcome, view = load(kept / name), read_journal(kept / name)
    (row,) = held.sql(f"select * from runs where record = '{name}'").to_pylist()
    total, coverage = outcome.ledger.total, outcome.conflict_log.coverage
    assert {each: row[each] for each in COSTS} == {each: getattr(total, each) for each in COSTS}
    assert row["answer"] == outcome.answer
    assert row["status"] == outcome.status
    assert row["conflicts"] == one(held, f"select count(*) from conflicts where record = '{name}'")
    assert (row["dissents"], row["flagged"]) == (coverage.dissents, coverage.flagged)
    assert row["dissents"] == one(held, f"select count(*) from dissents where record = '{name}'")
    assert (row["head"], row["lines"]) == (view.head, view.lines)
    (cost,) = held.sql(
        "select count(*) filter (state not in ('pending', 'aborted')) calls, sum(prompt) prompt, "
        "sum(computed) computed, sum(cached) cached, sum(completion) completion, "
        f"sum(retries) retries from calls where record = '{name}'"
    ).to_pylist()
    # The ledger has no figure where one reply has none; the sum is then of those that have one.
    assert {e: cost[e] for e in COSTS if row[e] is not None} == {
        each: row[each] for each in COSTS if row[each] is not None
    }
    for line in held.sql(f"select * from ledger where record = '{name}'").to_pylist():
        expected = outcome.ledger.seats[line["seat"]]
        assert {each: line[each] for each in COSTS} == {e: getattr(expected, e) for e in COSTS}


def test_times_are_times_and_an_unfinished_run_has_no_end(held: Tables, kept: Path) -> None:
    rows = {row["record"]: row for row in held.runs.to_pylist()}
    assert str(rows["a/stopped"]["started"]) == "2026-01-01 00:00:00"
    assert (rows["a/stopped"]["finished"], rows["a/stopped"]["seconds"]) == (None, None)
    assert rows["a/stopped"]["status"] == "incomplete"
    real = rows["real"]
    assert real["seconds"] == (real["finished"] - real["started"]).total_seconds() > 0


def test_texts_are_the_record_s_to_the_codepoint_and_quotations_slice_out(
    held: Tables, kept: Path
) -> None:
    for name in READABLE:
        turns = [each for each in load(kept / name).transcript if isinstance(each, Turn)]
        rows = held.sql(f"select id, text, characters from turns where record = '{name}'")
        assert [tuple(row.values()) for row in rows.to_pylist()] == [
            (each.id, each.text, len(each.text)) for each in turns
        ]
    off = one(
        held,
        "select count(*) filter (substring(t.text, q.starts + 1, q.ends - q.starts) <> q.exact) "
        "from quotations q join turns t on t.record = q.record and t.id = q.message",
    )
    assert off == 0 < one(held, "select count(*) from quotations")


def test_prompts_can_be_put_together_as_they_were_asked(held: Tables, kept: Path) -> None:
    call = read_journal(kept / "real").calls[0]
    rows = held.sql(
        "select role, text from segments join texts using (record, sha256) "
        f"where record = 'real' and call = '{call.id}' order by n"
    ).to_pylist()
    assert [(row["role"], row["text"]) for row in rows] == [(e.role, e.text) for e in call.segments]


def test_maps_lists_and_json_can_be_asked_for_by_key(held: Tables) -> None:
    where = "where record = 'a/whole'"
    assert one(held, f"select tally['yes'] from decisions {where}") == 2.0
    assert one(held, f"select params->>'rounds' from runs {where}") == "1"
    assert (
        one(held, f"select parties[2] from conflict_sides {where} and position = 'cf1.a'")
        == "clerk"
    )
    assert one(held, f"select sum(probability) from stances {where}") == pytest.approx(4.5)
    said = held.sql(f"select value, corrected from annotations {where} order by id").to_pylist()
    assert [tuple(row.values()) for row in said] == [("true", True), ("false", False)]


def test_what_a_record_comes_to_in_python_errors_is_a_fault_too(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole lines may still hold what no fold can take; the records after it are read all the same."""

    def derived(view: Any, folder: Path) -> Any:
        if folder.name == "stopped":
            raise KeyError("M9")
        return load(folder)

    monkeypatch.setattr(writing, "outcome_of", derived)
    faults = write_tables(find_records(kept / "a"), tmp_path)
    assert [(each.record, each.what) for each in faults] == [("stopped", "KeyError: 'M9'")]


def test_broken_annotations_are_a_fault_and_the_record_stays(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept / "a" / "whole", tmp_path / "r")
    path = tmp_path / "r" / "annotations.jsonl"
    path.write_bytes(path.read_bytes().replace(b"fair", b"foul", 1))
    with tables(tmp_path) as held:
        (fault,) = held.unreadable
        assert "annotations.jsonl, line 1" in fault.what
        assert (held.runs.num_rows, held.annotations.num_rows) == (1, 0)


def test_the_same_records_give_the_same_bytes_in_whatever_batches(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "batches"):
        (tmp_path / name).mkdir()
        if name == "batches":
            monkeypatch.setattr(writing, "_ROWS", 10)
        write_tables(find_records(kept), tmp_path / name)
    one, two, batches = (
        {each.name: each.read_bytes() for each in (tmp_path / name).iterdir()}
        for name in ("one", "two", "batches")
    )
    assert one == two
    read: Any = writing.parquet.read_table
    groups: Any = writing.parquet.read_metadata
    for name in one:
        assert read(tmp_path / "one" / name).equals(read(tmp_path / "batches" / name))
    assert groups(tmp_path / "batches" / "turns.parquet").num_row_groups == len(READABLE)
    assert batches != one


class TestKept:
    """Tables that are kept for the next time."""

    @pytest.fixture
    def runs(self, kept: Path, tmp_path: Path) -> Path:
        return shutil.copytree(kept / "a", tmp_path / "runs", copy_function=shutil.copy2)

    def test_what_has_not_changed_is_not_read_again(
        self, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = tables(runs, tmp_path / "kept").runs
        monkeypatch.setattr(parts, "write_tables", pytest.fail)
        assert tables(runs, tmp_path / "kept").runs.equals(first)

    def test_every_change_is_seen_also_one_that_hides(self, runs: Path, tmp_path: Path) -> None:
        held = tables(runs, tmp_path / "kept")
        assert (held.annotations.num_rows, len(held.unreadable)) == (2, 0)
        annotate(runs / "stopped", Remark(note="more"), by="me")
        assert tables(runs, tmp_path / "kept").annotations.num_rows == 3
        journal = runs / "stopped" / "journal.jsonl"
        before, data = journal.stat(), journal.read_bytes()
        journal.write_bytes(data.replace(b"Sharing", b"Shaming"))
        os.utime(journal, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert journal.stat().st_size == before.st_size
        assert [each.record for each in tables(runs, tmp_path / "kept").unreadable] == ["stopped"]
        journal.write_bytes(data)
        (runs / "whole").rename(runs / "renamed")
        assert {r["record"] for r in tables(runs, tmp_path / "kept").runs.to_pylist()} == {
            "renamed",
            "stopped",
        }

    def test_other_code_reads_anew(
        self, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tables(runs, tmp_path / "kept")
        before = set((tmp_path / "kept").iterdir())
        monkeypatch.setattr(parts, "_code", lambda: b"another version")
        tables(runs, tmp_path / "kept")
        assert set((tmp_path / "kept").iterdir()) > before

    def test_a_record_written_meanwhile_is_read_again_the_next_time(
        self, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def grows(found: Any, folder: Path) -> Any:
            faults = write_tables(found, folder)
            annotate(runs / "stopped", Remark(note="meanwhile"), by="me")
            return faults

        monkeypatch.setattr(parts, "write_tables", grows)
        assert tables(runs, tmp_path / "kept").annotations.num_rows == 2
        monkeypatch.setattr(parts, "write_tables", write_tables)
        assert tables(runs, tmp_path / "kept").annotations.num_rows == 3

    def test_another_record_leaves_the_parts_that_it_is_not_in(
        self, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(parts, "_MOST", 1)
        tables(runs, tmp_path / "kept")
        before = set((tmp_path / "kept").iterdir())
        shutil.copytree(runs / "whole", runs / "later")
        read: list[str] = []

        def noted(found: Any, folder: Path) -> Any:
            read.extend(each.name for each in found)
            return write_tables(found, folder)

        monkeypatch.setattr(parts, "write_tables", noted)
        held = tables(runs, tmp_path / "kept")
        assert read == ["later"]
        assert set((tmp_path / "kept").iterdir()) > before
        assert [r["record"] for r in held.runs.to_pylist()] == ["later", "stopped", "whole"]

    def test_where_it_cannot_be_kept_it_says_so(self, runs: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(Exception, match="cannot keep tables in"):
            tables(runs, tmp_path / "file")

    def test_what_is_not_kept_is_gone_when_it_is_closed(self, runs: Path) -> None:
        with tables(runs) as held:
            (part,) = held._parts
            assert part.is_dir()
        assert not part.parent.exists()


def test_absent_packages_are_said_in_one_line(
    kept: Path, monkeypatch: pytest.MonkeyPatch, held: Tables
) -> None:
    with pytest.raises(AttributeError, match="no table 'nothing'; there are: runs, seats"):
        _ = held.nothing
    for package, use in (
        ("duckdb", lambda: held.sql("select 1")),
        ("polars", lambda: held.to_polars("runs")),
        ("pandas", lambda: held.to_pandas("runs")),
        ("pyarrow", lambda: tables(kept)),
    ):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError) as told:
            use()
        assert package in told.value.message
        assert told.value.hint.startswith("pip install")
