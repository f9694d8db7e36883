"""The numbers of a tensor, read from its bytes a part at a time. No tensor library is asked."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from folkmoot.agents.intake.faults import Unreadable
from folkmoot.agents.intake.headers import Tensor
from folkmoot.agents.intake.tree import Entry, Tree, opened

Numbers = NDArray[np.floating[Any]]

_WIDTH = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}
_AT_ONCE = 2**20
"""Numbers in a part."""

FLOATS = tuple(_WIDTH)
"""Types that are read."""


def floats(tree: Tree, entry: Entry, tensor: Tensor) -> Iterator[Numbers]:
    """The numbers of one tensor in the order of its bytes, float64 as such and all else as float32.

    Args:
        tree: the folder.
        entry: a safetensors file in it whose header was checked.
        tensor: one of that file, its type in `FLOATS`.

    Raises:
        Unreadable: the file cannot be read, or became shorter.
    """
    width = _WIDTH[tensor.dtype]
    left = tensor.size
    try:
        with opened(tree, entry) as stream:
            stream.seek(tensor.begin)
            while left:
                data = stream.read(min(left, width * _AT_ONCE))
                if not data or len(data) % width:
                    raise Unreadable("became shorter while it was read")
                left -= len(data)
                yield _decoded(data, tensor.dtype)
    except OSError as fault:
        raise Unreadable(fault.strerror or "cannot be read") from fault


def matrix(tree: Tree, entry: Entry, tensor: Tensor) -> NDArray[np.float32]:
    """A tensor of two dimensions.

    Raises:
        Unreadable: as `floats`.
    """
    parts = [_single(part) for part in floats(tree, entry, tensor)]
    whole = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return whole.reshape(tensor.shape)


def single_bytes(tree: Tree, entry: Entry, tensor: Tensor) -> Iterator[bytes]:
    """The numbers as float32, little-endian; a zero has no sign."""
    for part in floats(tree, entry, tensor):
        yield (_single(part) + np.float32(0)).astype("<f4").tobytes()


def _decoded(data: bytes, dtype: str) -> Numbers:
    if dtype == "BF16":  # The upper half of a float32.
        upper = np.frombuffer(data, "<u2").astype(np.uint32) << np.uint32(16)
        return upper.view(np.float32)
    if dtype == "F64":
        return np.frombuffer(data, "<f8").astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.frombuffer(data, "<f2" if dtype == "F16" else "<f4").astype(np.float32)


def _single(part: Numbers) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):
        return part.astype(np.float32)
