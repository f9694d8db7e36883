"""What cannot be used is one line what and where, one line what to do, and nothing on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

QUESTION = "Is it so?"
SEAT = "{name: nurse, model: any}"

CASES = {
    "no panel": (["ask", QUESTION], "--panel FILE is missing", "folkmoot init"),
    "no such panel": (["ask", QUESTION, "--panel", "no.yaml"], "no such file: 'no.yaml'", ""),
    "an empty panel": (["ask", QUESTION, "--panel", "empty.yaml"], "empty.yaml:1: ", "agent"),
    "two of one name": (
        ["ask", QUESTION, "--panel", "twice.yaml"],
        "'nurse' is used 2 times",
        "rename",
    ),
    "a wrong type": (["ask", QUESTION, "--panel", "type.yaml"], "type.yaml:3: agents[0].", ""),
    "not YAML": (["ask", QUESTION, "--panel", "torn.yaml"], "torn.yaml:3: not YAML", ""),
    "an unknown value": (
        ["ask", QUESTION, "--panel", "value.yaml"],
        "'kindness'",
        "its values are",
    ),
    "an unknown protocol": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--protocol", "debtae"],
        "no protocol is named 'debtae'",
        "debate",
    ),
    "an unknown parameter": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", "heat=3"],
        "heat",
        "its parameters are",
    ),
    "a wrong parameter": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--rounds", "99"],
        "protocol 'debate': rounds",
        "its parameters are",
    ),
    "a rule that is no rule": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", "rule=[1]"],
        "no decision rule is named [1]",
        "majority",
    ),
    "a quorum beyond everyone": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", 'rule={"quorum":7}'],
        "quorum",
        "its parameters are",
    ),
    "a name for the protocol": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", "name=x"],
        "has no parameter 'name'",
        "",
    ),
    "a parameter without a bottom": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", "rule=" + "[" * 100_000],
        "no decision rule is named",
        "",
    ),
    "a judge without a seat": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--param", "judge=nobody"],
        "'nobody' has no seat",
        "",
    ),
    "an empty question": (["ask", "  ", "--panel", "panel.yaml"], "the question is empty", ""),
    "one option": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--option", "yes"],
        "at least two options",
        "",
    ),
    "a budget too small": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--budget", "10", "--quiet"],
        "the budget is 10",
        "",
    ),
    "no such pool file": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--pool", "no.yaml"],
        "no such file: 'no.yaml'",
        "",
    ),
    "an unknown model": (
        ["ask", QUESTION, "--panel", "panel.yaml", "--pool", "real.yaml", "--quiet"],
        "panel.yaml:3: agents[0].model: unknown model",
        "known here: smollm2",
    ),
    "an unknown option": (["ask", QUESTION, "--pannel", "x"], "no such option: --pannel", "--help"),
    "an unknown command": (["aks", QUESTION], "no such command 'aks'", "--help"),
    "no question": (["ask"], "missing argument", "--help"),
    "not a number": (["ask", QUESTION, "--seed", "x"], "'--seed'", "--help"),
    "no record": (["show", "nowhere"], "nowhere", ""),
    "no record to verify": (["verify", "nowhere"], "nowhere", ""),
    "no record to resume": (["resume", "nowhere"], "nowhere", ""),
}


@pytest.fixture(autouse=True)
def files(at_home: Path) -> None:
    """Panel files that cannot be used."""
    for name, text in {
        "empty.yaml": "agents: []\n",
        "twice.yaml": f"agents:\n  - {SEAT}\n  - {SEAT}\n",
        "type.yaml": "agents:\n  - name: nurse\n    model: [a, list]\n",
        "torn.yaml": "agents:\n  - {name: nurse\n",
        "real.yaml": "engines:\n  - {kind: embedded, models: [smollm2]}\n",
        "value.yaml": "agents:\n  - {name: nurse, model: any, perspective: {values: {kindness: 1}}}\n",
    }.items():
        (at_home / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_one_line_what_one_line_what_to_do(run: Run, case: str) -> None:
    arguments, what, todo = CASES[case]
    before = set(Path().rglob("*"))
    said = run(*arguments)
    assert said.code == 2
    assert said.out == ""
    first, *rest = said.err.splitlines()
    assert first.startswith("error: ")
    assert what in said.err
    assert todo in " ".join([first, *rest])
    assert all(line.startswith(("error: ", "       ")) for line in rest)
    assert "Traceback" not in said.err
    assert set(Path().rglob("*")) == before


def test_every_fault_of_a_file_gets_a_line(run: Run, at_home: Path) -> None:
    (at_home / "two.yaml").write_text("agents:\n  - {name: a, model: 1}\n  - {name: b}\n", "utf-8")
    said = run("ask", QUESTION, "--panel", "two.yaml")
    assert [line[:15] for line in said.err.splitlines()] == ["error: two.yaml", "error: two.yaml"]


def test_a_record_folder_that_cannot_be_written(ask: Run, at_home: Path) -> None:
    (at_home / "file").write_text("in the way", encoding="utf-8")
    said = ask("--record-dir", "file/runs", "--quiet")
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert "file" in said.err
    assert sorted(path.name for path in at_home.iterdir() if path.suffix != ".yaml") == ["file"]


def test_debug_shows_where_an_error_comes_from(run: Run) -> None:
    said = run("ask", QUESTION, "--debug")
    assert said.code == 2
    assert "Traceback" in said.err
    assert "error: who deliberates?" in said.err


def test_a_fault_of_our_own_is_said_to_be_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("folkmoot.commands.ask.protocol_of", broken)
    said = run("ask", QUESTION, "--panel", "panel.yaml")
    assert said.code == 1
    assert said.err.startswith(
        "error: ZeroDivisionError: by zero\n       this is a fault of folkmoot"
    )


def test_a_hostile_file_name_does_not_reach_the_terminal(run: Run) -> None:
    said = run("ask", QUESTION, "--panel", "\x1b[2J\u202egpj.yaml")
    assert "\x1b" not in said.err
    assert "\u202e" not in said.err


def test_no_command_at_all_is_a_request_for_help(run: Run) -> None:
    said = run()
    assert said.code == 0
    assert "ask" in said.out
