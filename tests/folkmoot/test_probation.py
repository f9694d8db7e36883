"""Seats on probation on the command line: asked after a run, shown in a line, never counted."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import folkmoot.commands.ask
from folkmoot.pool import Pool, Scripted
from folkmoot.records import load, read_shadows, verify
from tests.folkmoot.conftest import PANEL, QUESTION, SCRIPT, Run

SHADOWS = """\
shadows:
  - {name: newcomer, model: any}
  - {name: odd one, model: any}
"""
ASK = ("ask", QUESTION, "--panel", "panel.yaml", "--option", "yes", "--option", "no")


@pytest.fixture
def beside(at_home: Path) -> None:
    """The panel of the test has two on probation."""
    (at_home / "panel.yaml").write_text(PANEL + SHADOWS, encoding="utf-8")


def of_now() -> Path:
    """The record of the one run."""
    (folder,) = Path("runs").iterdir()
    return folder


@pytest.mark.usefixtures("beside")
def test_each_is_shown_in_a_line_after_the_report(ask: Run) -> None:
    said = ask("--seed", "7", "--rounds", "1")
    assert said.code == 0
    assert "on probation: newcomer would have said no (0.60), not as decided; not" in said.out
    assert "on probation: odd one would have said no" in said.out
    assert " ".join(said.out.split()).count("; not counted") == 2
    assert said.out.index("Decision  decided by majority: yes 3 · no 1") < said.out.index(
        "on probation: newcomer"
    )
    assert verify(of_now()).ok
    for each in read_shadows(load(of_now())):
        assert verify(each.record).ok


@pytest.mark.usefixtures("beside")
def test_what_it_writes_cannot_act_on_a_terminal(run: Run) -> None:
    said = run("ask", QUESTION, "--panel", "panel.yaml", "--protocol", "blind-vote", "--quiet")
    assert said.code == 0
    assert "on probation: newcomer would have said “As newcomer I weigh it so, ␛[31mred" in said.out
    assert not {"\x1b", "\u202e", "\x07"} & set(said.out)


@pytest.mark.usefixtures("beside")
def test_the_report_is_that_of_a_run_without_them(ask: Run, at_home: Path) -> None:
    with_them = ask("--quiet", "--record-dir", "one").out
    (at_home / "panel.yaml").write_text(PANEL, encoding="utf-8")
    without = ask("--quiet", "--record-dir", "two").out
    head, _, tail = with_them.partition("\non probation: ")
    assert tail

    def bare(report: str) -> list[str]:
        lines = (line for line in report.splitlines() if not line.startswith(("record", "Record")))
        return [line for line in lines if "one/" not in line and "two/" not in line]

    assert bare(head) == bare(without)


@pytest.mark.usefixtures("beside")
def test_as_json_they_stand_in_the_one_object(ask: Run, at_home: Path) -> None:
    shown = json.loads(ask("--json", "--quiet").out)
    first, second = shown["shadows"]
    assert (first["seat"], first["state"], first["choice"]) == ("newcomer", "valid", "no")
    assert first["agrees"] is False
    assert Path(first["record"]).is_dir()
    assert second["seat"] == "odd one"
    (at_home / "panel.yaml").write_text(PANEL, encoding="utf-8")
    assert "shadows" not in json.loads(ask("--json", "--quiet").out)


@pytest.mark.usefixtures("beside")
def test_show_and_resume_say_what_stands_there(ask: Run, run: Run) -> None:
    ask("--quiet")
    lines = [line for line in run("show", str(of_now())).out.splitlines() if "probation" in line]
    assert len(lines) == 2
    again = run("resume", str(of_now()), "--quiet")
    assert [line for line in again.out.splitlines() if "probation" in line] == lines
    shown = json.loads(run("show", str(of_now()), "--json").out)
    assert [each["seat"] for each in shown["shadows"]] == ["newcomer", "odd one"]
    (own, *_) = sorted((of_now() / "shadows").glob("*-newcomer"))
    alone = run("show", str(own)).out
    assert f"probation beside {of_now().name}; not counted" in alone
    assert run("verify", str(own)).code == 0


def test_who_cannot_be_asked_is_said_and_the_run_stands(
    run: Run, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Narrow:
        @staticmethod
        def embedded() -> Pool:
            return Pool([Scripted(SCRIPT["answer"], ["any"])])

    monkeypatch.setattr(folkmoot.commands.ask, "Pool", Narrow)
    panel = PANEL + "shadows:\n  - {name: ghost, model: else\u202ewhere}\n"
    (at_home / "panel.yaml").write_text(panel, encoding="utf-8")
    said = run(*ASK, "--quiet")
    assert said.code == 0
    assert "ghost is absent (unknown model" in said.out
    assert "\u202e" not in said.out
    (ghost,) = read_shadows(load(of_now()))
    assert (ghost.state, verify(ghost.record).ok) == ("unavailable", True)


def test_a_plan_that_cannot_be_read_is_said(ask: Run, run: Run) -> None:
    ask("--quiet")
    (of_now() / "shadows").mkdir()
    (of_now() / "shadows" / "plan.json").write_text("\x1b[31m")
    said = run("resume", str(of_now()), "--quiet")
    assert said.code == 0
    assert "on probation: nobody is asked: cannot read" in said.err
    assert "\x1b" not in said.err
    assert "Answer" in said.out
    assert run("show", str(of_now())).code == 0


def test_a_run_that_waits_for_a_person_has_its_shadows_afterwards(
    ask: Run, run: Run, at_home: Path
) -> None:
    panel = "agents:\n  - {name: nurse, model: any}\n  - {name: mayor, model: human}\n" + SHADOWS
    (at_home / "panel.yaml").write_text(panel, encoding="utf-8")
    waits = ask("--quiet", "--protocol", "blind-vote")
    assert waits.code == 3
    shown = run("show", str(of_now())).out
    assert "newcomer is absent (it was not asked yet)" in shown
    for _ in range(3):
        left = json.loads(run("answer", str(of_now()), "--json").out)
        for each in left:
            more = ("--choose", "yes") if each["options"] else ("--text", "It is theirs.")
            run("answer", str(of_now()), "--call", each["call"], *more)
        said = run("resume", str(of_now()), "--quiet")
        if said.code == 0:
            break
    assert said.code == 0
    assert "on probation: newcomer would have said no" in said.out


@pytest.mark.usefixtures("beside")
def test_one_that_is_stopped_while_it_is_asked_is_resumed(
    start: Callable[..., Any], run: Run
) -> None:
    """The run has ended by then and its report is out; only the shadows are missing."""
    process = start(*ASK, "--quiet", "--rounds", "0", delay_s=0.3, stdout=-1, stderr=-1)
    while not (of_now_or_none() and list(of_now().glob("shadows/*/journal.jsonl"))):
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "Answer" in out
    assert f"folkmoot resume {of_now()}" in err
    assert load(of_now()).status == "complete"
    said = run("resume", str(of_now()), "--quiet")
    assert said.code == 0
    assert "on probation: newcomer would have said no" in said.out
    for each in read_shadows(load(of_now())):
        assert verify(each.record).ok


def of_now_or_none() -> Path | None:
    runs = Path("runs")
    return next(iter(runs.iterdir()), None) if runs.is_dir() else None
