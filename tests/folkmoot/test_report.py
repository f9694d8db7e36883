"""The report of runs that did not go smoothly, and of panels that had nothing to disagree about."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot import Agent, Outcome, Panel, Pool, deliberate_sync, load
from folkmoot.protocols import Debate
from folkmoot.records import (
    Call,
    CallRefused,
    EngineUnavailable,
    Opening,
    RecordAdapter,
    derive,
)
from folkmoot.report import report
from folkmoot.screen import console, emit

SEATS = ("nurse", "patient", "researcher")


def yes(call: Call) -> Any:
    """Everyone says yes, agrees with everything and gives a reason."""
    if call.op == "generate":
        return "It helps."
    return [0.9 if option.strip() in ("yes", "agree") else 0.1 for option in call.options]


def run(answer: Callable[[Call], Any], **settings: Any) -> Outcome:
    panel = Panel([Agent(seat, model="m") for seat in SEATS])
    protocol = Debate(rounds=1, contest_claims=False, **settings)
    return deliberate_sync(
        "Is it so?", panel, protocol, Pool.scripted(answer), options=["yes", "no"]
    )


def shown(outcome: Outcome, capsys: pytest.CaptureFixture[str], **how: Any) -> str:
    emit(console(sys.stdout), report(outcome, **how))
    return capsys.readouterr().out


def test_a_panel_of_one_mind_has_no_conflict(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(run(yes), capsys)
    assert "Conflicts none: no stance differed from another\n" in text
    assert "Decision  decided by majority: yes 3 · no 0\n" in text
    for absent in ("Dissent", "Moved", "Missing"):
        assert f"\n{absent}" not in text


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(call: Call) -> Any:
        if call.seat == "patient":
            return CallRefused("too \x1blong")
        if call.seat == "nurse" and call.op == "generate":
            return ""
        return yes(call)

    text = shown(run(answer), capsys)
    assert "patient, stand (c0.2): refused, too ␛long" in text
    assert "nurse, reason (c1.0): empty" in text
    assert "no valid ballot: patient unavailable" in text


def test_a_judge_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(run(yes, judge="researcher"), capsys)
    assert "Decision  decided by the judge, researcher" in text


def test_many_conflicts_are_cut_short_unless_all_are_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(call: Call) -> Any:
        if call.op == "generate":
            return f"{call.seat} thinks so."
        sides = {"nurse": 0.9, "patient": 0.1, "researcher": 0.8}
        likely = sides[call.seat]
        return [
            likely if option.strip() in ("yes", "agree") else 1 - likely for option in call.options
        ]

    panel = Panel([Agent(seat, model="m") for seat in SEATS])
    outcome = deliberate_sync(
        "Is it so?", panel, Debate(rounds=1), Pool.scripted(answer), options=["yes", "no"]
    )
    assert len(outcome.conflicts) >= 2
    for entry in outcome.conflicts:
        assert entry.issue in " ".join(shown(outcome, capsys).split())
    many = outcome._replace(conflicts=outcome.conflicts * 4)
    text = shown(many, capsys, whole=False)
    assert f"and {len(many.conflicts) - 5} more: " in text


def test_seat_names_and_questions_are_shown_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    panel = Panel([Agent("Ada", model="m"), Agent("Eve", model="m")])
    outcome = deliberate_sync(
        "Is it \x1b[5mso\u200b?\x9b", panel, Debate(), Pool.scripted(yes), options=["yes", "no"]
    )
    # No panel seats such names; a record that somebody else wrote may have them.
    written = json.dumps(
        [each.plain() for each in (outcome.transcript.opening, *outcome.transcript)]
    )
    for name, other in (("Ada", "nu\u202erse"), ("Eve", "[red]x[/red]")):
        written = written.replace(f'"{name}"', json.dumps(other))
    first, *others = json.loads(written)
    records = [RecordAdapter.validate_python(each) for each in others]
    outcome = derive(Opening.model_validate(first), records)
    text = shown(outcome, capsys, messages=True)
    assert "Is it ␛[5mso<U+200B>?<U+009B>\n" in text
    assert "nu<U+202E>rse · [red]x[/red]" in text
    assert not {"\x1b", "\u202e", "\u200b", "\x9b"} & set(text)


def test_a_run_that_failed_in_the_middle_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(call: Call) -> Any:
        if call.round == 1:
            raise KeyError("a fault of the script")
        return yes(call) if call.seat != "patient" or call.op == "generate" else [0.1, 0.9]

    with pytest.raises(KeyError):
        run(answer)
    (folder,) = Path("runs").iterdir()
    text = shown(load(folder), capsys)
    assert "No answer yet: the run has not ended." in text
    assert f"Go on     folkmoot resume {folder}" in text
    assert "not ended · replay: exact" in text


def test_waiting_for_an_engine_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [EngineUnavailable("down"), EngineUnavailable("still down")]
    text = shown(run(lambda call: faults.pop() if faults else yes(call)), capsys)
    assert "asked 2 times again after an engine was gone" in " ".join(text.split())
    assert "again" not in shown(run(yes), capsys)
