"""`folkmoot clerk train`: an adapter, its card and what was held out; measured by `clerk eval`."""

import json
from pathlib import Path

import pytest

ROWS = [
    {
        "topic": f"Topic {number}",
        "text_a": f"Claim {number} holds.",
        "text_b": f"It {word} {number}.",
        "label": label,
    }
    for number in range(24)
    for word, label in (("fails", "attack"), ("helps", "support"))
]


@pytest.fixture
def trained(run, tiny_model):
    """The command on a tiny random model."""
    Path("set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))

    def train(*more: str):
        shape = ("--rank", "2", "--first-layer", "0", "--passes", "1", "--base", str(tiny_model))
        return run("clerk", "train", "set.jsonl", "--to", "mine", *shape, *more)

    return train


def test_an_adapter_a_card_and_what_was_held_out(trained):
    said = trained("--licence", "CC BY 4.0", "--hold-out", "Topic 3")
    assert (said.code, said.err) == (0, "")
    assert "folkmoot clerk eval mine/held-out/*.jsonl --adapter mine" in said.out
    folder = Path("mine")
    assert (folder / "adapter_model.safetensors").stat().st_size > 0
    held = [json.loads(line) for line in (folder / "held-out/set.jsonl").read_text().splitlines()]
    assert {"Topic 3"} <= {row["topic"] for row in held} < {row["topic"] for row in ROWS}
    card = (folder / "README.md").read_text()
    learned = len(ROWS) - len(held)
    assert f"| set | {learned} | {len(held)} | 0 | `" in card
    assert "CC BY 4.0" in card
    report = json.loads((folder / "training.json").read_text())
    assert report["examples_sha256"] in card


def test_json(trained):
    said = trained("--json")
    report = json.loads(said.out)
    assert report["examples_seen"] == report["examples"] > 0
    assert "curve" not in report


def test_what_it_made_can_be_measured(trained, run, tiny_model):
    trained("--one-in", "2")
    said = run(
        "clerk",
        "eval",
        "mine/held-out/set.jsonl",
        "--model",
        str(tiny_model),
        "--adapter",
        "mine",
        "--json",
    )
    found = json.loads(said.out)
    assert found["n"] == len(Path("mine/held-out/set.jsonl").read_text().splitlines())
    assert 0 <= found["auc"] <= 1


def test_nothing_is_overwritten(trained):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("dear")
    said = trained()
    assert said.code == 2
    assert "not empty" in said.err
    assert [each.name for each in Path("mine").iterdir()] == ["notes.txt"]


def test_a_file_in_its_place_is_left_alone(trained):
    Path("mine").write_text("dear")
    said = trained()
    assert said.code == 2
    assert "'mine' is a file" in said.err
    assert "Traceback" not in said.err
    assert Path("mine").read_text() == "dear"


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (("--one-in", "1"), "nothing is left to learn from"),
        (("--base", "no/such/model/anywhere"), "unknown model"),
        (("--passes", "0"), "--passes"),
        (("--from", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_one_line(trained, more, part):
    said = trained(*more)
    assert said.code == 2
    assert part in said.err
    assert "Traceback" not in said.err
    assert not Path("mine/adapter_model.safetensors").exists()


def test_the_mean_of_two(trained, run):
    trained()
    again = trained("--from", "mine", "--seed", "3", "--to", "again")
    assert again.code == 0
    said = run("clerk", "mean", "mine", "again", "--to", "both")
    assert (said.code, said.err) == (0, "")
    assert Path("both/adapter_model.safetensors").stat().st_size > 0
    assert run("clerk", "mean", "mine", "again", "--to", "both").code == 2
    alone = run("clerk", "mean", "mine", "--to", "none")
    assert alone.code == 2
    assert "two adapters" in alone.err
