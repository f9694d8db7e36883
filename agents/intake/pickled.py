"""`pickled-weights`: nothing in it is a pickle, whatever its name, or may hold one.

Loading a pickle runs what it says, so none is ever loaded; that a file is one is read off its first
bytes and, of a zip, off its list (https://docs.python.org/3/library/pickle.html; the layouts of
`torch.save` are the zip with a `data.pkl`, and before 1.6 pickles one after another).
"""

import pickletools
import struct
from collections.abc import Iterator
from typing import BinaryIO

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, Unreadable, finding, plain, shown, words
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.plain_json import MOST_BYTES
from folkmoot.agents.intake.tree import Entry, Tree, opened

_SUFFIXES = words(
    ".bin .pt .pt2 .pth .pkl .pickle .ckpt .joblib .dill .cloudpickle .npy .npz .h5 .hdf5 "
    ".keras .mar .nemo .torch .pb"
)
_MAGICS = {
    b"\x93NUMPY": "a NumPy file, which may hold pickles",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, which may hold code",
}
_PACKED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"x\x01",
    b"x\x9c",
    b"x\xda",
)
"""gzip, bzip2, xz, Zstandard, 7-Zip, RAR, zlib."""

_OPCODES = frozenset(ord(opcode.code) for opcode in pickletools.opcodes)
_HEAD, _OLD_HEAD = 65_536, 4096
_TAIL = 65_557
"""Where the end of a zip's list stands: 22 bytes, and a comment of 65,535 at most."""
_LIST = 2**20
"""Bytes of a zip's list that are read."""

_MEND = (
    "save the weights as safetensors (peft's and transformers' save_pretrained do) and delete it"
)


def check_pickled(case: Case) -> Finding:
    """No file is a pickle by its name or its first bytes, and no zip holds one."""
    faults: list[Fault] = []
    for entry in case.tree.entries:
        if entry.suffix in _SUFFIXES:
            faults.append(
                _fault(entry, f"is of a kind that is loaded by unpickling ({entry.suffix})")
            )
        elif entry.kind == "file":
            faults += _sniffed(case.tree, entry)
    return finding(
        "pickled-weights",
        faults,
        f"none of {len(case.tree.files)} files is pickled, by name or by its first bytes",
        {"files": len(case.tree.files), "bytes_looked_at": _HEAD},
    )


def _sniffed(tree: Tree, entry: Entry) -> Iterator[Fault]:
    try:
        with opened(tree, entry) as stream:
            head = stream.read(_HEAD)
            names = _zipped(stream, head, entry.size)
    except (Unreadable, OSError) as fault:
        yield _fault(entry, f"could not be looked into: it {fault}")
        return
    magic = next((said for start, said in _MAGICS.items() if head.startswith(start)), None)
    if _pickle(head):
        yield _fault(entry, "begins like a pickle")
    elif magic is not None:
        yield _fault(entry, f"is {magic}")
    elif names is not None:
        yield _zip_fault(entry, names)
    elif not _framed(head) and (head.startswith(_PACKED) or head[257:262] == b"ustar"):
        yield _packed(entry)


def _pickle(head: bytes) -> bool:
    """Whether bytes begin like a pickle: protocol 2 to 5, or an older one that calls something.

    The third byte must be an opcode: the length at the head of a safetensors file may begin with the
    same two bytes, and for any header below 2.6 MB has a third that is none.
    """
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return len(head) < 3 or head[2] in _OPCODES
    return _old_pickle(head[:_OLD_HEAD])


def _framed(head: bytes) -> bool:
    """Whether bytes begin as a safetensors file's do: its length may look like zlib's first two."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MOST_BYTES


def _old_pickle(head: bytes) -> bool:
    """Whether bytes are a pickle of protocol 0 or 1, to its end, that names a Python object."""
    named = False
    try:
        for opcode, argument, _ in pickletools.genops(head):
            if opcode.name in ("GLOBAL", "INST"):
                named = all(part.isidentifier() for part in str(argument).replace(".", " ").split())
            if opcode.name == "STOP":
                return named
    except (ValueError, IndexError, OverflowError, struct.error):
        return False
    return False


def _zipped(stream: BinaryIO, head: bytes, size: int) -> list[str] | None:
    """The names that a zip's list holds; None if the file is no zip.

    Raises:
        Unreadable: it is a zip whose list cannot be read.
    """
    begin = max(0, size - _TAIL)
    stream.seek(begin)
    tail = stream.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + 22 <= len(tail):
            length, offset = struct.unpack_from("<II", tail, at + 12)
            if b"PK\x06\x07" in tail[max(0, at - 20) : at] and 0xFFFFFFFF in (length, offset):
                raise Unreadable("is a zip of a kind whose list is not read")
            for start in (offset, begin + at - length):
                if (names := _names(stream, start, min(length, size))) is not None:
                    return names
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if head.startswith(b"PK\x03\x04"):
        raise Unreadable("is a zip without a list of what is in it")
    return [] if head.startswith(b"PK\x05\x06") else None


def _names(stream: BinaryIO, start: int, length: int) -> list[str] | None:
    """The names of a zip's list at this place; None if there is no list."""
    if start < 0:
        return None
    stream.seek(start)
    if stream.read(4) != b"PK\x01\x02":
        return None
    if length > _LIST:
        raise Unreadable(f"is a zip whose list has {length:,} bytes")
    stream.seek(start)
    data = stream.read(length)
    names: list[str] = []
    at = 0
    while data[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(data):
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        names.append(data[at + 46 : at + 46 + name].decode("utf-8", "replace"))
        at += 46 + name + extra + comment
    if at != len(data):
        raise Unreadable("is a zip whose list is broken")
    return names


def _zip_fault(entry: Entry, names: list[str]) -> Fault:
    inside = [name for name in names if f".{name.lower().rpartition('.')[2]}" in _SUFFIXES]
    return _fault(entry, f"is a zip that holds {shown(inside[0])}") if inside else _packed(entry)


def _packed(entry: Entry) -> Fault:
    return Fault(
        f"{shown(entry.path)} is packed, and what is packed is not looked into",
        "offer what is in it unpacked, or delete it",
        plain(entry.path),
        fatal=False,
    )


def _fault(entry: Entry, why: str) -> Fault:
    return Fault(f"{shown(entry.path)} {why}", _MEND, plain(entry.path))
