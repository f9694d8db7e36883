"""The header of a safetensors file, checked before anything in it is believed.

Format: 8 bytes with the header's length, a JSON header, then the tensors' bytes without gaps
(https://huggingface.co/docs/safetensors/index#format). What is refused here and read by the library:
a key that stands twice, a shape of more than 16 dimensions, a header above 16 MiB.
"""

import math
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from folkmoot.agents.intake import plain_json
from folkmoot.agents.intake.faults import Unreadable, shown
from folkmoot.agents.intake.tree import Entry, Tree, opened

_BITS = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U16": 16,
    "I16": 16,
    "F16": 16,
    "BF16": 16,
    "U32": 32,
    "I32": 32,
    "F32": 32,
    "U64": 64,
    "I64": 64,
    "F64": 64,
    "C64": 64,
}
_MOST_DIMENSIONS = 16
_SIZES = range(2**63)


class Tensor(NamedTuple):
    """One tensor of a file."""

    name: str
    dtype: str
    """As safetensors names it: `BF16`."""
    shape: tuple[int, ...]
    begin: int
    """The byte of the file where it starts."""
    size: int
    """Bytes."""


class Header(NamedTuple):
    """What a file says that it holds, found to be so."""

    tensors: tuple[Tensor, ...]
    """In the order of their bytes."""
    metadata: Mapping[str, str]


def read_header(tree: Tree, entry: Entry) -> Header:
    """Read and check the header of a safetensors file.

    Raises:
        Unreadable: it is none, or its header and its bytes do not agree.
    """
    try:
        with opened(tree, entry) as stream:
            first = stream.read(8)
            if len(first) < 8:
                raise Unreadable("is shorter than the 8 bytes that each file begins with")
            (length,) = struct.unpack("<Q", first)
            if length > plain_json.MOST_BYTES or length > entry.size - 8:
                raise Unreadable(
                    f"says that its header has {length:,} bytes, and the file has {entry.size:,}"
                )
            data = stream.read(length)
    except OSError as fault:
        raise Unreadable(fault.strerror or "cannot be read") from fault
    if len(data) != length or not data.startswith(b"{"):
        raise Unreadable("has a header that does not begin with `{`")
    said = plain_json.parse_object(data)
    metadata = _metadata(said.pop("__metadata__", {}))
    start = 8 + length
    tensors = sorted(
        (_tensor(name, facts, start) for name, facts in said.items()),
        key=lambda tensor: (tensor.begin, tensor.size),
    )
    _check_cover(tensors, start, entry.size)
    return Header(tuple(tensors), metadata)


def _metadata(said: Any) -> Mapping[str, str]:
    if not isinstance(said, dict):
        raise Unreadable("has a `__metadata__` that is no object")
    known = cast(dict[str, Any], said)
    if not all(isinstance(value, str) for value in known.values()):
        raise Unreadable("has a `__metadata__` with values that are no texts")
    return known


def _tensor(name: str, facts: Any, start: int) -> Tensor:
    who = f"the tensor {shown(name)}"
    try:
        name.encode()
    except UnicodeEncodeError as fault:
        raise Unreadable(f"has a tensor whose name is no text ({who})") from fault
    if not isinstance(facts, dict):
        raise Unreadable(f"describes {who} by no object")
    known = cast(dict[str, Any], facts)
    bits = _BITS.get(known.get("dtype", "")) if isinstance(known.get("dtype"), str) else None
    if bits is None:
        raise Unreadable(f"gives {who} an unknown type {shown(known.get('dtype'))}")
    shape, offsets = _numbers(known.get("shape")), _numbers(known.get("data_offsets"))
    if shape is None or len(shape) > _MOST_DIMENSIONS:
        raise Unreadable(f"gives {who} no shape")
    if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise Unreadable(f"does not say from where to where {who} goes")
    size = offsets[1] - offsets[0]
    if math.prod(shape) * bits != size * 8:
        sides = " x ".join(map(str, shape)) or "one number"
        raise Unreadable(f"gives {who} ({sides}, {known['dtype']}) {size:,} bytes")
    return Tensor(name, known["dtype"], tuple(shape), start + offsets[0], size)


def _numbers(said: Any) -> list[int] | None:
    """A list of sizes; None if it is anything else."""
    if not isinstance(said, list):
        return None
    values = cast(list[Any], said)
    return values if all(type(each) is int and each in _SIZES for each in values) else None


def _check_cover(tensors: list[Tensor], start: int, size: int) -> None:
    """Whether the tensors fill the file from the header to the end, each byte once."""
    at = start
    for tensor in tensors:
        if tensor.begin != at:
            kind = "overlaps what is before it" if tensor.begin < at else "leaves a gap before it"
            raise Unreadable(f"has a tensor {shown(tensor.name)} that {kind}")
        at += tensor.size
    if at != size:
        raise Unreadable(f"has {size:,} bytes, and its header accounts for {at:,}")
