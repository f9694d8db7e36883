"""The mean of adapters that began alike: steadier than each (model soups, Wortsman et al. 2022, arXiv 2203.05482)."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from folkmoot.pool.models.adapter import CONFIG, WEIGHTS, read_adapter


def mean(adapters: Sequence[Path], out: Path) -> None:
    """Save the mean of the weights of some adapters, each counting the same, in the number type of the first.

    It stands for something only where all went on from one adapter: two that were trained apart have no common
    directions, and their mean is neither.

    Args:
        adapters: Folders of LoRA adapters of one base and one shape.
        out: Folder for the mean; made if absent.

    Raises:
        ValueError: If there are fewer than two, or their tensors differ in name or shape.
        PoolError: If a folder holds no LoRA adapter.
    """
    if len(adapters) < 2:
        raise ValueError("a mean needs two adapters at least")
    for folder in adapters:
        read_adapter(folder)
    found = [load_file(folder / WEIGHTS) for folder in adapters]
    first = found[0]
    for folder, weights in zip(adapters[1:], found[1:], strict=True):
        if {n: w.shape for n, w in weights.items()} != {n: w.shape for n, w in first.items()}:
            raise ValueError(f"{folder} has not the tensors of {adapters[0]}")
    averaged = {
        name: torch.stack([weights[name].float() for weights in found]).mean(dim=0).to(weight.dtype)
        for name, weight in first.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / WEIGHTS).write_bytes(save(averaged, metadata={"format": "pt"}))
    shutil.copyfile(adapters[0] / CONFIG, out / CONFIG)
