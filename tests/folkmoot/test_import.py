"""`import folkmoot`: light, and with the names that it promises."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import folkmoot

HEAVY = ("torch", "transformers", "vllm", "peft", "numpy", "huggingface_hub", "typer")


def test_importing_folkmoot_is_light_and_so_is_the_command_line() -> None:
    script = (
        "import folkmoot, json, sys; first = sorted(sys.modules); import folkmoot.cli;"
        "print(json.dumps([first, sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    package, command_line = json.loads(done.stdout)
    assert [name for name in HEAVY if name in package] == []
    assert [name for name in HEAVY if name in command_line] == ["typer"]


def test_the_version_is_the_distribution_s() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text("utf-8"))["project"]["version"] == folkmoot.__version__


def test_python_dash_m() -> None:
    command = [sys.executable, "-m", "folkmoot", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage: folkmoot" in done.stdout
