"""`folkmoot query` and `folkmoot export`: SQL over records, and what the terminal is spared."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import folkmoot
from folkmoot.query_table import as_csv, plain
from folkmoot.records.tables import TABLES
from folkmoot.records.tables.sql import query

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_table_that_fits_and_a_block_for_each_row_that_does_not(run: Run, record: Path) -> None:
    said = run("query", "runs", "select seat, calls, prompt from ledger where party order by seat")
    assert (said.code, said.err) == (0, "")
    first, *rows, last = said.out.splitlines()
    assert first.split() == ["seat", "calls", "prompt"]
    ledger = folkmoot.load(record).ledger
    assert [row.split()[-2:] for row in rows] == [
        [str(line.calls), str(line.prompt)] for _, line in sorted(ledger.seats.items())
    ]
    assert last == "4 rows"
    said = run("query", "runs", "select * from runs")
    assert "question" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert said.out.endswith("1 row\n")


def test_what_hides_is_made_visible_and_in_data_stays_as_it_is(run: Run, record: Path) -> None:
    sql = "select id, seat, text from turns order by id limit 1"
    text = folkmoot.load(record).transcript.turns[0].text
    assert "\x1b" in text
    for more in ((), ("--rows", "1")):
        out = run("query", "runs", sql, *more).out
        assert "␛[31mred␛[0m" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "<U+202E>" in run("query", "runs", "select text, text again from turns").out
    found = run("query", "runs", sql, "--json").out
    assert found.isascii()
    assert json.loads(found)["rows"][0][2] == text
    rows = list(csv.reader(io.StringIO(run("query", "runs", sql, "--csv").out)))
    assert rows[0] == ["id", "seat", "text"]
    assert rows[1][2] == text

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    as_csv(query({}, "select 'a\x1b[31m\u202e' as \"\x1b[2J\""), shown)
    assert not {"\x1b", "\u202e"} & set(shown.getvalue())


def test_json_and_csv_have_every_row_and_a_file_the_result(
    run: Run, record: Path, tmp_path: Path
) -> None:
    sql = "select seat, probabilities, options, choice from stances"
    some = run("query", "runs", sql, "--rows", "1").out
    assert "1 shown: --rows N shows more" in some
    found = json.loads(run("query", "runs", sql, "--json").out)
    stances = folkmoot.load(record).transcript.stances
    assert [(row[0], row[1], row[3]) for row in found["rows"]] == [
        (each.seat, each.probabilities, each.choice) for each in stances
    ]
    assert [each["name"] for each in found["columns"]] == [
        *("seat", "probabilities", "options", "choice")
    ]
    assert found["faults"] == []
    rows = list(csv.DictReader(io.StringIO(run("query", "runs", sql, "--csv").out)))
    assert [json.loads(row["options"]) for row in rows] == [list(e.options) for e in stances]
    file = tmp_path / "out.parquet"
    assert run("query", "runs", sql, "--parquet", str(file)).out == ""
    assert pq.read_table(file).num_rows == len(stances)
    said = run("query", "runs", sql, "--parquet", str(file))
    assert (said.code, "is there already" in said.err) == (2, True)


def test_the_schema_is_the_code_s(run: Run, record: Path) -> None:
    found = json.loads(run("query", "runs", "--schema", "--json").out)["tables"]
    assert list(found) == list(TABLES)
    assert {each["name"] for each in found["calls"]["columns"]} >= {"record", "took", "prompt"}
    out = run("query", "runs", "--schema").out
    assert all(f"\n{name}  " in f"\n{out}" for name in TABLES)


def test_tables_are_kept_and_fresh_ones_are_not(run: Run, record: Path, home: Path) -> None:
    count = ("query", "runs", "select count(*) n from turns", "--json")
    first = run(*count, "--fresh").out
    assert not home.exists()
    assert run(*count).out == first == run(*count).out
    assert len(list((home / "tables").glob("*/*/turns.parquet"))) == 1
    journal = record / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"nurse", b"curse", 1))
    said = run("query", "runs", "select record, line from faults")
    assert said.err == "1 of 1 records could not be read: see the table faults\n"
    assert record.name in said.out
    assert json.loads(run(*count).out)["faults"][0]["record"] == record.name


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (("query", "runs"), "no query"),
        (("query", "runs", "select 1", "--json", "--csv"), "three forms"),
        (("query", "nowhere", "select 1"), "no folder 'nowhere'"),
        (("query", ".git", "select 1"), "no folder '.git'"),
        (("query", "runs", "select x from runz"), "no table 'runz'"),
        (("query", "runs", "select '\x1b[31m'(("), "error"),
        (("export", "runs", "--to", "x"), "--as is needed"),
        (("export", "runs", "--as", "parquet"), "--to is needed"),
        (("export", "runs", "--as", "docx", "--to", "x"), "no form 'docx'"),
        (("export", "runs", "--as", "parquet", "--to", "runs"), "is there already"),
        (("export", "runs", "--as", "parquet", "--to", "x", "--param", "a=1"), "takes no 'a'"),
    ],
)
def test_what_cannot_be_used_is_two_lines(
    run: Run, record: Path, line: tuple[str, ...], what: str
) -> None:
    said = run(*line)
    assert (said.code, said.out) == (2, "")
    assert what in said.err
    assert len(said.err.splitlines()) == 2
    assert "\x1b" not in said.err
    assert not Path("x").exists()


def test_records_are_exported_but_for_the_broken_one(run: Run, record: Path) -> None:
    broken = record.with_name("broken")
    shutil.copytree(record, broken)
    (broken / "journal.jsonl").write_text("{}\n")
    said = run("export", "runs", "--as", "parquet", "--to", "tables")
    assert (said.code, said.out) == (1, "parquet  tables\n")
    assert said.err.startswith("not exported: broken: line 1: ")
    assert pq.read_table("tables/runs.parquet").column("record").to_pylist() == [record.name]
    said = run("export", str(record), "--as", "scout", "--to", "scout", "--json")
    assert json.loads(said.out) == {"as": "scout", "to": "scout", "faults": []}
    assert said.code == 0


def test_without_duckdb_one_line_says_what_to_install(
    run: Run, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    said = run("query", "runs", "select 1")
    assert said.code == 2
    assert "pip install 'folkmoot[query]'" in said.err


def test_cells_of_every_sort_are_json() -> None:
    result = query(
        {},
        "select date '2026-01-31' d, timestamp '2026-01-31 12:00:00' t, interval 2 hour i, 'nan'::double n, "
        "1.5::decimal(4, 1) c, 'ab'::blob b, {'a': [1, null]} s, map {'k': 1} m, null z, time '01:02:03' o",
    )
    (row,) = result.to_pylist()
    made = {name: plain(cell) for name, cell in row.items() if name not in ("i", "m")}
    assert made == {
        "d": "2026-01-31",
        "t": "2026-01-31T12:00:00",
        "n": "nan",
        "c": "1.5",
        "b": "6162",
        "s": {"a": [1, None]},
        "z": None,
        "o": "01:02:03",
    }
    json.dumps(made)
