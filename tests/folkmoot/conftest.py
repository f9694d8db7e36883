"""The command line as tests run it: in this process with a scripted pool, or as a program."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import folkmoot.commands.ask
import folkmoot.commands.resume
from folkmoot.cli import main

PROGRAM = Path(__file__).with_name("scripted_cli.py")
SCRIPT = runpy.run_path(str(PROGRAM))

QUESTION = "Should the hospital share patient records with researchers?"
PANEL = """\
agents:
  - name: nurse
    model: any
    perspective: {statement: I care., values: {benevolence-caring: 0.9}}
  - name: patient
    model: any
    perspective: {statement: They are mine., values: {self-direction-action: 0.9}}
  - {name: researcher, model: any}
  - {name: budget officer, model: any}
"""


class Said(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, with panel.yaml in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "panel.yaml").write_text(PANEL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process, with a scripted pool."""
    monkeypatch.setattr(folkmoot.commands.ask, "Pool", SCRIPT["ScriptedPools"])
    monkeypatch.setattr(folkmoot.commands.resume, "Pool", SCRIPT["ScriptedPools"])

    def go(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(arguments)
        return Said(code, *capsys.readouterr())

    return go


@pytest.fixture
def ask(run: Run) -> Run:
    """Ask the panel of the test, with more arguments if there are any."""

    def go(*more: str) -> Said:
        return run(
            "ask", QUESTION, "--panel", "panel.yaml", "--option", "yes", "--option", "no", *more
        )

    return go


@pytest.fixture
def record(ask: Run) -> Path:
    """The record of a run that ended."""
    assert ask("--quiet").code == 0
    (folder,) = Path("runs").iterdir()
    return folder


def program(*arguments: str, delay_s: float = 0.0, **settings: Any) -> "subprocess.Popen[str]":
    """The command line with a scripted pool, as a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        env={**os.environ, "SCRIPT_DELAY_S": str(delay_s), "COLUMNS": "80"},
        text=True,
        **settings,
    )


@pytest.fixture
def start() -> Callable[..., "subprocess.Popen[str]"]:
    """Start the command line as a program; see `program`."""
    return program
