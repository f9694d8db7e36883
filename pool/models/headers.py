"""What tensors a safetensors file holds, read off its header: no tensor is loaded."""

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, cast

from folkmoot.records import PoolError

_LARGEST = 100_000_000
"""Bytes of a header, as the format allows."""

_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
"""Bytes of what is converted to the precision that is served; all else is served as stored."""


class Tensor(NamedTuple):
    """One tensor of a file."""

    dtype: str
    """As safetensors names it: `BF16`."""
    shape: tuple[int, ...]
    stored: int
    """Bytes in the file."""

    def served(self, width: int) -> int:
        """Bytes in memory where floating point numbers take `width` bytes each."""
        return self.stored * width // _FLOATS.get(self.dtype, width)


def read_headers(folder: Path) -> Mapping[str, Tensor]:
    """The tensors of all safetensors files of a folder, by name. Blocks, briefly.

    Raises:
        PoolError: a file is no safetensors file.
    """
    return {
        name: tensor for file in sorted(folder.glob("*.safetensors")) for name, tensor in _of(file)
    }


def _of(file: Path) -> Iterator[tuple[str, Tensor]]:
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > _LARGEST:
                raise ValueError(f"a header of {length} bytes")
            header = cast(dict[str, dict[str, list[int]]], json.loads(stream.read(length)))
        for name, said in header.items():
            if name != "__metadata__":
                begin, end = said["data_offsets"]
                yield name, Tensor(str(said["dtype"]), tuple(said["shape"]), end - begin)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as fault:
        raise PoolError(
            f"{str(file)!r} is no safetensors file: {fault or type(fault).__name__}",
            "save the model again with save_pretrained",
        ) from fault
