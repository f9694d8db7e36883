"""A LoRA adapter in the peft layout: its rank and layers, and whether it fits a base model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.pool.models.headers import Tensor, read_headers
from folkmoot.records import PoolError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

_EXPERTS = ".experts."

LARGEST_RANK = 512
"""That vLLM can make room for."""

_NOT_SERVED = {
    "use_dora": "a magnitude for each row (DoRA, use_dora)",
    "lora_bias": "biases (lora_bias)",
    "alora_invocation_tokens": "a token that invokes it (alora_invocation_tokens)",
    "layer_replication": "layers that stand twice (layer_replication)",
    "use_bdlora": "matrices in blocks (use_bdlora)",
    "use_qalora": "groups of inputs (use_qalora)",
}
_PLAIN_STARTS = ("gaussian", "eva", "orthogonal", "mica", "lora_ga")
"""Ways to begin a training that leave the base as it is."""
_LAYOUT = f"it needs {CONFIG} and {WEIGHTS}, as peft's save_pretrained writes them"


class Adapter(NamedTuple):
    """What is known of an adapter without loading it."""

    rank: int
    """The largest of its ranks."""
    layers: tuple[str, ...]
    """The kinds of layer it changes, by the last part of their names: `q_proj`."""
    experts: bool
    """Whether it changes experts, which engines name in other ways."""
    bytes: int
    """Of its weights as stored."""


def read_adapter(folder: Path) -> Adapter:
    """An adapter's own account of itself. Blocks, briefly.

    Raises:
        PoolError: the folder holds no LoRA adapter, or its weights are pickled.
    """
    config = _config(folder)
    tensors = _tensors(folder)
    changed = {name for name, _, _ in _pairs(tensors)}
    return Adapter(
        rank=_rank(folder, config),
        layers=tuple(sorted({name.rsplit(".", 1)[-1] for name in changed})),
        experts=any(_EXPERTS in f"{name}." for name in changed),
        bytes=sum(tensor.stored for tensor in tensors.values()),
    )


def check_served(name: str, folder: Path) -> None:
    """Whether vLLM can serve an adapter beside its base. Blocks, briefly.

    As vLLM 0.32 decides it (`lora/peft_helper.py`).

    Raises:
        PoolError: it cannot, or the folder holds no LoRA adapter.
    """
    config = _config(folder)
    why = [said for field, said in _NOT_SERVED.items() if config.get(field)]
    saved = config.get("modules_to_save") or ()
    if isinstance(saved, str) or set(saved) - {"classifier", "score"}:
        why.append(f"whole layers of its own (modules_to_save: {saved!r})")
    start = config.get("init_lora_weights")
    if isinstance(start, str) and start.lower() not in _PLAIN_STARTS:
        why.append(f"a base that was changed as well (init_lora_weights: {start!r})")
    if (rank := _rank(folder, config)) > LARGEST_RANK:
        why.append(f"a rank of {rank}, and vLLM takes {LARGEST_RANK} at most")
    if why:
        raise PoolError(
            f"vLLM cannot serve the adapter {str(folder)!r} of {name!r}: it has {'; '.join(why)}",
            "merge it into its base (peft's merge_and_unload, save_pretrained) and name that "
            "folder as a base; or give it to an engine of kind embedded",
            name,
        )


def check_fit(name: str, adapter: Path, base: Path) -> None:
    """Whether each pair of an adapter's matrices fits a layer of the base. Blocks, briefly.

    Nothing is said of a base whose weights are not there. Experts are not looked at: their names in a file differ from one version of a model to another.

    Raises:
        PoolError: it does not fit, or one of the two cannot be read.
    """
    tensors = read_headers(base)
    if not tensors:
        return
    layers = {tensor.rpartition(".")[0] for tensor in tensors}
    for layer, inside, outside in _pairs(_tensors(adapter)):
        if _EXPERTS in layer:
            continue
        if layer not in layers:
            raise _misfit(name, adapter, f"changes {layer}, which {base.name!r} does not have")
        shape = _full_shape(tensors.get(f"{layer}.weight"))
        if shape and shape not in ((outside, inside), (inside, outside)):  # Conv1D turns it
            why = f"takes {layer} for {outside} x {inside}; in {base.name!r} it is"
            raise _misfit(name, adapter, f"{why} {' x '.join(map(str, shape))}")


def _full_shape(weight: Tensor | None) -> tuple[int, ...]:
    """The shape of a layer's matrix; () where there is none, or it is packed by a quantiser."""
    plain = weight is not None and weight.dtype.startswith(("F", "BF")) and len(weight.shape) == 2
    return weight.shape if plain and weight is not None else ()


def _pairs(tensors: Mapping[str, Tensor]) -> list[tuple[str, int, int]]:
    """Each layer that it changes, with what goes in and what comes out of it."""
    found: list[tuple[str, int, int]] = []
    for name, first in tensors.items():
        layer, mark, rest = name.removeprefix("base_model.model.").partition(".lora_A.")
        second = tensors.get(name.replace(".lora_A.", ".lora_B."))
        if mark and rest and second and len(first.shape) == len(second.shape) == 2:
            found.append((layer, first.shape[1], second.shape[0]))
    return found


def _tensors(folder: Path) -> Mapping[str, Tensor]:
    if not (folder / WEIGHTS).is_file():
        pickled = any(folder.glob("adapter_model.bin"))
        why = "its weights are pickled, which are never loaded" if pickled else "it has no weights"
        raise PoolError(f"{str(folder)!r} is no LoRA adapter: {why}", _LAYOUT)
    return read_headers(folder)


def _config(folder: Path) -> Mapping[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if config.get("peft_type", "LORA") != "LORA":
            raise ValueError(f"its peft_type is {config['peft_type']!r}")
        return config
    except (OSError, ValueError, AttributeError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise PoolError(f"{str(folder)!r} is no LoRA adapter: {why}", _LAYOUT) from fault


def _rank(folder: Path, config: Mapping[str, Any]) -> int:
    try:
        patterns: Mapping[str, Any] = config.get("rank_pattern") or {}
        ranks = [int(config["r"]), *map(int, patterns.values())]
        if min(ranks) < 1:
            raise ValueError(f"a rank of {min(ranks)}")
        return max(ranks)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise PoolError(
            f"{str(folder)!r} is no LoRA adapter: {fault!r}",
            f"{CONFIG} needs its rank `r`, as peft writes it",
        ) from fault


def _misfit(name: str, adapter: Path, why: str) -> PoolError:
    return PoolError(
        f"the adapter {str(adapter)!r} does not fit the base of {name!r}: it {why}",
        "name the base that it was trained on (base_model_name_or_path in adapter_config.json)",
        name,
    )
