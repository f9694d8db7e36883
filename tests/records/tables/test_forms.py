"""Exports: every form is there, nothing is overwritten, a broken record costs no other; Parquet and Scout."""

import importlib
import inspect
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from folkmoot.records import InputError, RecordError, load
from folkmoot.records.exports import FORMS, Form, export_record, export_records, form
from folkmoot.records.exports.inspect_sample import conflict_score
from folkmoot.records.exports.scout import conflict_counts
from folkmoot.records.found import find_records
from folkmoot.records.tables import TABLES

SCOUT = {
    **dict.fromkeys(("transcript_id", "source_type", "source_id", "date"), "large_string"),
    **dict.fromkeys(("task_set", "task_id", "agent", "agent_args"), "large_string"),
    **dict.fromkeys(("model", "model_options", "score", "score_explanation"), "large_string"),
    **dict.fromkeys(("error", "messages"), "large_string"),
    **dict.fromkeys(("task_repeat", "message_count", "total_tokens"), "int64"),
    "total_time": "double",
    "success": "bool",
    "trust_content": "bool",
}
"""Columns of a transcript database that are filled, as inspect-scout 0.6.1 types them."""


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_its_export(name: str) -> None:
    export = importlib.import_module(form(name).module).export
    first, second, *params = inspect.signature(export).parameters.values()
    assert [first.name, second.name] == ["folder" if FORMS[name].together else "record", "to"]
    assert all(each.kind is each.KEYWORD_ONLY for each in params)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form of one record that counts its lines."""

    def export(record: Path, to: Path, *, more: str = "") -> None:
        if "broken" in record.name:
            raise RecordError("it is broken")
        to.write_text(f"{load(record).ledger.total.calls}{more}")

    module = ModuleType("notes_form")
    module.export = export  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "notes_form", module)
    monkeypatch.setitem(FORMS, "notes", Form("notes", "notes_form", ".txt"))  # type: ignore[arg-type]


@pytest.mark.usefixtures("notes")
def test_a_form_of_one_record_makes_a_file_of_each(kept: Path, tmp_path: Path) -> None:
    faults = export_records(kept, tmp_path / "out", "notes", more="!")
    assert [(each.record, each.what) for each in faults] == [("b/broken", "it is broken")]
    made = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.txt")}
    assert made == {"a/stopped.txt", "a/whole.txt", "hostile.txt", "real.txt"}
    assert (tmp_path / "out" / "a" / "whole.txt").read_text() == "9!"


@pytest.mark.usefixtures("notes")
def test_nothing_is_overwritten_and_nothing_unknown_is_taken(kept: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for to in (taken, tmp_path / "dangling"):
        with pytest.raises(InputError, match="is there already"):
            export_record(kept / "real", to, "notes")
    with pytest.raises(InputError, match="takes no 'less'"):
        export_record(kept / "real", tmp_path / "x", "notes", less=1)
    with pytest.raises(InputError, match="no form 'docx'"):
        export_record(kept / "real", tmp_path / "x", "docx")
    assert taken.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_parquet_has_every_table_and_the_same_bytes_each_time(kept: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (fault,) = export_records(kept, tmp_path / name, "parquet")
        assert (fault.record, fault.line) == ("b/broken", 3)
    one = {each.name: each.read_bytes() for each in (tmp_path / "one").iterdir()}
    assert one == {each.name: each.read_bytes() for each in (tmp_path / "two").iterdir()}
    assert set(one) == {f"{name}.parquet" for name in TABLES}
    field = pq.read_schema(tmp_path / "one" / "calls.parquet").field("took")
    assert field.metadata[b"unit"] == b"ms"
    with pytest.raises(InputError, match="is there already"):
        export_records(kept, tmp_path / "one", "parquet")
    with pytest.raises(RecordError, match="cannot write"):
        export_records(kept, tmp_path / "one" / "runs.parquet" / "x", "parquet")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


@pytest.fixture(scope="module")
def scout(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scout")
    for name in ("one", "two"):
        (fault,) = export_records(kept, made / name, "scout")
        assert fault.record == "b/broken"
    return made


def test_scout_gets_the_columns_that_it_knows(scout: Path) -> None:
    (file,) = (scout / "one").iterdir()
    schema = pq.read_schema(file)
    assert {name: str(schema.field(name).type) for name in SCOUT} == SCOUT
    assert file.read_bytes() == (scout / "two" / file.name).read_bytes()
    rows = pq.read_table(file).to_pylist()
    assert len({row["transcript_id"] for row in rows}) == len(rows) == 4


def test_scout_messages_are_inspect_s_own_and_those_of_the_record(scout: Path, kept: Path) -> None:
    messages: Any = pytest.importorskip("inspect_ai.model")
    adapter: Any = TypeAdapter(list[messages.ChatMessage])
    rows = {row["record"]: row for row in pq.read_table(scout / "one").to_pylist()}
    for each in find_records(kept):
        if each.name == "b/broken":
            continue
        outcome, row = load(each.folder), rows[each.name]
        said = adapter.validate_json(row["messages"])
        assert row["message_count"] == len(said)
        texts = {message.id: message.text for message in said}
        heard = {turn.id: turn.text for turn in outcome.transcript.turns if turn.heard}
        assert heard.items() <= texts.items()
        for entry in outcome.conflicts:
            assert f"{entry.id}, " in texts["conflicts"]
            for span in (span for side in entry.positions for span in side.spans):
                assert texts[span.message][span.start : span.end] == span.exact
        total = outcome.ledger.total
        assert row["total_tokens"] == (total.prompt or 0) + (total.completion or 0)
        counts = conflict_counts(outcome)
        assert json.loads(row["score"]) == counts == conflict_score(outcome).value
        assert {name: row[f"conflicts_{name}"] for name in counts} == counts


def test_scout_without_the_conflicts(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept / "a" / "whole", tmp_path / "r")
    export_records(tmp_path / "r", tmp_path / "out", "scout", conflicts=False)
    (row,) = pq.read_table(tmp_path / "out").to_pylist()
    assert [each["id"] for each in json.loads(row["messages"])] == [
        *("question", "M1", "M2", "M3", "answer")
    ]
    assert (row["record"], row["trust_content"], row["success"]) == (".", False, None)
