"""`folkmoot contribution` and `folkmoot roster`: from an empty folder to a panel that it sits on."""

import json
import os
import shutil
from pathlib import Path

import pytest

from folkmoot.agents import Panel
from folkmoot.agents.contribution_file import read_contribution
from folkmoot.pool import pool_file

LESSONS = [
    {"question": f"Is {n} a large number?", "options": ["yes", "no"], "answer": "no"}
    for n in range(24)
] + [{"question": f"What is {n}?", "answer": "A number."} for n in range(8)]


@pytest.fixture
def mine(run, tiny_model) -> Path:
    """A contribution on a tiny random model, filled in."""
    run("contribution", "init", "mine")
    file = Path("mine/contribution.yaml")
    text = file.read_text()
    text = text.replace("base: smollm2-base", "base: base")
    shutil.copytree(tiny_model, "mine/base")
    file.write_text(text.replace("name: my-contribution", "name: care"))
    Path("mine/lessons.jsonl").write_text("".join(json.dumps(each) + "\n" for each in LESSONS))
    return Path("mine")


def train(run, folder: Path, *more: str):
    shape = ("--rank", "2", "--first-layer", "0", "--passes", "1")
    return run("contribution", "train", str(folder), *shape, *more)


def test_an_empty_folder_to_fill_in(run):
    said = run("contribution", "init", "mine")
    assert said.code == 0
    assert "folkmoot contribution train mine" in said.out
    offered = read_contribution("mine")
    assert offered.file.name == "my-contribution"
    again = run("contribution", "init", "mine")
    assert again.code == 2
    assert "already there" in again.err


def test_an_adapter_its_card_and_its_digests(run, mine):
    said = train(run, mine)
    assert (said.code, said.err) == (0, "")
    assert "choices that were held out" in said.out
    assert (mine / "adapter/adapter_model.safetensors").stat().st_size > 0
    card = (mine / "README.md").read_text()
    assert "# care" in card
    assert "--rank 2" in card
    offered = read_contribution(mine)
    assert offered.file.digests.adapter is not None
    assert "# Who brings it" in (mine / "contribution.yaml").read_text()  # comments stay
    assert run("contribution", "check", str(mine)).code == 0
    again = train(run, mine)
    assert again.code == 2
    assert "not empty" in again.err


def test_train_as_json(run, mine):
    said = train(run, mine, "--json", "--one-in", "3")
    found = json.loads(said.out)
    assert found["bytes"] == (mine / "adapter/adapter_model.safetensors").stat().st_size
    assert found["adapter"]["choices"] == found["base"]["choices"] > 0
    assert found["adapter"]["chance"] == 0.5
    assert found["training"]["examples_seen"] > 0


def test_what_a_check_finds_is_said_with_how_to_mend_it(run, mine):
    train(run, mine)
    (mine / "adapter/pytorch_model.bin").write_bytes(b"\x80\x04.")
    said = run("contribution", "check", str(mine), "--json")
    assert said.code == 1
    found = {each["check"]: each for each in json.loads(said.out)["findings"]}
    assert found["pickled-weights"]["verdict"] == "failed"
    assert found["pickled-weights"]["mend"]
    plain = run("contribution", "check", str(mine))
    assert plain.code == 1
    assert "FAILED  pickled-weights" in plain.out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("contribution", "check", "nowhere"), "contribution.yaml"),
        (("contribution", "train", "nowhere"), "contribution.yaml"),
        (("contribution", "init", "mine/contribution.yaml"), "is a file"),
        (("contribution", "train", "mine", "--lessons", "none.jsonl"), "cannot read"),
        (("roster", "seat", "roster", "nobody"), "no 'nobody'"),
        (("roster", "panel", "roster", "--to", "out"), "seated"),
        (("roster", "panel", "roster", "--to", "out", "--engine", "x"), "embedded"),
    ],
)
def test_what_cannot_be_used_is_one_line(run, mine, arguments, part):
    said = run(*arguments)
    assert said.code == 2
    assert part in said.err
    assert "Traceback" not in said.err


def test_from_the_door_to_a_panel(run, mine):
    train(run, mine)
    said = run("contribution", "admit", str(mine), "--roster", "roster", "--by", "ann")
    assert said.code == 0
    assert "care: probation" in said.out
    nobody = run("roster", "panel", "roster", "--to", "out")
    assert nobody.code == 2
    assert run("roster", "seat", "roster", "care", "--reason", "it kept its word").code == 0
    shown = json.loads(run("roster", "show", "roster", "--json").out)
    (member,) = shown["members"]
    assert (member["name"], member["standing"]) == ("care", "seated")
    assert [step["after"] for step in member["steps"]] == ["proposed", "probation", "seated"]
    assert member["steps"][1]["by"] == "ann"
    assert {each["check"] for each in member["steps"][1]["findings"]} > {"digests", "duplicate"}
    assert run("roster", "panel", "roster", "--to", "out").code == 0
    (seat,) = Panel.from_yaml("out/panel.yaml")
    assert (seat.name, seat.model, seat.contributor) == ("care", "care", "Your Name")
    text = Path("out/pool.yaml").read_text()
    assert "../roster/contributions/care/adapter" in text
    assert pool_file.read(Path("out/pool.yaml"))


def test_a_copy_under_another_name_stays_at_the_door(run, mine):
    train(run, mine)
    run("contribution", "admit", str(mine), "--roster", "roster")
    file = mine / "contribution.yaml"
    file.write_text(file.read_text().replace("name: care", "name: kindness"))
    said = run("contribution", "admit", str(mine), "--roster", "roster")
    assert said.code == 1
    assert "FAILED  duplicate" in said.out
    assert "kindness: proposed" in said.out
    assert "proposed" in run("roster", "show", "roster").out


def test_quarantine_and_back(run, mine):
    train(run, mine)
    run("contribution", "admit", str(mine), "--roster", "roster")
    assert run("roster", "quarantine", "roster", "care", "--reason", "it lied").code == 0
    assert "it lied" in run("roster", "show", "roster").out
    assert run("roster", "seat", "roster", "care").code == 2
    assert run("roster", "release", "roster", "care").code == 0
    assert "probation" in run("roster", "show", "roster").out


def test_a_folder_that_cannot_be_trusted_is_not_taken_in(run, mine):
    train(run, mine)
    os.mkfifo(mine / "adapter/pipe.json")
    said = run("contribution", "admit", str(mine), "--roster", "roster")
    assert said.code == 1
    assert "FAILED  folder" in said.err
    assert not Path("roster").exists()
