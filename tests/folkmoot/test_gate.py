"""`--gate`: an answer that hides an open serious conflict is a failure, with exit code 3.

And what a report shows of how the answer treats a conflict, of dissents and of their conditions.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import folkmoot.commands.ask
import folkmoot.commands.resume
from folkmoot import Agent, Panel, deliberate_sync
from folkmoot.cli import main
from folkmoot.commands.showing import SHUT, show_outcome, shut_by
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import Composed, Conclude, Contest, Decide, Speak, Stand
from folkmoot.protocols.ratify import Correct, Ratify
from folkmoot.protocols.reopen import Reopen
from folkmoot.records import Answer, Budget, Call, Outcome, Reply, Transcript, Treatment, load
from folkmoot.records.outcome import derive

Run = Callable[..., Any]

SEATS = ("ann", "bo", "cy", "di", "ed", "flo", "gus", "hal")
ASKED = ("ask", "Share?", "--panel", "eight.yaml", "--option", "yes", "--option", "no", "--quiet")
CONTESTED = ("--rounds", "0")
"""Everybody judges every claim: nine conflicts, of which an answer names four at most."""


def two_camps(call: Call) -> str | list[float]:
    """Half say yes, half no, and nobody agrees with a claim of the other half."""
    first = call.seat in SEATS[:4]
    if call.op == "generate":
        return f"Claim of {call.seat} stands here. More of it."
    options = [option.strip() for option in call.options]
    if call.purpose == "judge":
        task = next(segment.text for segment in call.segments if segment.label == "task")
        speaker = task.partition("Claim of ")[2].partition(" ")[0]
        wanted = "agree" if (speaker in SEATS[:4]) == first else "disagree"
    else:
        wanted = "yes" if first else "no"
    return [0.95 if option == wanted else 0.05 for option in options]


class Camps:
    """Stands where the commands look for `Pool`."""

    from_yaml = Pool.from_yaml

    @staticmethod
    def embedded() -> Pool:
        return Pool([Scripted(two_camps)])


@pytest.fixture(autouse=True)
def eight(at_home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"  - {{name: {seat}, model: any}}\n" for seat in SEATS)
    (at_home / "eight.yaml").write_text(f"agents:\n{rows}", encoding="utf-8")
    monkeypatch.setattr(folkmoot.commands.ask, "Pool", Camps)
    monkeypatch.setattr(folkmoot.commands.resume, "Pool", Camps)


def recorded() -> Path:
    (folder,) = Path("runs").iterdir()
    return folder


def test_what_the_answer_is_silent_on_shuts_the_gate_and_is_named(run: Run) -> None:
    said = run(*ASKED, *CONTESTED, "--gate")
    assert said.code == 3
    silent = [each for each in load(recorded()).conflicts if each.treatment.flagged]
    assert silent != []
    (line,) = said.err.splitlines()
    assert line.startswith("gate: no agreement settled this, and the answer is silent on cf")
    for conflict in load(recorded()).conflicts:
        assert (f"{conflict.id} “" in line) == (conflict in silent)
    assert "Answer" in said.out, "the report is printed all the same"
    assert run("verify", str(recorded())).code == 0


def test_without_the_gate_the_same_run_is_done(run: Run) -> None:
    said = run(*ASKED, *CONTESTED)
    assert (said.code, said.err) == (0, "")
    assert "is silent  (flagged: no agreement settled this)" in run("show", str(recorded())).out


def test_an_answer_that_voices_every_conflict_opens_the_gate(run: Run) -> None:
    said = run(*ASKED, "--rounds", "0", "--param", "contest_claims=false", "--gate")
    assert (said.code, said.err) == (0, "")
    (conflict,) = load(recorded()).conflicts
    assert (conflict.treatment.treatment, conflict.serious) == ("addressed", True)


def test_json_stays_one_object_at_the_gate(run: Run) -> None:
    said = run(*ASKED, *CONTESTED, "--gate", "--json")
    assert said.code == 3
    assert json.loads(said.out)["conflicts"]
    assert said.err.startswith("gate: ")


def test_resume_has_the_gate_too(run: Run) -> None:
    assert run(*ASKED, *CONTESTED).code == 0
    assert run("resume", str(recorded()), "--quiet").code == 0
    assert run("resume", str(recorded()), "--quiet", "--gate").code == 3


def rewritten(**fields: Any) -> Outcome:
    """The run with another answer; with none for None."""
    assert main((*ASKED, *CONTESTED)) == 0
    seen: Transcript = load(recorded()).transcript
    records = [each for each in seen if not isinstance(each, Answer)]
    if fields:
        assert seen.answer is not None
        records.append(seen.answer.model_copy(update=fields))
    return derive(seen.opening, records)


def test_a_misstatement_is_named_as_one(run: Run) -> None:
    wrong = {"conflict": "cf1", "treatment": "misstated", "misstatements": ("it is not so",)}
    treatments = (Treatment(flagged=True, **wrong),)
    line = shut_by(rewritten(treatments=treatments))
    assert line is not None
    assert "misstates cf1 “Share?”" in line
    assert "is silent on cf2" in line, "what the answer does not treat at all"


def test_without_an_answer_the_gate_is_shut(run: Run) -> None:
    assert shut_by(rewritten()) == (
        "gate: there is no answer that could say what it makes of the conflicts"
    )
    assert SHUT == 3


ASKING = Composed(
    name="asking",
    parts=(
        *(Stand(), Speak(), Contest(), Decide()),
        *(Ratify(), Correct(), Reopen(), Conclude()),
    ),
)


def three_dissenters(call: Call) -> Any:
    """gus confirms the statement of its dissent, flo corrects hers, hal does not reply."""
    if call.purpose == "ratify":
        if call.seat == "hal":
            return Reply.to(call, "unavailable")
        wanted = "yes" if call.seat == "gus" else "no"
        return [0.9 if option.strip() == wanted else 0.1 for option in call.options]
    if call.purpose == "correct":
        return "Mine is \x1b[31mother\x1b[0m. And so on."
    if call.purpose == "reopen":
        return "A year without a leak would do." if call.seat == "gus" else ""
    if call.op == "generate":
        return f"Claim of {call.seat} stands here. More of it."
    wanted = "no" if call.seat in SEATS[5:] else "yes"
    return [0.9 if option.strip() == wanted else 0.1 for option in call.options]


def test_the_report_shows_dissents_as_they_were_ratified_and_what_would_reopen_them(
    run: Run,
) -> None:
    panel = Panel([Agent(seat, model="any") for seat in SEATS])
    outcome = deliberate_sync(
        *("Share?", panel, ASKING, Pool.scripted(three_dissenters)),
        options=["yes", "no"],
        record_dir="runs",
        budget=Budget(tokens=1_000_000),
    )
    said = run("show", str(recorded()))
    shown = " ".join(said.out.split())
    assert "answer voices both sides" in shown
    assert "dissent flo, corrected by itself: “Mine is ␛[31mother␛[0m. And so on.” [M" in shown
    assert "gus, confirmed as its own: “Claim of gus stands here. More of it.” [M" in shown
    assert (
        "hal, not ratified, it did not reply: “Claim of hal stands here. More of it.” [M" in shown
    )
    assert "reopen if gus: “A year without a leak would do.” [M" in shown
    assert outcome.conflict_log.coverage.ratified == 2
    assert run("verify", str(recorded())).code == 0


def test_the_report_says_what_is_misstated(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = Treatment(
        conflict="cf1", treatment="misstated", misstatements=("ann does not hold 'no'",)
    )
    outcome = rewritten(treatments=(wrong.model_copy(update={"flagged": True}),))
    capsys.readouterr()
    assert show_outcome(outcome, json=False, headed=True, whole=True, gate=True) == SHUT
    shown = " ".join(capsys.readouterr().out.split())
    assert "misstates this: ann does not hold 'no' (flagged: no agreement settled this)" in shown
