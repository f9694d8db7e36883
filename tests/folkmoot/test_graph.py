"""`folkmoot graph`, and protocols from files on the command line."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.records import load

Run = Callable[..., Any]

CHOICE = ("--option", "yes", "--option", "no")
SOUND = """\
name: mine
version: "2"
parts:
  - stand
  - speak
  - repeat: {at_most: 2, until: settled, parts: [stand, account, speak]}
  - contest
  - decide: {rule: plurality}
  - conclude
"""


@pytest.fixture
def mine(at_home: Path) -> Path:
    path = at_home / "mine.yaml"
    path.write_text(SOUND, encoding="utf-8")
    return path


def test_show_says_who_hears_whom_and_what_it_costs_at_most(run: Run) -> None:
    said = run("graph", "show", "debate", "--param", "topology=ring", "--seats", "4")
    assert said.code == 0
    assert "debate, version 1: 4 seats, open question" in said.out
    assert "    seat-1 hears seat-2, seat-4\n" in said.out
    assert "(an estimate: " in said.out


def test_show_takes_the_seats_of_a_panel(run: Run) -> None:
    out = run("graph", "show", "debate", "--panel", "panel.yaml", *CHOICE).out
    assert "4 seats, 2 options" in out


def test_the_calls_that_show_bounds_are_those_of_a_run(run: Run, ask: Run, at_home: Path) -> None:
    out = run("graph", "show", "blind-vote", "--panel", "panel.yaml", *CHOICE).out
    assert ask("--protocol", "blind-vote", "--quiet").code == 0
    (folder,) = (at_home / "runs").iterdir()
    asked = len(load(folder).transcript.replies)
    assert asked > 8
    assert f"at most {asked} calls" in out


def test_show_writes_a_drawing(run: Run, mine: Path, at_home: Path) -> None:
    drawn = at_home / "mine.svg"
    assert (
        run("graph", "show", str(mine), *CHOICE, "--format", "svg", "--out", str(drawn)).code == 0
    )
    assert ElementTree.fromstring(drawn.read_text(encoding="utf-8")).tag.endswith("svg")
    out = run("graph", "show", str(mine), *CHOICE, "--format", "mermaid").out
    assert out.startswith("flowchart TD\n")
    assert run("graph", "show", str(mine), *CHOICE, "--out", "no/such/folder").code == 2


def test_check_is_quiet_about_what_is_sound(run: Run, mine: Path) -> None:
    said = run("graph", "check", str(mine), *CHOICE)
    assert (said.code, said.out) == (0, "mine: nothing found, 3 seats, 2 options\n")


def test_check_says_each_finding_by_line(run: Run, mine: Path) -> None:
    mine.write_text(
        SOUND.replace("  - contest\n", "").replace("[stand, acc", "[{stand: {seats: [eve]}}, acc"),
        encoding="utf-8",
    )
    said = run("graph", "check", str(mine), *CHOICE)
    assert said.code == 2
    assert f"{mine}:6: parts[2].repeat.parts[0]: stage 'stand' names the seat 'eve'" in said.out
    mine.write_text(SOUND.replace("  - contest\n", "") + "  - speak\n", encoding="utf-8")
    said = run("graph", "check", str(mine), *CHOICE)
    assert said.code == 2
    assert sorted(line.partition(": ")[0] for line in said.out.splitlines()) == [
        f"{mine}:7",
        f"{mine}:9",
    ]


def test_a_check_against_a_budget(run: Run, mine: Path) -> None:
    said = run("graph", "check", str(mine), *CHOICE, "--budget", "100")
    assert said.code == 2
    assert "the budget is 100" in said.out
    assert run("graph", "check", str(mine), *CHOICE, "--budget", "1000000").code == 0


def test_show_refuses_what_cannot_be_walked_through(run: Run, mine: Path) -> None:
    said = run("graph", "show", str(mine))
    assert said.code == 2
    assert "'stand' cannot run" in said.err


def test_who_deliberates_is_said_once(run: Run) -> None:
    said = run("graph", "show", "debate", "--panel", "panel.yaml", "--seats", "3")
    assert said.code == 2
    assert "--panel and --seats" in said.err


def test_a_protocol_file_is_run_and_shown(ask: Run, run: Run, mine: Path, at_home: Path) -> None:
    assert ask("--protocol", str(mine), "--quiet").code == 0
    (folder,) = (at_home / "runs").iterdir()
    assert run("verify", str(folder)).code == 0
    assert run("resume", str(folder)).code == 0, "a run that ended stays as it is"


def test_a_wrong_file_is_one_error_with_its_line(ask: Run, mine: Path) -> None:
    mine.write_text(SOUND.replace("account", "acount"), encoding="utf-8")
    said = ask("--protocol", str(mine))
    assert said.code == 2
    assert f"{mine}:6: parts[2].repeat.parts[1]: no stage or other part" in said.err
    assert "did you mean 'account'" in said.err
