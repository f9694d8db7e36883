"""What `make demo` does, shorter: the starter panel on the packaged model, from the front door."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

STARTER = Path(__file__).parents[2] / "folkmoot" / "starter"


@pytest.mark.real
def test_the_starter_panel_deliberates_on_the_packaged_model(at_home: Path) -> None:
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "folkmoot", "ask"),
            "Should the hospital share patient records with researchers?",
            *("--panel", str(STARTER / "panel.yaml"), "--pool", str(STARTER / "pool.yaml")),
            *("--option", "yes", "--option", "no", "--rounds", "1", "--seed", "7"),
            *("--max-tokens", "16", "--param", "contest_claims=false", "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert asked.returncode == 0, asked.stderr
    outcome = json.loads(asked.stdout)
    assert outcome["status"] == "complete"
    assert outcome["answer"]
    assert set(outcome["ledger"]["seats"]) == {"nurse", "patient", "researcher", "budget officer"}
    assert outcome["ledger"]["total"]["completion"] > 0
    assert [line for line in asked.stderr.splitlines() if line.startswith("round 0  speak")]
    begin = r"loading|unpacking|round|Should|options|panel|protocol|pool|record| |$"
    assert [line for line in asked.stderr.splitlines() if not re.match(begin, line)] == []

    checked = subprocess.run(
        [sys.executable, "-m", "folkmoot", "verify", outcome["record"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
