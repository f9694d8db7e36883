"""`folkmoot show --dynamics`: how opinions moved, from a record that is not changed."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from folkmoot import load, verify
from folkmoot.dynamics_table import dynamics_table
from folkmoot.records.figures import Dynamics, RoundDynamics, SeatDynamics

Run = Callable[..., Any]


def shown(found: Dynamics) -> str:
    text = StringIO()
    console = Console(width=80, file=text)
    for part in dynamics_table(found):
        console.print(part)
    return text.getvalue()


def test_the_table_of_a_record_says_what_its_dynamics_are(run: Run, record: Path) -> None:
    before = {path: path.read_bytes() for path in record.iterdir()}
    said = run("show", str(record), "--dynamics")
    assert said.code == 0
    found = load(record).dynamics
    for each in found.rounds:
        assert f"\n{each.round} " in said.out
    for seat in found.seats:
        assert seat.seat in said.out
    assert "net correction" not in said.out
    assert "Answer" not in said.out, "in place of the report"
    assert max(map(len, said.out.splitlines())) <= 80
    assert {path: path.read_bytes() for path in record.iterdir()} == before
    assert verify(record).ok


def test_as_json_what_is_not_defined_is_absent(run: Run, record: Path) -> None:
    unkeyed = json.loads(run("show", str(record), "--dynamics", "--json").out)
    assert unkeyed == json.loads(json.dumps(load(record).dynamics.plain()))
    assert "oracle" not in unkeyed
    keyed = json.loads(run("show", str(record), "--key", "yes", "--json").out)
    assert keyed["key"] == "yes"
    assert isinstance(keyed["oracle"], bool)


def test_a_key_adds_who_was_set_right(run: Run, record: Path) -> None:
    said = run("show", str(record), "--dynamics", "--key", "no")
    assert said.out.startswith("Key: no\n")
    assert "FOCUS" in said.out
    assert "net correction" in said.out


def test_a_key_that_is_no_option_is_one_line(run: Run, record: Path) -> None:
    said = run("show", str(record), "--dynamics", "--key", "maybe")
    assert said.code == 2
    assert said.err.startswith("error: the key 'maybe' is none of the options")


def test_a_dash_stands_for_what_is_not_defined_and_zero_for_zero() -> None:
    first = RoundDynamics(round=0, seats=2, valid=2, modes=("a", "b"), share=0.5, entropy=0.0)
    text = shown(Dynamics(rounds=(first,), seats=(SeatDynamics(seat="ann", stances=1),)))
    row = next(line.split() for line in text.splitlines() if line.startswith("0 "))
    assert row == ["0", "2/2", "0.50", "0.00", "–", "–", "–", "–", "a", "=", "b"]
    assert next(line.split() for line in text.splitlines() if line.startswith("ann")) == [
        "ann",
        "1",
        "–",
        "0",
        "–",
        "–",
    ]


def test_where_nobody_took_a_stance_it_says_so() -> None:
    assert "No seat took a stance" in shown(Dynamics())


def test_nothing_in_a_seat_or_an_option_acts_on_a_terminal() -> None:
    seat = SeatDynamics(seat="\x1b[31mann", stances=1)
    first = RoundDynamics(round=0, seats=1, valid=1, modes=("\x1b[2J",))
    text = shown(Dynamics(rounds=(first,), seats=(seat,), key="\x1b[2J"))
    assert "\x1b" not in text
