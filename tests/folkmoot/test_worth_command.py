"""`folkmoot worth`: a table, statements in a folder, one JSON object."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.folkmoot.conftest import QUESTION

Run = Callable[..., Any]


@pytest.fixture
def gold(at_home: Path) -> str:
    """The right answer, by decree."""
    row = {"question": QUESTION, "answer": "yes", "task": "sharing"}
    (at_home / "gold.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return "gold.jsonl"


def test_a_folder_of_runs_as_a_table(run: Run, record: Path, gold: str) -> None:
    before = {path: path.read_bytes() for path in record.iterdir()}
    said = run("worth", str(record.parent), "--gold", gold)
    assert (said.code, said.err) == (0, "")
    for part in ("1 runs, 1 questions, right ", "seat nurse", "seat budget officer", "too few"):
        assert part in said.out
    assert {path: path.read_bytes() for path in record.iterdir()} == before
    assert all(len(line) <= 80 for line in said.out.splitlines() if not line.startswith(" "))


def test_as_json_every_call_is_in_somebody_s_account(run: Run, record: Path) -> None:
    found = json.loads(run("worth", str(record), "--json").out)
    assert (found["schema"], found["runs"]) == ("worth/1", 1)
    costs = [each["cost"]["calls"] for each in found["statements"]]
    assert sum(costs) + found["others"]["calls"] == found["total"]["calls"]
    assert all("quality" not in each for each in found["statements"])
    assert all(each["plurality"]["verdict"] for each in found["statements"])


def test_statements_are_written_under_names_that_lead_nowhere_else(
    run: Run, ask: Run, gold: str
) -> None:
    panel = Path("panel.yaml")
    panel.write_text(
        panel.read_text("utf-8").replace(
            "model: any}", 'model: any, contributor: "../../evil"}', 1
        ),
        encoding="utf-8",
    )
    assert ask("--quiet").code == 0
    said = run("worth", "runs", "--gold", gold, "--to", "statements")
    assert said.code == 0
    names = sorted(path.name for path in Path("statements").iterdir())
    assert len(names) == 8
    assert {name.rpartition(".")[2] for name in names} == {"md", "json"}
    assert not any(".." in name for name in names)
    (page,) = Path("statements").glob("evil-*.md")
    assert page.read_text("utf-8").startswith("# ../../evil\n")
    (plain,) = Path("statements").glob("evil-*.json")
    assert json.loads(plain.read_text("utf-8"))["contributor"] == "../../evil"


def test_those_that_are_one_are_named(run: Run, record: Path, gold: str) -> None:
    said = run("worth", str(record), "--gold", gold, "--same", "nurse, patient", "--json")
    by = {each["contributor"]: each for each in json.loads(said.out)["statements"]}
    assert by["nurse"]["same_as"] == ["seat patient"]
    assert by["nurse"]["quality"]["value"] == by["patient"]["quality"]["value"]


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (("nowhere",), "is no record and holds none"),
        (("runs", "--gold", "nowhere.jsonl"), "cannot read"),
        (("runs", "--same", "nurse"), "names no two"),
        (("runs", "--same", "nurse,eve"), "no contributor or seat is named 'eve'"),
        (("runs", "--to", "panel.yaml"), "cannot write statements"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    run: Run, record: Path, more: tuple[str, ...], part: str
) -> None:
    said = run("worth", *more)
    assert said.code == 2
    assert part in said.err
