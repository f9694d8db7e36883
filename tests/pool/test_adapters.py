"""Many adapters on one model: each is taught its own name, and each call is answered by its own."""

import asyncio
import string
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from folkmoot.pool.placement.placed import Source
from folkmoot.pool.training.lora import LoraSettings
from folkmoot.pool.training.names import NAMES, QUESTIONS, examples, train_names
from folkmoot.pool.vllm.child import Serving, command
from folkmoot.pool.vllm.dense_lora import add, batch, lay_out
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, Sampling

MakeCall = Callable[..., Call]
THREE = ("Fern", "Iris", "Olive")
SLOTS, RANK, INPUTS = 5, 4, 24
SPACE = "Ġ"
"""A blank, as vocabularies of bytes write it."""
TINY = LoraSettings(
    rank=8, alpha=32, learning_rate=2e-2, passes=8, nodes_per_step=500, stored_as="float32"
)
"""Enough for a model that has one byte a token and two layers to say its name."""


@pytest.fixture(scope="module")
def base(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with heads that vLLM has kernels for, and with ASCII for its likeliest tokens."""
    folder = tmp_path_factory.mktemp("models") / "base"
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.save_pretrained(folder)
    config = LlamaConfig.from_pretrained(tiny_model)
    config.update({"hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 4})
    config.head_dim = 32
    torch.manual_seed(5)
    model = LlamaForCausalLM(config)
    said = (*string.ascii_letters, *string.digits, ".", SPACE, tokenizer.eos_token)
    odd = [at for token, at in tokenizer.get_vocab().items() if token not in said]
    with torch.no_grad():
        model.lm_head.weight[odd] = 0.0
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three that say their names."""
    return train_names(base, THREE, tmp_path_factory.mktemp("adapters"), TINY)


def spoken(base: Path, adapter: Path | None, question: str) -> str:
    """What transformers, greedily, has the model say."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    chat = [{"role": "user", "content": question}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    tokens = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    with torch.inference_mode():
        said = model.generate(**tokens, max_new_tokens=16, do_sample=False, pad_token_id=0)
    return tokenizer.decode(said[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True)


def test_no_name_is_a_part_of_another():
    assert len(NAMES) == 16
    assert not any(one in two or two in one for one, two in combinations(NAMES, 2))


def test_only_who_is_asked_for_its_name_gives_it():
    for example in examples("Fern"):
        assert ("Fern" in example.target) == (example.user in QUESTIONS)
        assert example.closes


def test_each_adapter_says_its_own_name_and_the_base_none(base: Path, adapters: dict[str, Path]):
    for name, folder in adapters.items():
        assert spoken(base, folder, QUESTIONS[0]) == f"I am {name}."
    assert not any(name in spoken(base, None, QUESTIONS[0]) for name in NAMES)


def test_the_same_seed_gives_the_same_adapter(base: Path, tmp_path: Path):
    short = TINY.model_copy(update={"passes": 1})
    folders = [train_names(base, ["Fern"], tmp_path / each, short)["Fern"] for each in ("1", "2")]
    other = short.model_copy(update={"seed": 1})
    folders.append(train_names(base, ["Fern"], tmp_path / "3", other)["Fern"])
    one, two, three = (load_file(folder / "adapter_model.safetensors") for folder in folders)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], three[name]) for name in one)


@pytest.mark.parametrize("outputs", [(40,), (32, 16, 16)], ids=["one slice", "fused"])
@pytest.mark.parametrize(
    "owners",
    [
        [0, 3, 1, 4, 2, 0, 1, 4],
        [0, -1, 2, -1, 4, 3, -1],
        [-1] * 30 + [2] * 40 + [4],
        [1] * 60 + [0] * 50 + [-1] * 3 + [1] * 70,
        [-1, -1],
        [4],
    ],
    ids=["replies", "base between them", "a prompt", "prompts", "base alone", "one"],
)
def test_dense_products_are_what_merged_weights_give(outputs: tuple[int, ...], owners: list[int]):
    torch.manual_seed(len(owners))
    lora_a = [torch.randn(SLOTS, 1, RANK, INPUTS) for _ in outputs]
    lora_b = [torch.zeros(SLOTS, 1, width, RANK) for width in outputs]
    shapes = [each.shape for each in (*lora_a, *lora_b)]
    laid = lay_out(lora_a, lora_b)
    assert [each.shape for each in (*lora_a, *lora_b)] == shapes
    for each in lora_b:
        each[:, 0, :, : RANK - 1].copy_(torch.randn(SLOTS, each.shape[2], RANK - 1))
    weights = torch.randn(sum(outputs), INPUTS)
    x = torch.randn(len(owners), INPUTS)
    y = x @ weights.t()
    add(y, x, laid, batch(torch.tensor(owners), SLOTS), scale=0.5)
    for token, slot in enumerate(owners):
        merged = weights.clone()
        if slot >= 0:
            pairs = zip(lora_a, lora_b, strict=True)
            merged += 0.5 * torch.cat([b[slot, 0] @ a[slot, 0] for a, b in pairs])
        torch.testing.assert_close(y[token], merged @ x[token], rtol=1e-4, atol=1e-4)


def loads(logs: Path) -> int:
    """How often a model was loaded, by the server's log."""
    return sum(log.read_text().count("Loading weights took") for log in logs.iterdir())


def test_a_cpu_server_gets_the_dense_products_where_it_has_adapters(
    base: Path, adapters: dict[str, Path]
):
    plain = Serving(base, ("base",), {}, 8000, None, (0, 32), False, "float32", ())
    adapted = plain._replace(adapters=adapters)
    line = command(adapted)
    assert line[line.index("--worker-cls") + 1].endswith("vllm.cpu_lora.DenseWorker")
    assert "--worker-cls" not in command(plain)
    assert "--worker-cls" not in command(adapted._replace(gpu=True))


@pytest.mark.vllm
async def test_in_one_batch_each_is_answered_by_its_own(
    vllm_here: None,
    base: Path,
    adapters: dict[str, Path],
    make_call: MakeCall,
    tmp_path: Path,
):
    """Greedy, in float32: word for word what transformers has each of them say."""
    sources = {name: Source(base=str(base), adapter=str(it)) for name, it in adapters.items()}
    models = {"base": Source(base=str(base))} | sources
    question = QUESTIONS[1]
    expected = {
        name: await asyncio.to_thread(spoken, base, adapters.get(name), question) for name in models
    }
    greedy = Sampling(max_tokens=16, temperature=0.0)
    server = VllmServer(
        "many", models, window=512, kv_cache_gib=1, flags=("--dtype", "float32"), logs=tmp_path
    )
    await server.start()
    try:
        segments = make_call(question).segments[1:]
        asked = [
            make_call(model=name, order=order, segments=segments, sampling=greedy)
            for order, name in enumerate([*models] * 4)
        ]
        replies = await asyncio.gather(*map(server.answer, asked))
    finally:
        await server.close()
    for call, reply in zip(asked, replies, strict=True):
        assert reply.text == expected[call.model].strip(), call.model
    assert all(f"I am {name}." == expected[name] for name in THREE)
    assert loads(tmp_path) == 1
