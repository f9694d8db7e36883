"""`folkmoot roster votes`: from a panel with somebody on probation to evidence for a step."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import folkmoot.commands.ask
from folkmoot.agents import Panel
from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import Finding
from folkmoot.agents.roster import moved, propose, read_roster
from folkmoot.pool import Pool, Scripted, pool_file
from folkmoot.records import ModelRef, load, read_shadows
from tests.folkmoot.conftest import SCRIPT, Run

AT = "2026-01-01T00:00:00.000+00:00"
WEIGHTS = b"weights"
QUESTIONS = ("Should the town build a dam?", "Should the library open on Sundays?")
LINES = [{"question": each, "answer": "no", "topic": "town"} for each in QUESTIONS]


def offer(name: str) -> None:
    """A contribution on the roster of the test, proposed."""
    folder = Path("offers") / name
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter/adapter_model.safetensors").write_bytes(WEIGHTS + name.encode())
    (folder / "contribution.yaml").write_text(
        f"format: contribution/1\nname: {name}\ncontributor: someone\nlicence: MIT\n"
        f"base: smollm2-base\nadapter: adapter\nperspective:\n  statement: I am {name}.\n"
    )
    Path("roster").mkdir(exist_ok=True)
    propose(read_roster("roster"), read_contribution(folder), AT, "steward")


def go(name: str, *standings: str) -> None:
    for each in standings:
        moved(read_roster("roster"), name, each, at=AT, by="steward")


class Pinned(Scripted):
    """An engine that knows what its models are made of; `other` has another adapter, or none."""

    other: tuple[str, bytes | None] = ("", None)

    def reference(self, model: str) -> ModelRef:
        made_of = self.other[1] if model == self.other[0] else WEIGHTS + model.encode()
        adapter = None if made_of is None else hashlib.sha256(made_of).hexdigest()
        return ModelRef(name=model, weights_sha256="0" * 64, adapter_sha256=adapter)


class Pools:
    """Stands where `ask` looks for `Pool`."""

    engine: Pinned

    @classmethod
    def from_yaml(cls, path: Path) -> Pool:
        assert pool_file.read(path)
        return Pool([cls.engine])


@pytest.fixture
def roster(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster with two seats and two on probation, and the panel of it."""
    for name in ("nurse", "researcher", "mild", "odd"):
        offer(name)
        go(name, "probation")
    go("nurse", "seated")
    go("researcher", "seated")
    Pools.engine = Pinned(SCRIPT["answer"])
    monkeypatch.setattr(folkmoot.commands.ask, "Pool", Pools)
    assert run("roster", "panel", "roster", "--to", "out").code == 0


def ask_all(run: Run, *questions: str) -> None:
    files = ("--panel", "out/panel.yaml", "--pool", "out/pool.yaml")
    for each in questions:
        said = run("ask", each, *files, "--option", "yes", "--option", "no", "--quiet")
        assert said.code == 0, said.err


@pytest.mark.usefixtures("roster")
def test_the_panel_of_a_roster_has_those_on_probation_as_shadows() -> None:
    panel = Panel.from_yaml("out/panel.yaml")
    assert [agent.name for agent in panel] == ["nurse", "researcher"]
    assert [agent.name for agent in panel.shadows] == ["mild", "odd"]
    assert panel.shadows[0].perspective.statement == "I am mild."
    engines = pool_file.read(Path("out/pool.yaml")).file.engines
    assert [list(each.models) for each in engines] == [["nurse", "researcher"], ["mild", "odd"]]
    assert pool_file.engine_names(engines) == ["embedded", "probation"]


@pytest.mark.usefixtures("roster")
def test_placed_models_stand_together(run: Run) -> None:
    assert run("roster", "panel", "roster", "--to", "placed", "--engine", "placed").code == 0
    models = pool_file.read(Path("placed/pool.yaml")).file.models
    assert list(models) == ["nurse", "researcher", "mild", "odd"]


@pytest.mark.usefixtures("roster")
def test_votes_become_evidence(run: Run) -> None:
    ask_all(run, *QUESTIONS)
    Path("gold.jsonl").write_text("\n".join(map(json.dumps, LINES)) + "\n\n")
    said = run("roster", "votes", "roster", "runs", "--gold", "gold.jsonl", "--json")
    assert said.code == 0
    found = json.loads(said.out)
    mild, odd = found["votes"]
    assert (mild["name"], mild["asked"], mild["states"]) == ("mild", 2, {"valid": 2})
    assert (mild["agreed"]["hits"], mild["agreed"]["of"]) == (0, 2), "they decided for yes"
    assert (mild["right"]["hits"], mild["panel_right"]["hits"]) == (2, 0)
    assert (mild["recounted"], mild["changed"]) == (2, [])
    assert odd["name"] == "odd"
    assert found["left_out"] == []
    evidence = [Finding.model_validate(each) for each in found["findings"]]
    assert [(each.check, each.verdict) for each in evidence] == [("shadow-votes", "passed")] * 2
    one = run("roster", "votes", "roster", "runs", "--name", "odd", "--json")
    assert [each["name"] for each in json.loads(one.out)["votes"]] == ["odd"]
    Path("votes.json").write_text(one.out)
    refused = run("roster", "seat", "roster", "mild", "--evidence", "votes.json")
    assert refused.code == 2
    assert "it is about 'odd'" in refused.err
    assert run("roster", "seat", "roster", "odd", "--evidence", "votes.json").code == 0
    step = read_roster("roster").members["odd"].steps[-1]
    assert (step.after, [each.check for each in step.findings]) == ("seated", ["shadow-votes"])
    assert step.findings[0].evidence["asked"] == 2


