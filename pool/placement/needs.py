"""What an engine needs of a machine, in each of the ways in which it could run there."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from folkmoot.pool.models.adapter import Adapter
from folkmoot.pool.placement.packing import Load
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.placement.sizes import GIB, GPU_BLOCK, Size, changed_layers, largest_rank

GPU_WIDTH = 2
"""Bytes of a number on a GPU."""

_MOST_GPUS = 8


def numbered(name: str, copy: int, copies: int) -> str:
    """What a copy of an engine is called."""
    return f"{name}-{copy + 1}" if copies > 1 else name


class Model(NamedTuple):
    """A model to be placed."""

    source: Source
    base: str
    """What tells its base from others: models with the same one share a server."""
    size: Size
    """Of the base."""
    adapter: tuple[str, Adapter] | None = None
    """Where its adapter is, and what it is."""


class Wanted(NamedTuple):
    """A server to be placed."""

    engine: str
    """Copies of one engine have the same name here."""
    models: Mapping[str, Model]
    """What panels call them. All of one base."""
    window: int
    """Tokens of context."""
    copy: int = 0
    """Which copy of its engine it is, from 0."""
    copies: int = 1

    @property
    def name(self) -> str:
        """Of the server."""
        return numbered(self.engine, self.copy, self.copies)

    @property
    def size(self) -> Size:
        """Of its base."""
        return next(iter(self.models.values())).size

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        """Each of its adapters once."""
        return tuple(dict(each.adapter for each in self.models.values() if each.adapter).values())

    @property
    def named(self) -> int:
        """Models that have an adapter; vLLM holds one for each, also where two have the same."""
        return sum(model.adapter is not None for model in self.models.values())

    def loads(self, gpu: bool, count: int, width: int) -> tuple[Load, ...]:
        """The ways in which it could run, the best first: with fewer and fewer adapters at once."""
        loads: list[Load] = []
        slots = self.named
        while not loads or slots > 1:
            slots = slots if not loads else slots // 2
            need = self.fixed(gpu, count, slots, width) + self.least_cache(gpu, count, width)
            turns, spreads = self.copies == 1, tuple(self.spreads())
            loads.append(Load(self.name, self.engine, need, slots, turns, spreads))
            if not gpu:  # There a slot must stay empty: see the command line of a server.
                break
        return tuple(loads)

    def fixed(self, gpu: bool, count: int, slots: int, width: int) -> int:
        """Bytes on each device of everything but the cache."""
        size = self.size
        weights = ceil(size.weights(width) / count)
        return weights + self.slots(gpu, slots, width) + size.overhead(width, gpu)

    def slots(self, gpu: bool, slots: int, width: int) -> int:
        """Bytes of the adapters' slots on each device. Not less where there are several devices:
        half of the matrices are whole on each of them."""
        if not slots:
            return 0
        several = self.adapters
        each = self.size.slot(largest_rank(several), changed_layers(several), width)
        return (slots if gpu else slots + 1) * each

    def kv_token(self, count: int, width: int) -> int:
        """Bytes on each device of a token in the cache."""
        return ceil(self.size.kv_token(width) / min(count, self.size.kv_heads))

    def least_cache(self, gpu: bool, count: int, width: int) -> int:
        """Bytes on each device for one whole window; on a CPU in whole GiB, as vLLM takes it."""
        blocks = ceil(self.window / GPU_BLOCK) + 1  # vLLM keeps one for itself
        if gpu:
            return blocks * GPU_BLOCK * self.kv_token(count, width)
        return max(1, ceil(self.window * self.kv_token(1, width) / GIB)) * GIB

    def spreads(self) -> Sequence[int]:
        """Over how many GPUs its heads can be divided."""
        heads, kv_heads = self.size.heads, self.size.kv_heads
        counts = (1 << power for power in range(_MOST_GPUS.bit_length()))
        return [
            count
            for count in counts
            if heads % count == 0 and (kv_heads % count == 0 or count % kv_heads == 0)
        ]
