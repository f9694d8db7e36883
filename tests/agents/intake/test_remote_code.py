"""Code, and fields that ask a loader for code."""

import json
from typing import Any

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "modeling.py",
        "a.so",
        "b.pyd",
        "c.sh",
        "libx.so.1",
        "d.dll",
        "e.exe",
        "f.ipynb",
        "g.PY",
        "h.pyc",
    ],
)
def test_code_by_its_name(offer: Any, name: str) -> None:
    offer.write(name, "")
    found = offer.findings()["remote-code"]
    assert (found.verdict, found.where) == ("failed", name)


@pytest.mark.parametrize("start", [b"#!/bin/true\n", b"\x7fELF", b"MZ\x90\x00", b"\xa7\r\r\n"])
def test_code_by_its_first_bytes(offer: Any, start: bytes) -> None:
    offer.write("notes.txt", start)
    assert "begins like a program" in offer.findings()["remote-code"].said


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_map": {"AutoModel": "modeling.Model"}},
        {"a": [{"b": {"auto_map": {"AutoConfig": "x.Y"}}}]},
        {"trust_remote_code": True},
        {"custom_pipelines": {"text": {"impl": "p.P"}}},
        {"tokenizer_class": "somebody/repo--tokenization.Own"},
        {"tokenizer_class": "tokenization.Own"},
        {"attn_implementation": "somebody/kernel"},
        {"parent_library": "os"},
        {"auto_mapping": {"base_model_class": "X", "parent_library": "antigravity"}},
        {"megatron_core": "antigravity"},
    ],
)
def test_fields_that_ask_for_code(offer: Any, fields: dict[str, Any]) -> None:
    offer.write("adapter/config.json", json.dumps(fields))
    found = offer.findings()["remote-code"]
    assert (found.verdict, found.where) == ("failed", "adapter/config.json")


@pytest.mark.parametrize(
    "text",
    [
        r'{"auto\u005fmap": {"AutoModel": "x.Y"}}',
        '{"auto_map": {"AutoModel": "x.Y"}, "auto_map": null}',
        '{"auto_map"  \n :  {"AutoModel": "x.Y"}}',
        r'{"a": "quote \" brace }", "auto_map": {"AutoModel": "x.Y"}}',
        "[" * 5000 + '{"auto_map": 1}' + "]" * 5000,
    ],
)
def test_no_spelling_hides_a_field(offer: Any, text: str) -> None:
    offer.write("config.json", text)
    assert "auto_map" in offer.findings()["remote-code"].said


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_map": None, "trust_remote_code": False, "custom_pipelines": {}},
        {"tokenizer_class": "PreTrainedTokenizerFast", "attn_implementation": "sdpa"},
        {"auto_mapping": {"parent_library": "transformers.models.llama.modeling_llama"}},
        {"note": "auto_map", "list": ["trust_remote_code", "auto_map"]},
    ],
)
def test_fields_that_ask_for_nothing(offer: Any, fields: dict[str, Any]) -> None:
    offer.write("config.json", json.dumps(fields))
    assert offer.findings()["remote-code"].verdict == "passed"


def test_a_long_text_is_looked_through_to_its_end(offer: Any) -> None:
    vocabulary = ",".join(f'"{number}\\"": {number}' for number in range(200_000))
    offer.write("tokenizer.json", "{" + vocabulary + ', "auto_map": {"x": "y.Z"}}')
    assert "auto_map" in offer.findings()["remote-code"].said


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' * 500_001, '{"a"' + " " * 500_000])
def test_no_text_takes_long(offer: Any, text: str) -> None:
    offer.write("config.json", text)
    assert offer.findings()["remote-code"].verdict == "passed"


def test_a_list_of_modules_to_import(offer: Any) -> None:
    offer.write("modules.json", '[{"type": "sentence_transformers.models.Transformer"}]')
    assert offer.findings()["remote-code"].verdict == "failed"
