"""`folkmoot redecide`: a record counted otherwise, and left as it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot import load, verify

Run = Callable[..., Any]


def test_a_record_without_a_seat(run: Run, record: Path) -> None:
    before = {path: path.read_bytes() for path in record.iterdir()}
    said = run("redecide", str(record), "--without", "nurse")
    assert (said.code, said.err) == (0, "")
    assert "Without   nurse" in said.out
    assert " rules that can count these ballots" in said.out
    assert "dictator cannot: it needs its seat" in said.out
    assert {path: path.read_bytes() for path in record.iterdir()} == before
    assert verify(record).ok


def test_as_json_with_what_was_decided(run: Run, record: Path) -> None:
    found = json.loads(run("redecide", str(record), "--json").out)
    decided = load(record).decision
    assert decided is not None
    assert found["recorded"] == found["decision"] == decided.plain()
    assert (found["changed"], found["without"]) == (False, [])
    agreement = found["agreement"]
    assert "majority" in agreement["agree"]
    assert set(agreement["cannot"]) == {"dictator", "calibrated", "competence"}


def test_another_rule_other_weights(run: Run, record: Path) -> None:
    line = ("redecide", str(record), "--json", "--rule", "borda", "--param", "quorum=0.25")
    found = json.loads(run(*line).out)["decision"]
    assert (found["rule"], found["params"]["quorum"]) == ("borda", 0.25)
    found = json.loads(run("redecide", str(record), "--json", "--weight", "patient=9").out)
    assert found["decision"]["winner"] == "no"
    assert found["changed"]


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (("--without", "eve"), "no seat is named 'eve'"),
        (("--rule", "dictator"), "needs its seat"),
        (("--weight", "nurse"), "is not SEAT=NUMBER"),
        (("--weight", "nurse=x"), "is not SEAT=NUMBER"),
        (("--param", "quorum"), "is not KEY=VALUE"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    run: Run, record: Path, more: tuple[str, ...], part: str
) -> None:
    said = run("redecide", str(record), *more)
    assert (said.code, said.out) == (2, "")
    assert part in said.err
