"""How much memory a model takes, worked out from its files alone: weights, cache, adapters.

With `w` bytes for a number (2 in bfloat16 and float16, 4 in float32; on a GPU vLLM takes 2):

    weights     sum over the tensors of their numbers x w; packed (quantised) ones as stored
    cache       a token takes 2 x layers x kv_heads x head_dim x w bytes (keys and values); it is
                handed out in blocks of 16 tokens on a GPU and 128 on a CPU
    adapters    a slot takes rank x w x the sum of (in + out) over the layers that get one, where
                vLLM rounds the rank up, and gives q, k, v one each if any of them is changed, and
                gate, up one each likewise
    overhead    on a GPU 1 GiB of context and graphs, and the largest step: 8,192 tokens x
                (2 x intermediate + 4 x hidden) x w, and 1,024 rows of scores x vocabulary x 4;
                on a CPU 2 GiB for the server's processes

A window that slides in some layers makes the true cache smaller than this. Weights and cache of a
model with latent attention (DeepSeek's) are overestimated where there is only its configuration.
"""

import json
import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.pool.models.adapter import Adapter
from folkmoot.pool.models.headers import Tensor, read_headers
from folkmoot.records import PoolError

GIB = 2**30
CPU_BLOCK, GPU_BLOCK = 128, 16
"""Tokens of a block of the cache."""

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""The LoRA ranks that vLLM can make room for."""

_PACKED = ({"q_proj", "k_proj", "v_proj"}, {"gate_proj", "up_proj"})
"""Layers that vLLM computes as one: a slot for one of them is a slot for all."""

_STEP_TOKENS, _STEP_ROWS = 8192, 1024
_GPU_OVERHEAD, _CPU_OVERHEAD = 1 * GIB, 2 * GIB


_MOST = {
    "num_hidden_layers": 10_000,
    "num_attention_heads": 100_000,
    "num_key_value_heads": 100_000,
    "head_dim": 100_000,
    "hidden_size": 1_000_000,
    "intermediate_size": 10_000_000,
    "moe_intermediate_size": 10_000_000,
    "num_experts": 100_000,
    "num_local_experts": 100_000,
    "vocab_size": 100_000_000,
    "max_position_embeddings": 2**31 - 1,
}
"""What a configuration may say: more than tenfold of what any model of the field has."""
_MAYBE_NONE = ("intermediate_size", "moe_intermediate_size", "num_experts", "num_local_experts")


class Size(NamedTuple):
    """What of a model takes memory. Bytes and tokens."""

    tensors: tuple[Tensor, ...]
    """Its weights as they are stored, or as its configuration says that they would be."""
    kv_numbers: int
    """Numbers that one token takes in the cache."""
    kv_heads: int
    heads: int
    window: int
    """Its own context in tokens."""
    hidden: int
    intermediate: int
    vocabulary: int
    ways: Mapping[str, int]
    """What goes in plus what comes out, summed over the layers of each name: `q_proj`."""

    def weights(self, width: int) -> int:
        """Bytes of its weights where a number takes `width` bytes."""
        return sum(tensor.served(width) for tensor in self.tensors)

    def kv_token(self, width: int) -> int:
        """Bytes of a token in the cache."""
        return self.kv_numbers * width

    def slot(self, rank: int, layers: Iterable[str] | None, width: int) -> int:
        """Bytes that vLLM sets aside for one adapter.

        Args:
            rank: the largest that must fit; rounded up as vLLM does.
            layers: names of the layers that may be changed; None for every layer there is.
            width: bytes of a number.
        """
        wanted = set(self.ways if layers is None else layers)
        for packed in _PACKED:
            wanted |= packed if packed & wanted else set()
        return fitting_rank(rank) * width * sum(self.ways.get(name, 0) for name in wanted)

    def overhead(self, width: int, gpu: bool) -> int:
        """Bytes that a server takes beside all this; an estimate, on the high side."""
        if not gpu:
            return _CPU_OVERHEAD
        step = _STEP_TOKENS * (2 * self.intermediate + 4 * self.hidden) * width
        return _GPU_OVERHEAD + step + _STEP_ROWS * self.vocabulary * 4


def kv_tokens(memory: int, kv_token: int, block: int) -> int:
    """Tokens that a cache of `memory` bytes holds, in whole blocks."""
    return memory // (kv_token * block) * block


def fitting_rank(rank: int) -> int:
    """The least rank that vLLM can make room for and that is no less."""
    return next((each for each in RANKS if each >= rank), rank)


def largest_rank(adapters: Iterable[Adapter]) -> int:
    """The rank that a server of these adapters must make room for."""
    return max((adapter.rank for adapter in adapters), default=0)


def changed_layers(adapters: Iterable[Adapter]) -> tuple[str, ...] | None:
    """The names of the layers that any of them changes; None where vLLM names them otherwise."""
    several = tuple(adapters)
    if any(adapter.experts or not adapter.layers for adapter in several):
        return None
    return tuple(sorted({layer for adapter in several for layer in adapter.layers}))


def measure(folder: Path) -> Size:
    """The size of the model in a folder: of its safetensors, or where there are none, of its
    configuration. Blocks, briefly.

    Raises:
        PoolError: it has no configuration, or one that does not say enough.
    """
    config = _config(folder)
    stored = read_headers(folder) if _complete(folder) else {}
    try:
        _check_numbers(config)
        tensors = stored or _expected(config)
        return _size(config, tensors)
    except (KeyError, TypeError, ValueError) as fault:
        raise PoolError(
            f"the size of the model in {str(folder)!r} cannot be told: {fault!r} in config.json",
            "serve it under `engines:`, where nothing is worked out",
        ) from fault


def _complete(folder: Path) -> bool:
    """Whether every part of its weights is there, where an index says which parts there are."""
    try:
        index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
        return all((folder / part).is_file() for part in set(index["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return True


def _config(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        # Models that also see or hear keep what concerns text apart.
        return said | {"dtype": _dtype(said)} | said.get("text_config", {})
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise PoolError(f"no config.json in {str(folder)!r}", "name a model's folder") from fault


def _check_numbers(config: Mapping[str, Any]) -> None:
    """Raises ValueError where a figure is none that a model has."""
    for name, most in _MOST.items():
        given, least = config.get(name), int(name not in _MAYBE_NONE)
        if given is not None and (type(given) is not int or not least <= given <= most):
            raise ValueError(f"{name} is {reprlib.repr(given)}, no number from {least} to {most:,}")


def _dtype(said: Mapping[str, Any]) -> str:
    return str(said.get("dtype") or said.get("torch_dtype") or "float32")


def _size(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Size:
    heads = int(config["num_attention_heads"])
    kv_heads = int(config.get("num_key_value_heads") or heads)
    hidden, vocabulary = int(config["hidden_size"]), int(config["vocab_size"])
    return Size(
        tensors=tuple(tensors.values()),
        kv_numbers=2 * int(config["num_hidden_layers"]) * kv_heads * _head_dim(config),
        kv_heads=kv_heads,
        heads=heads,
        window=int(config["max_position_embeddings"]),
        hidden=hidden,
        intermediate=int(config.get("intermediate_size") or 4 * hidden),
        vocabulary=vocabulary,
        ways=_ways(tensors) | dict.fromkeys(("embed_tokens", "lm_head"), vocabulary + hidden),
    )


def _head_dim(config: Mapping[str, Any]) -> int:
    return int(
        config.get("head_dim") or int(config["hidden_size"]) // int(config["num_attention_heads"])
    )


def _ways(tensors: Mapping[str, Tensor]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, tensor in tensors.items():
        if name.endswith(".weight") and len(tensor.shape) == 2:
            layer = name.split(".")[-2]
            found[layer] = found.get(layer, 0) + sum(tensor.shape)
    return found


def _expected(config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of a model of the Llama kind (Llama, Mistral, Qwen, and those with experts)."""
    hidden, kinds = int(config["hidden_size"]), {"float32": "F32"}
    dtype = kinds.get(_dtype(config), "BF16")
    queries = int(config["num_attention_heads"]) * _head_dim(config)
    keys = int(config.get("num_key_value_heads") or config["num_attention_heads"])
    shapes = {"model.embed_tokens": (int(config["vocab_size"]), hidden), "model.norm": (hidden,)}
    if not config.get("tie_word_embeddings"):
        shapes["lm_head"] = shapes["model.embed_tokens"]
    for at in range(int(config["num_hidden_layers"])):
        attention = f"model.layers.{at}.self_attn."
        shapes[f"{attention}q_proj"] = (queries, hidden)
        shapes[f"{attention}k_proj"] = (keys * _head_dim(config), hidden)
        shapes[f"{attention}v_proj"] = (keys * _head_dim(config), hidden)
        shapes[f"{attention}o_proj"] = (hidden, queries)
        shapes |= _feed_forward(config, f"model.layers.{at}.mlp.", hidden)
        shapes[f"model.layers.{at}.input_layernorm"] = (hidden,)
        shapes[f"model.layers.{at}.post_attention_layernorm"] = (hidden,)
    bytes_each = 4 if dtype == "F32" else 2
    return {
        f"{name}.weight": Tensor(dtype, shape, _numbers(shape) * bytes_each)
        for name, shape in shapes.items()
    }


def _feed_forward(config: Mapping[str, Any], at: str, hidden: int) -> dict[str, tuple[int, ...]]:
    experts = config.get("num_local_experts") or config.get("num_experts")
    if not experts:
        inner = int(config["intermediate_size"])
        return {
            f"{at}gate_proj": (inner, hidden),
            f"{at}up_proj": (inner, hidden),
            f"{at}down_proj": (hidden, inner),
        }
    inner = int(config.get("moe_intermediate_size") or config["intermediate_size"])
    return {
        f"{at}router": (int(experts), hidden),
        f"{at}experts": (int(experts), 3 * inner, hidden),
    }


def _numbers(shape: tuple[int, ...]) -> int:
    return shape[0] * _numbers(shape[1:]) if shape else 1
