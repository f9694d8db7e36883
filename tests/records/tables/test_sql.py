"""SQL over tables: what a query cannot reach, and what it is told when it cannot be run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from folkmoot.records import InputError
from folkmoot.records.tables import Tables, tables


@pytest.fixture(scope="module")
def held(kept: Path) -> Iterator[Tables]:
    with tables(kept) as held:
        yield held


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('{secret}')",
        "select * from read_text('{secret}')",
        "select * from read_blob('{secret}')",
        "select * from '{secret}'",
        "select * from glob('{folder}/*')",
        "select * from 'https://example.org/x.parquet'",
        "copy runs to '{folder}/out.csv'",
        "copy (select 1) to '{folder}/out.parquet'",
        "export database '{folder}/out'",
        "attach '{folder}/out.db'",
        "install httpfs",
        "load '{secret}'",
        "set enable_external_access = true",
        "reset enable_external_access",
        "pragma enable_external_access",
        "call pragma_version()",
        "create table more as select 1",
        "create macro more() as 1",
        "delete from runs",
        "drop view runs",
        "select getenv('HOME')",
        "select * from secret_table",
        "select 1; copy runs to '{folder}/out.csv'",
        "prepare one as select 1",
        "",
        "-- nothing",
    ],
)
def test_a_query_reads_the_tables_and_nothing_else(
    held: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhush\n")
    secret_table = held.runs  # A name of Python is no table of the query.
    with pytest.raises(InputError) as told:
        held.sql(text.format(secret=secret, folder=tmp_path))
    assert "\n" not in told.value.message + told.value.hint
    assert told.value.hint
    assert "hush" not in str(told.value)
    assert os.listdir(tmp_path) == ["secret.csv"]
    assert secret_table.num_rows == held.runs.num_rows


@pytest.mark.parametrize(
    "text",
    [
        "from runs select record limit 1",
        "with r as (select * from runs) select count(*) from r",
        "describe turns",
        "summarize turns",
        "show tables",
        "explain select * from runs",
        "values (1)",
        "select 1;",
    ],
)
def test_whatever_reads_may_be_asked(held: Tables, text: str) -> None:
    assert held.sql(text).num_rows


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("select * from conflict", "no table 'conflict'", "near: conflicts"),
        ("select\nwiner\nfrom runs", '"winer" not found', '"winner"'),
        ("select winer\nfrom runs\nwhere 1", '"winer" not found', "--schema"),
        ("selct 1", 'syntax error at or near "selct"', "--schema"),
        ("select sum(question) from runs", "sum(VARCHAR)", "Candidate functions"),
        ("select cast(question as int) from runs", "Could not convert", "--schema"),
        ("select 1; select 2", "2 statements", "give one SELECT"),
        ("insert into runs values (1)", "this is INSERT", "give one SELECT"),
        ("select * from read_csv('x')", "cannot reach files", "give one SELECT"),
    ],
)
def test_what_is_wrong_and_what_to_do(held: Tables, text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as told:
        held.sql(text)
    assert message.lower() in told.value.message.lower()
    assert hint in told.value.hint


def test_sums_of_whole_numbers_are_whole_numbers(held: Tables) -> None:
    result = held.sql("select sum(lines) s, sum(lines) * 10::hugeint ** 30 big from runs")
    assert str(result.schema.field("s").type) == "int64"
    assert result.to_pylist()[0]["big"] > 2**63


def test_rows_come_in_the_order_of_the_records(held: Tables) -> None:
    names = [row["record"] for row in held.sql("select record from calls").to_pylist()]
    assert names == sorted(names)
