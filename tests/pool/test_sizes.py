"""How much memory a model takes: by formula, by its files, and as a real vLLM reports it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from folkmoot.pool.models.adapter import Adapter
from folkmoot.pool.models.headers import Tensor, read_headers
from folkmoot.pool.models.resolve import locate
from folkmoot.pool.placement.sizes import (
    CPU_BLOCK,
    GIB,
    changed_layers,
    fitting_rank,
    kv_tokens,
    largest_rank,
    measure,
)
from folkmoot.pool.vllm.http import Http
from folkmoot.records import PoolError

Q, V = "self_attn.q_proj", "self_attn.v_proj"


def outline(model: Path, folder: Path, **config: object) -> Path:
    """A folder with a model's configuration and nothing else."""
    folder.mkdir()
    said = json.loads((model / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(said | config))
    return folder


def test_weights_are_counted_in_the_precision_they_are_served_in(tiny_model: Path):
    size = measure(tiny_model)
    numbers = sum(_numbers(tensor.shape) for tensor in read_headers(tiny_model).values())
    assert (size.weights(4), size.weights(2)) == (4 * numbers, 2 * numbers)
    assert Tensor("I32", (8, 2), 64).served(2) == 64, "what is packed stays as it is"


def _numbers(shape: tuple[int, ...]) -> int:
    return shape[0] * _numbers(shape[1:]) if shape else 1


def test_a_configuration_alone_gives_the_same_figures(tiny_model: Path, tmp_path: Path):
    whole, alone = measure(tiny_model), measure(outline(tiny_model, tmp_path / "m"))
    assert alone.weights(2) == whole.weights(2)
    assert alone._replace(tensors=()) == whole._replace(tensors=())


def test_a_model_fetched_in_part_is_told_by_its_configuration(tiny_model: Path, tmp_path: Path):
    part = Path(shutil.copytree(tiny_model, tmp_path / "part"))
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}}
    (part / "model.safetensors.index.json").write_text(json.dumps(index))
    (part / "model.safetensors").write_bytes(b"half a file")
    assert measure(part).weights(2) == measure(tiny_model).weights(2)


def test_experts_count_each(tiny_model: Path, tmp_path: Path):
    dense = measure(outline(tiny_model, tmp_path / "dense")).weights(2)
    moe = measure(outline(tiny_model, tmp_path / "moe", num_local_experts=4)).weights(2)
    one = 3 * 48 * 96 * 2  # gate, up and down
    assert moe - dense == 2 * (3 * one + 4 * 48 * 2), "in each of two layers, and its router"


def test_a_token_of_cache_is_keys_and_values_of_every_layer(tiny_model: Path):
    size = measure(tiny_model)
    assert size.kv_token(2) == 2 * 2 * 2 * 8 * 2  # both, layers, heads, width, bytes
    assert kv_tokens(10_000, size.kv_token(2), 16) == 10_000 // (128 * 16) * 16


def test_a_slot_has_room_for_all_that_vllm_computes_as_one(tiny_model: Path):
    size = measure(tiny_model)
    query, key, value = 48 + 48, 48 + 16, 48 + 16
    assert size.slot(3, ["q_proj"], 2) == 8 * 2 * 2 * (query + key + value)
    assert size.slot(8, ["o_proj"], 4) == 8 * 4 * 2 * (48 + 48)
    vocabulary = 2 * (size.vocabulary + 48)
    every = 2 * (query + key + value + 48 + 48 + 3 * (48 + 96)) + vocabulary
    assert size.slot(8, None, 2) == 8 * 2 * every


def test_several_adapters_need_the_largest_rank_and_every_layer():
    small = Adapter(4, ("q_proj",), False, 1)
    large = Adapter(20, ("up_proj", "v_proj"), False, 1)
    assert fitting_rank(largest_rank([small, large])) == 32
    assert changed_layers([large, small]) == ("q_proj", "up_proj", "v_proj")
    assert changed_layers([small, large._replace(experts=True)]) is None
    assert largest_rank([]) == 0


@pytest.mark.parametrize("config", ["{}", '{"hidden_size": 8}', "[]", "no json"])
def test_a_configuration_that_says_too_little_is_an_error(tmp_path: Path, config: str):
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(PoolError, match=r"config\.json"):
        measure(tmp_path)


@pytest.mark.parametrize("number", [0, -1, 2**62, 1e300, 1.5, True, "8", [8]])
@pytest.mark.parametrize(
    "field",
    [
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "hidden_size",
        "vocab_size",
        "max_position_embeddings",
    ],
)
def test_a_figure_that_no_model_has_is_an_error(
    tiny_model: Path, tmp_path: Path, field: str, number: object
):
    folder = outline(tiny_model, tmp_path / "odd", **{field: number})
    with pytest.raises(PoolError, match=f"{field} is"):
        measure(folder)


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\2\0\0\0\0\0\0\0[]", b"\2\0\0\0\0\0\0\0{"])
def test_what_is_no_safetensors_file_is_named(tmp_path: Path, content: bytes):
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(PoolError, match=r"model\.safetensors' is no safetensors file"):
        read_headers(tmp_path)


@pytest.mark.vllm
def test_a_real_server_reports_the_cache_that_was_worked_out(hosted_vllm: Any):
    """`hosted_vllm` has 1 GiB for its cache; its /metrics say how it divided that."""
    text = hosted_vllm.run(_metrics(hosted_vllm.url))
    said = dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"vllm:cache_config_info\{.*", text)[0]))
    assert int(said["block_size"]) == CPU_BLOCK
    width = {"float32": 4, "bfloat16": 2}[hosted_vllm.server.describe()["dtype"]]
    token = measure(locate("smollm2-base").folder).kv_token(width)
    assert kv_tokens(GIB, token, CPU_BLOCK) == int(said["num_gpu_blocks"]) * CPU_BLOCK


async def _metrics(url: str) -> str:
    http = Http(url, connections=1)
    await http.open()
    try:
        return (await http.get("/metrics")).decode()
    finally:
        await http.close()
