"""The example of a routed panel, on the packaged model and a part of its items."""

import runpy
import sys
from pathlib import Path

import pytest

from folkmoot.pool import Pool
from folkmoot.records import load

pytestmark = pytest.mark.real

EXAMPLE = Path(__file__).parents[3] / "examples" / "routed_panel.py"


def test_it_says_who_was_chosen_and_why(
    embedded_pool: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    lines = (EXAMPLE.parent / "data" / "development.jsonl").read_text("utf-8").splitlines()
    items, records = tmp_path / "items.jsonl", tmp_path / "runs"
    items.write_text("\n".join([*lines[2:5], lines[6]]), encoding="utf-8")
    monkeypatch.setattr(
        sys, "argv", [EXAMPLE.name, "--items", str(items), "--record-dir", str(records)]
    )
    # The pool that is there already: the example is about panels.
    monkeypatch.setattr(Pool, "embedded", lambda: embedded_pool)
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert "sums goes to clerk" in said
    assert "everyday goes to cook" in said
    assert said.count("right on") == 6
    run = load(said.rsplit("record: ", 1)[1].strip())
    assert len(run.transcript.opening.seats) == 2
    assert all(f"  {seat}: right on" in said for seat in run.transcript.opening.seats)
    assert run.decision is not None
    assert set(run.decision.params["competences"]) == set(run.transcript.opening.seats)
    asked = sorted(path.name for path in (records / "development").iterdir())
    assert asked == ["day-1", "sum-3", "sum-4", "sum-5"]

    runpy.run_path(str(EXAMPLE), run_name="__main__")
    again = capsys.readouterr().out
    assert again.split("\n\n")[0] == said.split("\n\n")[0]
    assert sorted(path.name for path in (records / "development").iterdir()) == asked
