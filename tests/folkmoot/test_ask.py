"""`folkmoot ask`, in process, with a scripted pool."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.commands.ask import parameters, read_panel
from folkmoot.records import InputError, load

Run = Callable[..., Any]


def test_the_report_says_who_disagreed_about_what_and_how_it_ended(ask: Run) -> None:
    said = ask("--seed", "7", "--rounds", "1")
    assert said.code == 0
    assert said.err == ""
    (record,) = Path("runs").iterdir()
    for part in (
        "Should the hospital share patient records with researchers?",
        "panel     nurse · patient · researcher · budget officer",
        "protocol  debate · rounds 1 · contest claims · rule majority · topology complete",
        "seed 7",
        "round 0  stand     ████████████████    8/8",
        "yes 2 · no 2",
        "yes 3 · no 1",
        "Answer    Yes.",
        "Decision  decided by majority: yes 3 · no 1",
        "Conflicts 1: 1 outvoted",
        " 1 outvoted     Should the hospital",
        "yes        nurse, researcher, budget officer",
        "no         patient",
        "values     benevolence: caring (yes) ↔ self-direction: action",
        "Moved     budget officer, round 1: no → yes",
        "Dissent   patient (no): “As patient",
        "seat            calls  prompt  computed  cached  completion",
        f"Record    {record}",
        f"Read it   folkmoot show {record}",
    ):
        assert part in said.out


def test_an_absent_figure_is_a_dash_never_a_zero(ask: Run) -> None:
    row = next(line for line in ask("--quiet").out.splitlines() if line.startswith("total"))
    calls, prompt, computed, cached, completion = row.split()[1:]
    assert (computed, cached) == ("\N{EN DASH}", "\N{EN DASH}")
    assert int(calls) > 0
    assert int(prompt.replace(",", "")) > 0
    assert int(completion) > 0


def test_every_quotation_is_in_the_record(ask: Run) -> None:
    outcome = load(next(Path("runs").iterdir())) if ask("--json").code == 0 else None
    assert outcome is not None
    spans = [s for c in outcome.conflicts for p in c.positions for s in p.spans]
    assert spans
    for span in spans:
        assert outcome.transcript.turn(span.message).text[span.start : span.end] == span.exact


def test_json_prints_one_object_and_nothing_else(ask: Run) -> None:
    said = ask("--json")
    shown = json.loads(said.out)
    assert shown["decision"]["status"] == "decided"
    assert shown["decision"]["winner"] == "yes"
    assert isinstance(shown["answer"], str)
    assert shown["conflicts"]
    assert shown["dissents"][0]["seat"] == "patient"
    assert shown["ledger"]["total"]["calls"] > 0
    assert "cached" not in shown["ledger"]["total"]
    assert Path(shown["record"]).is_dir()
    assert said.out.isascii()
    assert "round 0" in said.err


def test_json_and_quiet_leave_standard_error_empty(ask: Run) -> None:
    assert ask("--json", "--quiet").err == ""


def test_quiet_prints_the_report_alone(ask: Run) -> None:
    out = ask("--quiet").out
    assert "round 0  stand" not in out
    assert out.startswith("Should the hospital")
    assert out.count("Should the hospital share patient records with researchers?") == 2


def test_an_open_question_has_an_answer_too(run: Run) -> None:
    said = run("ask", "What should the hospital do?", "--panel", "panel.yaml", "--json", "--quiet")
    assert said.code == 0
    assert "As " in json.loads(said.out)["answer"]


def test_no_decision_is_no_failure(ask: Run) -> None:
    said = ask("--rounds", "0", "--param", "contest_claims=false")
    assert said.code == 0
    assert "Decision  deadlock: yes 2 · no 2" in said.out or "Decision  tied: " in said.out
    assert "Answer    No decision" in said.out


def test_the_record_goes_where_it_is_told_to(ask: Run) -> None:
    assert ask("--record-dir", "else/where").code == 0
    assert not Path("runs").exists()
    assert len(list(Path("else/where").iterdir())) == 1


def test_max_tokens_holds_for_every_seat(ask: Run) -> None:
    assert ask("--max-tokens", "17").code == 0
    opening = load(next(Path("runs").iterdir())).transcript.opening
    assert {party.sampling.max_tokens for party in opening.parties} == {17}
    assert {party.sampling.temperature for party in opening.parties} == {0.7}


def test_the_panel_is_left_alone_without_max_tokens() -> None:
    assert {a.sampling.max_tokens for a in read_panel(Path("panel.yaml"), None)} == {96}


@pytest.mark.parametrize(
    ("given", "rounds", "params"),
    [
        ([], None, {}),
        ([], 3, {"rounds": 3}),
        (["topology=ring"], None, {"topology": "ring"}),
        (["contest_claims=false", "rounds=2"], None, {"contest_claims": False, "rounds": 2}),
        (['rule={"name": "majority"}'], None, {"rule": {"name": "majority"}}),
        (["judge=a=b"], None, {"judge": "a=b"}),
    ],
)
def test_parameters(given: list[str], rounds: int | None, params: dict[str, Any]) -> None:
    assert parameters(given, rounds) == params


@pytest.mark.parametrize(("given", "rounds"), [(["x"], None), (["=1"], None), (["rounds=1"], 2)])
def test_parameters_that_cannot_be(given: list[str], rounds: int | None) -> None:
    with pytest.raises(InputError):
        parameters(given, rounds)
