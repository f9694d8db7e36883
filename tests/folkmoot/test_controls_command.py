"""`folkmoot controls`, in process, with a scripted pool."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import folkmoot.commands.controls
from folkmoot.eval import CONTROLS
from folkmoot.records import load

Run = Callable[..., Any]
SCRIPT = runpy.run_path(str(Path(__file__).with_name("scripted_cli.py")))
LINE = ("controls", "Is it so?", "Is it not?", "--panel", "panel.yaml", "--option", "yes")
DEBATE = ("--option", "no", "--param", "contest_claims=false")


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted pool where the embedded one would be."""
    monkeypatch.setattr(folkmoot.commands.controls, "Pool", SCRIPT["ScriptedPools"])


def test_without_a_question_the_controls_are_listed(run: Run) -> None:
    out = run("controls").out
    listed = json.loads(run("controls", "--json").out)["controls"]
    assert [each["name"] for each in listed] == list(CONTROLS)
    for control in CONTROLS.values():
        assert control.name in out
        assert control.size in out


def test_a_row_an_arm_with_tokens_and_ratio(run: Run) -> None:
    said = run(*LINE, *DEBATE, "--control", "self-consistency", "--control", "same-model")
    assert (said.code, said.err) == (0, "")
    rows = {line.split()[0]: line for line in said.out.splitlines() if line}
    assert "1.000" in rows["debate"]
    assert " draws" in rows["self-consistency"]
    assert "same-model" in rows
    assert "equal: within 5% over the set" in said.out
    assert rows["Records"].split()[1].startswith("runs/equal-tokens-")


def test_as_json_with_every_record(run: Run) -> None:
    said = run(*LINE, *DEBATE, "--control", "self-consistency", "--json")
    found = json.loads(said.out)
    (arm,) = found["controls"]
    assert abs(arm["ratio"] - arm["tokens"] / found["protocol"]["tokens"]) < 1e-9
    for row in (*arm["rows"], *found["protocol"]["rows"]):
        assert load(row["record"]).status == "complete"


def test_questions_of_values_are_so_in_every_arm(run: Run) -> None:
    said = run(*LINE, *DEBATE, "--control", "self-correction", "--of-values", "--json")
    found = json.loads(said.out)
    for row in (*found["controls"][0]["rows"], *found["protocol"]["rows"]):
        assert load(row["record"]).transcript.opening.of_values


def test_what_is_not_equal_is_marked(run: Run) -> None:
    said = run(*LINE, *DEBATE, "--control", "self-correction", "--tolerance", "0.000001")
    assert said.code == 0
    assert "unmatched  self-correction: " in said.out


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (("--control", "parley"), "no control is named 'parley'"),
        (("--count", "all"), "--count 'all' is none of: sent, computed, written"),
        (("--tolerance", "2"), "the tolerance 2.0"),
        (("--target", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_one_line(run: Run, more: tuple[str, ...], part: str) -> None:
    said = run(*LINE, *DEBATE, *more)
    assert said.code == 2
    assert part in said.err
