"""`folkmoot import`: a transcript becomes records that every other command takes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

ROWS = [
    {"speaker": "ann\x1b[31m", "text": "Yes, it is.", "position": "yes", "dialogue": "one"},
    {
        "speaker": "bo",
        "text": "No, it is not.",
        "position": "no",
        "dialogue": "one",
        "mood": "calm",
    },
    {"speaker": "cy", "text": "Who knows?", "dialogue": "two"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "talk.jsonl"
    lines = (json.dumps({"question": "Is it so?", **row}) for row in ROWS)
    made.write_text("\n".join(lines), encoding="utf-8")
    return made


def test_a_record_for_each_dialogue_that_other_commands_take(run: Run, file, tmp_path) -> None:
    said = run("import", str(file), "--to", str(tmp_path / "runs"))
    assert (said.code, said.err) == (0, "")
    assert "2 messages of 2 speakers, 1 conflicts" in " ".join(said.out.split())
    assert "not taken over: mood 1" in said.out
    record = str(tmp_path / "runs/talk-one")
    shown = run("show", record, "--messages").out
    assert "imported  from talk.jsonl (chat), one" in shown
    assert "\x1b" not in shown
    assert "none so far" not in run("show", str(tmp_path / "runs/talk-two")).out
    verified = run("verify", record)
    assert verified.code == 0
    assert "not held: that its speakers said this" in " ".join(verified.out.split())
    origin = json.loads(run("verify", record, "--json").out)["imported"]
    assert (origin["form"], origin["source"], origin["part"]) == ("chat", "talk.jsonl", "one")
    assert run("export", record, "--as", "markdown", "--to", str(tmp_path / "a.md")).code == 0
    assert "imported from: talk.jsonl" in (tmp_path / "a.md").read_text(encoding="utf-8")


def test_as_json(run: Run, file, tmp_path) -> None:
    said = run("import", str(file), "--to", str(tmp_path / "runs"), "--json")
    found = json.loads(said.out)
    assert (found["form"], found["passed_over"]) == ("chat", {"mood": 1})
    assert [each["messages"] for each in found["records"]] == [2, 1]
    assert found["records"][0]["speakers"] == ["ann\x1b[31m", "bo"]


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ((), "--to DIR is missing"),
        (("--to", "runs", "--form", "word"), "no form 'word'"),
        (("--to", "runs", "--log", "declare=true"), "speakers of a transcript cannot be asked"),
        (("--to", "runs", "--log", "clerk=x", "--log", "layers=[]"), "layer is switched off"),
        (
            ("--to", "runs", "--option", "no", "--option", "maybe"),
            "is for 'yes', which is no option",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    run: Run, file, tmp_path, monkeypatch, more, part
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("import", str(file), *more)
    assert said.code == 2
    assert part in " ".join(said.err.split())
    assert not (tmp_path / "runs").exists()


def test_one_record_that_is_there_keeps_all_from_being_written(run: Run, file, tmp_path) -> None:
    (tmp_path / "runs/talk-two").mkdir(parents=True)
    said = run("import", str(file), "--to", str(tmp_path / "runs"))
    assert said.code == 2
    assert "is there already" in said.err
    assert not (tmp_path / "runs/talk-one").exists()
