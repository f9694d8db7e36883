"""Models that are placed, whole and real: a base, the packaged adapter and one's own on one server,
a seat on each, one deliberation, and its record."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.models.digests import weights_digest
from folkmoot.pool.models.packaged import smollm2
from folkmoot.pool.models.resolve import home
from folkmoot.pool.ports import reserve
from folkmoot.protocols import Debate
from folkmoot.records import Call, ModelRef, Sampling, read_journal, verify

pytestmark = pytest.mark.vllm

POOL = """\
models:
  plain: smollm2-base
  taught: smollm2
  mine: {base: smollm2-base, adapter: adapters/mine}
machines:
  - {name: here, ports: PORT, MEMORY}
window: 2048
"""
ALONE = "memory_gib: 5"
STATEMENTS = {
    "plain": "Clear rules keep people safe.",
    "taught": "People should decide for themselves.",
    "mine": "Those who have least come first.",
}


def adapter(folder: Path, base: Path, rank: int = 4) -> None:
    """A LoRA adapter of random numbers, in peft's layout, that changes what the base says."""
    config = json.loads((base / "config.json").read_text())
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    values = hidden * config["num_key_value_heads"] // config["num_attention_heads"]
    said = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": 2 * rank,
        "target_modules": ["q_proj", "v_proj"],
        "base_model_name_or_path": "smollm2-base",
    }
    generator = torch.Generator().manual_seed(3)
    numbers: dict[str, torch.Tensor] = {}
    for layer in range(layers):
        for name, out in (("q_proj", hidden), ("v_proj", values)):
            at = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            for matrix, shape in (("lora_A", (rank, hidden)), ("lora_B", (out, rank))):
                drawn = torch.randn(shape, generator=generator) * 0.05
                numbers[f"{at}.{matrix}.weight"] = drawn
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps(said))
    save_file(numbers, folder / "adapter_model.safetensors")


def panel() -> Panel:
    short = Sampling(max_tokens=24)
    return Panel(
        Agent(f"{model}-seat", model=model, sampling=short, perspective=Perspective(statement=said))
        for model, said in STATEMENTS.items()
    )


async def test_a_base_and_two_adapters_on_it_deliberate_on_one_server(
    vllm_here: None, tmp_path: Path, make_call: Callable[..., Call]
):
    base, mine = smollm2(home(), None)[0], tmp_path / "adapters" / "mine"
    adapter(mine, base)
    gpus = torch.cuda.is_available()
    text = POOL.replace("MEMORY", "gpus: auto" if gpus else ALONE)
    with reserve(None) as held:
        text = text.replace("PORT", str(held.getsockname()[1]))
    (tmp_path / "pool.yaml").write_text(text)
    async with Pool.from_yaml(tmp_path / "pool.yaml") as pool:
        assert len(pool.engines) == 1, "one base is one server"
        assert set(pool.engines[0].models) == set(STATEMENTS)
        outcome = await deliberate(
            "Should the town close its centre to cars?",
            panel(),
            Debate(rounds=1, contest_claims=False),
            pool,
            options=("yes", "no"),
            record_dir=tmp_path,
            run_id="one",
        )
        weighed = await asyncio.gather(
            *(
                pool.answer(
                    make_call("Is it right?", model=model, op="choose", options=("Yes", "No"))
                )
                for model in STATEMENTS
            )
        )
    assert len({reply.logprobs for reply in weighed}) == 3, "each is answered by its own"

    assert outcome.answer.strip()
    assert {absence.state for absence in outcome.absences} <= {"empty", "cut_off"}
    assert outcome.record is not None
    assert verify(outcome.record).ok
    opening = read_journal(tmp_path / "one").opening
    references: dict[str, ModelRef] = {each.name: each for each in opening.models}
    assert set(references) == set(STATEMENTS)
    weights = await asyncio.to_thread(weights_digest, base, home())
    assert {each.weights_sha256 for each in references.values()} == {weights}
    assert references["plain"].adapter_sha256 is None
    own = await asyncio.to_thread(weights_digest, mine, home())
    assert references["mine"].adapter_sha256 == own
    assert references["taught"].adapter_sha256 not in (None, own)
    (engine,) = opening.engines
    assert (engine["kind"], set(engine["models"])) == ("vllm-server", set(STATEMENTS))
    assert opening.replay == engine["replay"]
