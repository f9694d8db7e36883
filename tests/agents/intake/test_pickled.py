"""Pickles under any name. None of them holds more than an empty dictionary."""

import io
import pickle
import struct
import zipfile
from typing import Any

import pytest
from safetensors.numpy import save

EMPTY = [pickle.dumps({}, protocol) for protocol in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    "name",
    [
        "pytorch_model.bin",
        "a.pt",
        "b.PTH",
        "c.pkl",
        "d.pickle",
        "e.ckpt",
        "f.joblib",
        "g.npy",
        "h.npz",
        "i.h5",
        "training_args.bin",
    ],
)
def test_a_name_alone_is_enough(offer: Any, name: str) -> None:
    offer.write(name, b"")
    found = offer.findings()["pickled-weights"]
    assert (found.verdict, found.where) == ("failed", name)


@pytest.mark.parametrize("data", EMPTY)
@pytest.mark.parametrize("name", ["README.md", "adapter/tokenizer.json", "model.safetensors", "x"])
def test_a_pickle_is_one_under_any_name(offer: Any, name: str, data: bytes) -> None:
    offer.write(name, data)
    found = offer.findings()["pickled-weights"]
    assert "begins like a pickle" in found.said
    assert found.where == name


def test_the_first_pickle_of_torch_before_zips(offer: Any) -> None:
    offer.write("weights.md", pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps({}, 2))
    assert "begins like a pickle" in offer.findings()["pickled-weights"].said


@pytest.mark.parametrize("protocol", [0, 1])
def test_an_old_pickle_that_names_an_object(offer: Any, protocol: int) -> None:
    offer.write("weights.txt", pickle.dumps(dict, protocol))
    assert "begins like a pickle" in offer.findings()["pickled-weights"].said


@pytest.mark.parametrize(
    "text", ["contributors\nAnna\nBen\n.\n", "changes\nfirst\nRelease", ".", "I1\n."]
)
def test_a_text_is_no_old_pickle(offer: Any, text: str) -> None:
    offer.write("notes.txt", text)
    assert offer.findings()["pickled-weights"].verdict == "passed"


@pytest.mark.parametrize("first", [b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"x\x9c"])
def test_the_length_of_a_header_is_no_pickle(offer: Any, first: bytes, matrices: Any) -> None:
    """A safetensors file whose first two bytes are those of a pickle, or of what zlib packed."""
    length = int.from_bytes(first, "little")
    data = save(matrices())
    (short,) = struct.unpack("<Q", data[:8])
    header = data[8 : 8 + short].rstrip().ljust(length)
    whole = struct.pack("<Q", length) + header + data[8 + short :]
    assert len(header) == length
    assert whole[:2] == first
    offer.write("adapter/adapter_model.safetensors", whole)
    offer.pin()
    found = offer.findings()
    assert found["pickled-weights"].verdict == found["safetensors"].verdict == "passed"


def _zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        for name in names:
            writer.writestr(name, b"0" * 50)
    return made.getvalue()


@pytest.mark.parametrize("member", ["archive/data.pkl", "a.PKL", "weights.npy", "x/y.pt"])
@pytest.mark.parametrize("before", [b"", b"# notes\n"])
def test_a_zip_that_holds_a_pickle(offer: Any, member: str, before: bytes) -> None:
    offer.write("notes.md", before + _zip("version", member))
    assert "is a zip that holds" in offer.findings()["pickled-weights"].said


def test_a_comment_does_not_hide_a_zip(offer: Any) -> None:
    whole = _zip("archive/data.pkl")
    comment = b"PK\x05\x06" * 40
    offer.write("notes.md", whole[:-2] + struct.pack("<H", len(comment)) + comment)
    assert "is a zip that holds" in offer.findings()["pickled-weights"].said


@pytest.mark.parametrize(
    "data",
    [_zip("data.pkl")[:-22], _zip("data.pkl").replace(b"PK\x01\x02", b"PK\x01\x03")],
)
def test_a_zip_whose_list_is_gone_fails(offer: Any, data: bytes) -> None:
    offer.write("notes.md", data)
    assert "without a list" in offer.findings()["pickled-weights"].said


def test_a_zip_with_a_vast_list_is_not_read(offer: Any) -> None:
    listing = b"PK\x01\x02" + bytes(2**21)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listing), 0, 0)
    offer.write("notes.md", listing + end)
    assert "whose list has" in offer.findings()["pickled-weights"].said


@pytest.mark.parametrize(
    "start", [b"\x1f\x8b", b"BZh9", b"x\x9c", b"7z\xbc\xaf\x27\x1c", b"PK\x05\x06"]
)
def test_what_is_packed_is_for_a_steward(offer: Any, start: bytes) -> None:
    data = start + bytes(40) if start[:2] != b"PK" else _zip()
    offer.write("notes.md", data)
    found = offer.findings()["pickled-weights"]
    assert (found.verdict, found.where) == ("warned", "notes.md")


def test_numpy_by_its_first_bytes(offer: Any) -> None:
    offer.write("notes.md", b"\x93NUMPY\x01\x00")
    assert "NumPy" in offer.findings()["pickled-weights"].said