@pytest.mark.usefixtures("roster")
def test_in_lines(run: Run) -> None:
    ask_all(run, QUESTIONS[0])
    said = run("roster", "votes", "roster", *map(str, Path("runs").iterdir()))
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[:5] == [
        "mild",
        "asked 1: valid 1",
        "valid 1 of 1 (0.21 to 1.00)",
        "agreed with the decision 0 of 1 (0.00 to 0.79)",
        "would have changed 0 of 1 recounts",
    ]


@pytest.mark.parametrize("adapter", [b"swapped", None])
@pytest.mark.usefixtures("roster")
def test_what_is_no_vote_of_it_is_left_out_and_listed(run: Run, adapter: bytes | None) -> None:
    ask_all(run, QUESTIONS[0])
    (good,) = Path("runs").iterdir()
    Pools.engine = Pinned(SCRIPT["answer"])
    Pools.engine.other = ("odd", adapter)
    ask_all(run, QUESTIONS[1])
    shutil.copytree(good, "runs/zz-the-same-again")
    shutil.copytree(good, "runs/zz-changed")
    journal = Path("runs/zz-changed/journal.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b"yes", b"yea", 1))
    found = json.loads(run("roster", "votes", "roster", "runs", "runs", "--json").out)
    assert [(each["name"], each["asked"]) for each in found["votes"]] == [("mild", 2), ("odd", 1)]
    reasons = sorted(line.partition(": ")[2] for line in found["left_out"])
    assert reasons == [
        "a copy of one above",
        "it does not verify",
        "other files were asked: their adapter is not the one on the roster",
    ]


@pytest.mark.usefixtures("roster")
def test_one_that_is_not_on_probation_any_more_is_not_looked_at(run: Run) -> None:
    ask_all(run, QUESTIONS[0])
    go("mild", "quarantined")
    found = json.loads(run("roster", "votes", "roster", "runs", "--json").out)
    assert [each["name"] for each in found["votes"]] == ["odd"]
    go("odd", "withdrawn")
    said = run("roster", "votes", "roster", "runs")
    assert (said.code, said.out.splitlines()[0]) == (0, "nobody is on probation")


@pytest.mark.usefixtures("roster")
def test_one_that_was_never_asked_has_no_evidence(run: Run) -> None:
    ask_all(run, QUESTIONS[0])
    (record,) = Path("runs").iterdir()
    (mild, _) = read_shadows(load(record))
    shutil.rmtree(mild.record)
    found = json.loads(run("roster", "votes", "roster", "runs", "--json").out)
    assert [each["asked"] for each in found["votes"]] == [0, 1]
    assert found["findings"][0]["verdict"] == "not_asked"


@pytest.mark.parametrize(
    ("gold", "part"),
    [
        ("not json", "gold.jsonl, line 1"),
        ('{"question": "Q"}', "gold.jsonl, line 1"),
        (json.dumps({**LINES[0], "answer": "maybe"}), "'maybe' is none of the options"),
        (
            '{"question": "Q", "answer": "yes"}\n{"question": "Q", "answer": "no"}',
            "line 2: another answer",
        ),
    ],
)
@pytest.mark.usefixtures("roster")
def test_right_answers_that_cannot_be_used(run: Run, gold: str, part: str) -> None:
    ask_all(run, QUESTIONS[0])
    Path("gold.jsonl").write_text(gold)
    said = run("roster", "votes", "roster", "runs", "--gold", "gold.jsonl")
    assert said.code == 2
    assert part in said.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("roster", "nowhere"), "no record in 'nowhere'"),
        (("roster", "offers"), "no record in 'offers'"),
        (("roster", "runs", "--name", "nurse"), "'nurse' is not on probation"),
        (("roster", "runs", "--gold", "none"), "cannot read"),
    ],
)
@pytest.mark.usefixtures("roster")
def test_what_cannot_be_used_is_one_line(run: Run, arguments: tuple[str, ...], part: str) -> None:
    ask_all(run, QUESTIONS[0])
    said = run("roster", "votes", *arguments)
    assert said.code == 2
    assert part in said.err
    assert "Traceback" not in said.err
