"""The documentation of the command line is whole, and so is the Makefile's own help."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from folkmoot.cli import build

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def flat(commands: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Every command under its whole name; those of a group after the group."""
    found: dict[str, Any] = {}
    for name, command in commands.items():
        found[f"{before}{name}"] = command
        found |= flat(getattr(command, "commands", {}), f"{before}{name} ")
    return found


COMMANDS = flat(typer.main.get_command(build()).commands)


def section(command: str) -> str:
    pattern = rf"^##+ folkmoot {command}$(.*?)(?=^##+ |\Z)"
    found = re.search(pattern, PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/command-line.md has no section on {command}"
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_documented(command: str) -> None:
    text = section(command)
    options = [
        option
        for param in COMMANDS[command].params
        for option in param.opts
        if option.startswith("--")
    ]
    documented = re.findall(r"^\| `(--[a-z0-9-]+)", text, re.MULTILINE)
    assert sorted(documented) == sorted(set(options) - {"--help"})


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert re.findall(r"^##+ folkmoot (.+)$", PAGE, re.MULTILINE) == list(COMMANDS)


def test_every_target_of_the_makefile_explains_itself() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert declared
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"^make (\w+)", helped.stdout, re.MULTILINE) == declared[1].split()[1:]
