"""`folkmoot clerk eval`: figures for each file, as lines and as JSON."""

import json
from pathlib import Path

import pytest

from folkmoot.pool import Pool
from folkmoot.records import Call

ROWS = (
    {"text_a": "Ban cars.", "text_b": "Keep cars.", "label": "attack", "conflict": True},
    {"text_a": "Ban cars.", "text_b": "Cars are loud.", "label": "support", "conflict": False},
)


def say(call: Call) -> list[float]:
    attacks = "Keep" in call.segments[2].text
    return [0.7, 0.2, 0.1] if attacks else [0.1, 0.6, 0.3]


@pytest.fixture
def clerk(run, monkeypatch):
    """The command, with a scripted clerk."""
    monkeypatch.setattr(Pool, "embedded", staticmethod(lambda: Pool.scripted(say)))
    Path("set.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    return lambda *more: run("clerk", "eval", *more)


def test_the_figures_with_those_of_trivial_rules_beside_them(clerk):
    said = clerk("set.jsonl")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("set.jsonl: 2 pairs, ")
    assert "  macro-F1           1.000   (always 0.33, never 0.33)" in said.out
    assert "same point" not in said.out


def test_one_json_object_a_file(clerk):
    Path("other.jsonl").write_text(json.dumps(ROWS[0]))
    said = clerk("set.jsonl", "other.jsonl", "--json", "--limit", "1", "--both-ways")
    found, _ = (json.loads(line) for line in said.out.splitlines())
    figures = {"precision", "recall", "conflict_f1", "macro_f1", "accuracy", "ece", "brier"}
    assert figures <= set(found)
    assert (found["file"], found["n"], found["model"]) == ("set.jsonl", 1, "smollm2-clerk")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("none.jsonl",), "cannot read"),
        (("set.jsonl", "--votes", "-1"), "--votes"),
        (("set.jsonl", "--pool", "none.yaml"), "none.yaml"),
        (("set.jsonl", "--pool", "none.yaml", "--adapter", "here"), "--adapter"),
        (("set.jsonl", "--adapter", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_one_line(clerk, arguments, part):
    said = clerk(*arguments)
    assert said.code == 2
    assert part in said.err
    assert "Traceback" not in said.err


def test_a_model_that_the_pool_does_not_have(run) -> None:
    Path("set.jsonl").write_text(json.dumps(ROWS[0]))
    said = run("clerk", "eval", "set.jsonl", "--model", "parley")
    assert said.code != 0
    assert "parley" in said.err
    assert "Traceback" not in said.err
