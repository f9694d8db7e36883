"""Many LoRA adapters on one batch as dense products: all of them at once, those of others masked.

The matrices of all adapters (slots) of a layer lie side by side. A batch of few or long runs of
tokens with one adapter each, as prompts are, takes a product for each run; one in which nearly every
token has another adapter, as replies are, takes two products over all slots, with zeros between them
where a slot is not the token's. A token without adapter (slot -1) is left as it was.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch

_LONG = 16
"""Tokens of a run from which a product for each run is cheaper than one over all slots."""

_FEW = 2
"""Runs up to which that holds however short they are."""


class Run(NamedTuple):
    """Neighbouring tokens of the batch with the same adapter."""

    slot: int
    start: int
    end: int


class Batch(NamedTuple):
    """Which tokens have which adapter."""

    runs: tuple[Run, ...]
    """Those without adapter are left out."""
    mask: torch.Tensor
    """(tokens, slots): true where the slot is the token's."""


class Laid(NamedTuple):
    """The adapters of one layer, side by side. A layer that was fused of several has slices."""

    down: torch.Tensor
    """(slices, slots, rank, inputs), contiguous."""
    up: tuple[torch.Tensor, ...]
    """For each slice (slots, rank, outputs), contiguous."""


def batch(indices: torch.Tensor, slots: int) -> Batch:
    """The batch of tokens with these slots.

    Args:
        indices: (tokens,), the slot of each token, -1 for none.
        slots: how many there are.
    """
    found: list[Run] = []
    start = 0
    kinds, lengths = torch.unique_consecutive(indices, return_counts=True)
    for slot, length in zip(kinds.tolist(), lengths.tolist(), strict=True):
        if slot >= 0:
            found.append(Run(slot, start, start + length))
        start += length
    return Batch(tuple(found), indices[:, None] == torch.arange(slots))


def lay_out(lora_a: Sequence[torch.Tensor], lora_b: Sequence[torch.Tensor]) -> Laid:
    """Put the matrices of all slots side by side, in memory that the tensors given then share.

    What is written to them later is thus seen here too; their shapes stay as they are.

    Args:
        lora_a: for each slice (slots, 1, rank, inputs).
        lora_b: for each slice (slots, 1, outputs, rank).
    """
    down = torch.stack([each[:, 0] for each in lora_a])
    up = tuple(each[:, 0].transpose(1, 2).contiguous() for each in lora_b)
    for number, given in enumerate(lora_a):
        given.data = down[number, :, None]
    for given, laid in zip(lora_b, up, strict=True):
        given.data = laid.transpose(1, 2)[:, None]
    return Laid(down, up)


def add(y: torch.Tensor, x: torch.Tensor, laid: Laid, batch: Batch, scale: float = 1.0) -> None:
    """Add to `y` what each token's adapter makes of `x`.

    Args:
        y: (tokens, outputs of all slices one after the other), changed in place.
        x: (tokens, inputs).
        laid: the adapters.
        batch: which of them is whose.
        scale: what is added is multiplied by it.
    """
    if len(batch.runs) <= _FEW or len(batch.runs) * _LONG <= len(x):
        _add_by_run(y, x, laid, batch.runs, scale)
    else:
        _add_masked(y, x, laid, batch.mask, scale)


def _add_by_run(
    y: torch.Tensor, x: torch.Tensor, laid: Laid, runs: Sequence[Run], scale: float
) -> None:
    for slot, start, end in runs:
        offset = 0
        for down, up in zip(laid.down, laid.up, strict=True):
            width = up.shape[2]
            inner = torch.mm(x[start:end], down[slot].t())
            y[start:end, offset : offset + width].addmm_(inner, up[slot], alpha=scale)
            offset += width


def _add_masked(
    y: torch.Tensor, x: torch.Tensor, laid: Laid, mask: torch.Tensor, scale: float
) -> None:
    slices, slots, rank, inputs = laid.down.shape
    inner = torch.mm(x, laid.down.view(-1, inputs).t()).view(-1, slices, slots, rank)
    inner.mul_(mask[:, None, :, None])
    offset = 0
    for number, up in enumerate(laid.up):
        width = up.shape[2]
        own = inner[:, number].reshape(-1, slots * rank)
        y[:, offset : offset + width].addmm_(own, up.view(-1, width), alpha=scale)
        offset += width
