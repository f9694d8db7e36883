"""Pins that hold, that are missing, and that no longer fit."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import digests_of
from folkmoot.records import canonical, text_digest

TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_swapped_adapter_fails(offer: Any, matrices: Any) -> None:
    before = read_contribution(offer.folder).file.digests.adapter
    offer.adapter(matrices(seed=1))
    after = digests_of(read_contribution(offer.folder)).adapter
    assert before
    assert after
    found = offer.findings()["digests"]
    assert found.verdict == "failed"
    assert before[:12] in found.said
    assert after[:12] in found.said
    assert found.where.startswith("contribution.yaml:")


def test_a_missing_pin_gives_the_line(offer: Any) -> None:
    offer.declare(digests=None)
    found = offer.findings()["digests"]
    config = (offer.folder / "adapter/adapter_config.json").read_bytes()
    weights = (offer.folder / "adapter/adapter_model.safetensors").read_bytes()
    assert found.verdict == "failed"
    assert f"`  adapter: {_sha(weights)}`" in found.mend
    assert f"`  adapter_config: {_sha(config)}`" in found.mend


def test_a_pin_without_its_file(offer: Any) -> None:
    offer.declare(digests=offer.fields["digests"] | {"tokenizer": "0" * 64})
    assert (
        "`tokenizer` pins 000000000000, and there is no such file"
        in offer.findings()["digests"].said
    )


@pytest.mark.parametrize("place", ["chat_template.jinja", "adapter/chat_template.jinja"])
def test_the_template_of_a_file(offer: Any, place: str) -> None:
    offer.write(place, TEMPLATE)
    assert "is not pinned" in offer.findings()["digests"].said
    offer.pin()
    assert offer.fields["digests"]["chat_template"] == text_digest(TEMPLATE)
    assert offer.findings()["digests"].verdict == "passed"


def test_the_template_and_the_tokenizer_of_a_tokenizer(offer: Any) -> None:
    offer.write("adapter/tokenizer_config.json", json.dumps({"chat_template": TEMPLATE}))
    offer.write("adapter/tokenizer.json", "{}")
    offer.pin()
    assert offer.fields["digests"]["chat_template"] == text_digest(TEMPLATE)
    assert offer.fields["digests"]["tokenizer"] == _sha(b"{}")


def test_two_templates_that_differ(offer: Any) -> None:
    offer.write("adapter/chat_template.jinja", TEMPLATE)
    offer.write("tokenizer_config.json", json.dumps({"chat_template": TEMPLATE}))
    offer.pin()
    assert offer.findings()["digests"].verdict == "passed"
    offer.write("tokenizer_config.json", json.dumps({"chat_template": TEMPLATE + " "}))
    assert "two of one kind and they differ" in offer.findings()["digests"].said


def test_a_base_in_the_folder(offer: Any) -> None:
    (offer.folder / "model").mkdir()
    offer.declare(base="model")
    save_file({"a": np.ones(3, np.float32)}, offer.folder / "model/model-1.safetensors")
    one = (offer.folder / "model/model-1.safetensors").read_bytes()
    offer.pin()
    assert offer.fields["digests"]["weights"] == _sha(one)
    save_file({"b": np.ones(4, np.float32)}, offer.folder / "model/model-2.safetensors")
    two = (offer.folder / "model/model-2.safetensors").read_bytes()
    offer.pin()
    parts = {"model-1.safetensors": _sha(one), "model-2.safetensors": _sha(two)}
    assert offer.fields["digests"]["weights"] == text_digest(canonical(parts).decode())
    assert offer.findings()["digests"].verdict == "passed"


def test_weights_that_no_digest_covers(offer: Any) -> None:
    (offer.folder / "spare").mkdir()
    save_file({"a": np.ones(3, np.float32)}, offer.folder / "spare/model.safetensors")
    found = offer.findings()["digests"]
    assert (found.verdict, found.where) == ("warned", "spare/model.safetensors")
