"""Training an adapter, on a tiny random model: packing changes no number, and what is taught is learned."""

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from folkmoot.pool.training import (
    Example,
    LoraSettings,
    Step,
    likelihoods,
    log_likelihoods,
    mean,
    read_examples,
    train,
    write_examples,
)
from folkmoot.pool.training.pack import tokenise, trees

EXAMPLES = [
    Example(
        system="Judge.",
        user=f"Perspective: {side}. Keep it?",
        prefix="Answer:",
        target=f" {'yes' if side == 'for' else 'no'}",
        group=f"{number}",
        closes=number % 2 == 0,
    )
    for number in range(4)
    for side in ("for", "against")
]
FAST = LoraSettings(
    rank=4, learning_rate=3e-2, passes=12, nodes_per_step=300, lanes=1, stored_as="float32"
)


def likely(folder: Path, adapter: Path | None = None) -> list[float]:
    """Log-likelihood of each example's target."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    return log_likelihoods(model, AutoTokenizer.from_pretrained(folder), EXAMPLES)


def test_packed_into_trees_every_example_scores_as_it_does_alone(tiny_model: Path):
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    alone: list[float] = []
    for example in EXAMPLES:
        found = tokenise(tokenizer, example)
        with torch.inference_mode():
            logits = model(torch.tensor([found.prompt + found.target])).logits[0]
        logs = logits.log_softmax(dim=-1)[len(found.prompt) - 1 : -1]
        alone.append(sum(logs[at, token].item() for at, token in enumerate(found.target)))
    together = log_likelihoods(model, tokenizer, EXAMPLES, nodes=400)
    assert together == pytest.approx(alone, abs=1e-4)


def test_what_examples_share_is_one_path_of_the_tree(tiny_model: Path):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    found = [tokenise(tokenizer, example) for example in EXAMPLES[:2]]
    (tree,) = trees([found], nodes=10_000)
    same = next(
        at
        for at, (a, b) in enumerate(zip(found[0].prompt, found[1].prompt, strict=False))
        if a != b
    )
    apart = sum(len(each.prompt) + len(each.target) - 1 for each in found)
    assert same > 10
    assert len(tree.tokens) == apart - same
    assert tree.size == 2


def test_a_group_of_many_is_no_tree_of_many(tiny_model: Path):
    """Time and memory grow with the square of a tree: one group of hundreds took them all."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    many = [EXAMPLES[0].model_copy(update={"user": f"Is {n} a prime?"}) for n in range(60)]
    found = [tokenise(tokenizer, example) for example in many]
    longest = max(len(each.prompt) + len(each.target) for each in found)
    packed = list(trees([found], nodes=100))
    assert len(packed) > 1
    assert all(len(tree.tokens) < 100 + longest for tree in packed)
    assert sum(tree.size for tree in packed) == len(many)
    assert [token for tree in packed for token in tree.wanted] == [
        token for each in found for token in each.target
    ]


def test_what_is_taught_is_learned_and_an_ordinary_adapter_is_saved(
    tiny_model: Path, tmp_path: Path
):
    steps: list[Step] = []
    report = train(tiny_model, EXAMPLES, FAST, tmp_path / "adapter", steps.append)
    before, after = likely(tiny_model), likely(tiny_model, tmp_path / "adapter")
    assert sum(after) > sum(before) + 10
    assert report.examples_seen == FAST.passes * len(EXAMPLES)
    assert report.steps == len(steps) > 0
    assert steps[-1].loss < steps[0].loss
    saved = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert (saved["r"], saved["base_model_name_or_path"]) == (4, tiny_model.name)
    assert json.loads((tmp_path / "adapter" / "training.json").read_text())["steps"] == len(steps)


def test_the_same_settings_give_the_same_adapter_and_one_can_go_on(
    tiny_model: Path, tmp_path: Path
):
    short = FAST.model_copy(update={"passes": 2})
    for name in ("one", "two"):
        train(tiny_model, EXAMPLES, short, tmp_path / name)
    one, two = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("one", "two"))
    assert all(torch.equal(one[name], two[name]) for name in one)
    train(tiny_model, EXAMPLES, short, tmp_path / "on", start=tmp_path / "one")
    assert sum(likely(tiny_model, tmp_path / "on")) > sum(likely(tiny_model, tmp_path / "one"))


def test_layers_below_the_first_get_no_adapter(tiny_model: Path, tmp_path: Path):
    settings = FAST.model_copy(update={"passes": 1, "first_layer": 1})
    train(tiny_model, EXAMPLES[:2], settings, tmp_path / "upper")
    names = load_file(tmp_path / "upper" / "adapter_model.safetensors")
    assert names
    assert all(".layers.1." in name for name in names)
    beyond = settings.model_copy(update={"first_layer": 2})
    with pytest.raises(ValueError, match="has 2 layers"):
        train(tiny_model, EXAMPLES[:2], beyond, tmp_path / "none")


def test_examples_are_read_as_they_were_written(tmp_path: Path):
    assert write_examples(tmp_path / "in" / "examples.jsonl", EXAMPLES) == len(EXAMPLES)
    assert read_examples(tmp_path / "in" / "examples.jsonl") == tuple(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no examples"),
        ('{"system": "", "user": "Well?"}', r"line 1: target: Field required"),
        ('\n{"system": "", "user": "?", "target": "x", "wait": 1}', r"line 2: wait: Extra"),
        ("{", r"line 1: the line as a whole"),
    ],
)
def test_a_file_that_holds_no_examples_is_refused(tmp_path: Path, text: str, said: str):
    path = tmp_path / "examples.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_examples(path)


def test_nothing_to_train_on_is_refused(tiny_model: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="no examples"):
        train(tiny_model, [], FAST, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_mean_of_two_adapters(tiny_model: Path, tmp_path: Path):
    settings = FAST.model_copy(update={"passes": 2, "nodes_per_step": 60})
    train(tiny_model, EXAMPLES, settings, tmp_path / "first")
    for name, seed in (("a", 1), ("b", 2)):
        again = settings.model_copy(update={"seed": seed})
        train(tiny_model, EXAMPLES, again, tmp_path / name, start=tmp_path / "first")
    mean([tmp_path / "a", tmp_path / "b"], tmp_path / "mean")
    a, b, both = (
        load_file(tmp_path / name / "adapter_model.safetensors") for name in ("a", "b", "mean")
    )
    assert a.keys() == both.keys()
    assert any(not torch.equal(a[name], b[name]) for name in a)
    for name, weight in both.items():
        assert weight.dtype == a[name].dtype
        expected = (a[name].float() + b[name].float()) / 2
        assert torch.allclose(weight.float(), expected, atol=1e-3)
    assert len(likelihoods(tiny_model, tmp_path / "mean", EXAMPLES)) == len(EXAMPLES)
    with pytest.raises(ValueError, match="two adapters"):
        mean([tmp_path / "a"], tmp_path / "no")
    train(tiny_model, EXAMPLES, LoraSettings(rank=2, passes=1), tmp_path / "other")
    with pytest.raises(ValueError, match="tensors"):
        mean([tmp_path / "a", tmp_path / "other"], tmp_path / "no")
