"""`folkmoot contribution probe`, and what it finds as evidence of a step on a roster."""

import json
import shutil
from pathlib import Path

import pytest

import folkmoot.commands.contribution_probe
from folkmoot.eval.contribution.probes import PROBES
from folkmoot.pool import Pool
from folkmoot.pool.engine import Engine
from folkmoot.pool.placement.placed import Source

STATEMENT = "I look after people and spare them pain."


@pytest.fixture
def mine(run, tiny_model) -> Path:
    """A contribution on a tiny random model, offered as it is."""
    run("contribution", "init", "mine")
    file = Path("mine/contribution.yaml")
    lines = [
        "format: contribution/1",
        "name: care",
        "contributor: ann",
        "licence: MIT",
        "base: base",
        "perspective:",
        f"  statement: {STATEMENT}",
        "  values: {benevolence-caring: 0.9}",
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copytree(tiny_model, "mine/base")
    run("contribution", "pin", "mine")
    return Path("mine")


class Steady(list[str]):
    """Which models were asked, in order, and which were to be loaded from where."""

    loaded: dict[str, Source]


@pytest.fixture
def steady(monkeypatch) -> Steady:
    """In place of the engine a script in which every seat keeps to its first option."""
    asked = Steady()

    def say(call):
        asked.append(call.model)
        if call.op == "generate":
            return "Because it is so."
        turned = call.order % 2 == 1
        return [0.3, 0.7] if turned else [0.7, 0.3]

    def engine(models: dict[str, Source]) -> Engine:
        asked.loaded = models
        return Pool.scripted(say, list(models)).engines[0]

    monkeypatch.setattr(folkmoot.commands.contribution_probe, "Embedded", engine)
    return asked


def test_it_asks_and_says_what_it_found(run, mine, steady):
    said = run("contribution", "probe", str(mine), "--items", "8")
    assert (said.code, said.err) == (0, "")
    for each in PROBES:
        assert f"{each}: " in said.out
    assert "drawn at random" in said.out
    assert set(steady) == {"care"}  # offered as it is: it is its own base


def test_an_adapter_is_held_against_its_plain_base_and_those_seated(run, mine, steady):
    run("contribution", "admit", str(mine), "--roster", "roster")
    run("roster", "seat", "roster", "care")
    file = mine / "contribution.yaml"
    text = file.read_text("utf-8").replace("name: care", "name: kindness")
    text = text.split("digests:")[0] + "adapter: adapter\ndata: [{name: own, licence: MIT}]\n"
    file.write_text(text, "utf-8")
    lesson = {"question": "Is it?", "options": ["yes", "no"], "answer": "no"}
    Path("mine/lessons.jsonl").write_text(json.dumps(lesson), "utf-8")
    shape = ("--rank", "2", "--first-layer", "0", "--passes", "1", "--one-in", "0")
    assert run("contribution", "train", str(mine), *shape).code == 0
    said = run("contribution", "probe", str(mine), "--items", "8", "--roster", "roster")
    assert "distinctiveness: most alike to 'care'" in said.out
    folder = Path("mine").resolve()
    theirs = Path("roster/contributions/care/base").resolve()
    assert steady.loaded == {
        "kindness": Source(base=str(folder / "base"), adapter=str(folder / "adapter")),
        "care": Source(base=str(theirs)),
        "base": Source(base=str(folder / "base")),
    }
    assert set(steady) == {"kindness", "care", "base"}


def test_as_json_with_a_secret(run, mine, steady, monkeypatch):
    line = ("contribution", "probe", str(mine), "--items", "8", "--json")
    first = json.loads(run(*line, "--secret", "a steward's long secret").out)
    assert [each["check"] for each in first["findings"]] == list(PROBES)
    assert first["secret"] == "given"
    assert first["name"] == "care"
    assert "steward" not in json.dumps(first)
    monkeypatch.setenv("FOLKMOOT_PROBE_SECRET", "a steward's long secret")
    again = json.loads(run(*line).out)
    assert again["findings"] == first["findings"]
    short = run(*line, "--secret", "short")
    assert short.code == 2
    assert "secret" in short.err


def test_nothing_is_loaded_that_fails_a_check(run, mine, steady):
    (mine / "base/pytorch_model.bin").write_bytes(b"\x80\x04.")
    said = run("contribution", "probe", str(mine))
    assert said.code == 2
    assert "pickled-weights" in said.err
    assert steady == []


def test_a_real_model_that_cannot_weigh_is_said_to(run, mine):
    """It has a token for every byte and a small window: options begin alike, or no prompt fits."""
    said = run("contribution", "probe", str(mine), "--items", "8", "--json")
    found = {each["check"]: each for each in json.loads(said.out)["findings"]}
    assert said.code == 1
    assert found["format"]["verdict"] == "failed"
    assert found["format"]["evidence"]["refused"]  # which of the two depends on the draw
    assert "could not be read" in found["fidelity"]["said"]


@pytest.fixture
def on_probation(run, mine) -> Path:
    assert run("contribution", "admit", str(mine), "--roster", "roster").code == 0
    return Path("roster")


def evidence(run, **changed) -> Path:
    folder = "roster/contributions/care"
    said = run("contribution", "probe", folder, "--items", "8", "--json", "--roster", "roster")
    found = {**json.loads(said.out), **changed}
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")
    return Path("found.json")


def test_findings_are_put_on_record_with_the_seat(run, on_probation, steady):
    file = evidence(run)
    assert run("roster", "seat", "roster", "care", "--evidence", str(file)).code == 0
    (member,) = json.loads(run("roster", "show", "roster", "--json").out)["members"]
    step = member["steps"][-1]
    assert step["after"] == "seated"
    assert [each["check"] for each in step["findings"]] == list(PROBES)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"name": "kindness"}, "not 'care'"),
        ({"digests": {"weights": "0" * 64}}, "other files"),
        ({"digests": None}, "which files"),
        ({"findings": []}, "no findings"),
        ({"findings": "all well"}, "no findings"),
    ],
)
def test_evidence_of_something_else_is_refused(run, on_probation, steady, changed, part):
    said = run("roster", "seat", "roster", "care", "--evidence", str(evidence(run, **changed)))
    assert said.code == 2
    assert part in said.err
    assert "probation" in run("roster", "show", "roster").out


def test_evidence_of_a_failure_or_of_half_the_probes_is_refused(run, on_probation, steady):
    found = json.loads(evidence(run).read_text(encoding="utf-8"))["findings"]
    found[1]["verdict"] = "failed"
    said = run(
        "roster", "seat", "roster", "care", "--evidence", str(evidence(run, findings=found[1:]))
    )
    assert said.code == 2
    assert "injection failed" in said.err
    assert "not all was asked: format" in said.err


def test_a_file_that_is_none(run, on_probation):
    assert "cannot read" in run("roster", "seat", "roster", "care", "--evidence", "none.json").err
    Path("odd.json").write_text("[" * 100_000, encoding="utf-8")
    assert "no findings" in run("roster", "seat", "roster", "care", "--evidence", "odd.json").err
