"""Headers that lie; held against the library, which must open whatever passes here."""

import json
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, deserialize

from folkmoot.agents.intake.faults import Unreadable
from folkmoot.agents.intake.headers import read_header
from folkmoot.agents.intake.tree import scan

A = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
B = {"dtype": "F16", "shape": [4], "data_offsets": [16, 24]}


def _file(header: Any, size: int = 24) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def test_a_good_file(offer: Any) -> None:
    offer.write(
        "adapter/more/model.safetensors", _file({"__metadata__": {"a": "b"}, "b": B, "a": A})
    )
    assert offer.findings()["safetensors"].verdict == "passed"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "shorter than the 8 bytes"),
        (struct.pack("<Q", 2**63) + b"{}", "says that its header has"),
        (struct.pack("<Q", 100) + b"{}", "says that its header has"),
        (struct.pack("<Q", 0), "does not begin with"),
        (_file(b"[]", 0), "does not begin with"),
        (_file(b' {"a":1}', 0), "does not begin with"),
        (_file(b"{", 0), "is not JSON"),
        (_file(b'{"a":\xff}', 0), "is not UTF-8"),
        (_file(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 0), "nested too deep"),
        (_file(b'{"a":{},"a":{}}', 0), "stands twice"),
        (_file({"a": A | {"dtype": "F31"}}, 16), "unknown type"),
        (_file({"a": A | {"dtype": ["F32"]}}, 16), "unknown type"),
        (_file({"a": A | {"shape": [2, 3]}}, 16), "16 bytes"),
        (_file({"a": A | {"shape": [2, -2]}}, 16), "no shape"),
        (_file({"a": A | {"shape": [True, 4]}}, 16), "no shape"),
        (_file({"a": A | {"shape": [2.0, 2]}}, 16), "no shape"),
        (_file({"a": A | {"shape": [1] * 100}}, 16), "no shape"),
        (_file({"a": A | {"data_offsets": [16, 0]}}, 16), "from where to where"),
        (_file({"a": A | {"data_offsets": [0]}}, 16), "from where to where"),
        (_file({"a": A, "b": B | {"data_offsets": [8, 16]}}, 24), "overlaps"),
        (_file({"a": A, "b": B | {"data_offsets": [20, 28]}}, 28), "leaves a gap"),
        (_file({"a": A}, 24), "accounts for"),
        (_file({"a": A}, 8), "accounts for"),
        (_file({"a": 1}, 0), "by no object"),
        (_file({"__metadata__": {"a": 1}}, 0), "no texts"),
        (_file({"__metadata__": []}, 0), "no object"),
        (
            _file(rb'{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0),
            "name is no text",
        ),
        (_file(b'{"a":NaN}', 0), "is not JSON"),
    ],
)
def test_a_header_that_lies(offer: Any, data: bytes, said: str) -> None:
    offer.write("adapter/adapter_model.safetensors", data)
    found = offer.findings()
    assert found["safetensors"].verdict == "failed"
    assert said in found["safetensors"].said
    assert found["safetensors"].where == "adapter/adapter_model.safetensors"
    assert found["adapter"].verdict == "failed"
    assert found["numbers"].verdict == "not_asked"


_NUMBERS = st.sampled_from([-1, 0, 1, 2, 4, 8, 16, 24, 2**40, 2**64, 1.0, True, "4", None])
_ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F16", "BF16", "U8", "BOOL", "F4", "I64", "F31", 7]),
        "shape": st.lists(_NUMBERS, max_size=3),
        "data_offsets": st.lists(_NUMBERS, min_size=1, max_size=3),
    }
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["a", "b", "__metadata__"]), _ENTRY | st.just({})),
    size=st.sampled_from([0, 8, 16, 24]),
)
def test_what_passes_here_the_library_opens(tmp_path: Any, header: Any, size: int) -> None:
    data = _file(header, size)
    (tmp_path / "x.safetensors").write_bytes(data)
    tree = scan(tmp_path, 10)
    try:
        found = read_header(tree, tree.entries[0])
    except Unreadable:
        return
    try:
        opened = dict(deserialize(data))
    except SafetensorError as fault:
        pytest.fail(f"the library refuses {header}: {fault}")
    assert {each.name for each in found.tensors} == set(opened)
