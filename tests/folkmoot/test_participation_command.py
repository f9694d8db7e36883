"""`folkmoot participation` on the terminal, with the real small model."""

import json

import pytest

from folkmoot.cli import main
from tests.eval.participation.studies import write_plan

pytestmark = pytest.mark.real


def test_a_study_ends_in_a_result_and_a_page_and_is_not_asked_twice(tmp_path, capsys):
    plan = write_plan(tmp_path, times=1, base="smollm2")
    to = tmp_path / "study"
    assert main(["participation", str(plan), "--to", str(to)]) == 0
    said = capsys.readouterr().out
    assert "routed-declared" in said
    assert str(to / "report.md") in said.replace("\n", "")
    result = json.loads((to / "result.json").read_text())
    assert result["items"] == {"colours": 2, "sums": 2}
    journals = {path: path.read_bytes() for path in to.glob("**/journal.jsonl")}
    assert len(journals) == 2 * 6, "of the members, and of the control"
    assert main(["participation", str(plan), "--to", str(to), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == result
    assert {path: path.read_bytes() for path in journals} == journals


def test_without_a_plan_it_says_what_to_give(tmp_path, capsys):
    assert main(["participation", str(tmp_path / "no.yaml"), "--to", str(tmp_path / "to")]) == 2
    assert "a YAML file" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()
