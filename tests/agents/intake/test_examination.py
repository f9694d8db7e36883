"""Honest contributions pass; whatever lies in a folder, every check ends with a finding."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import CHECKS, Limits, digests_of, examine, fingerprint

ROOT = Path(__file__).parents[3]
CLERK = ROOT / "pool/weights/smollm2-clerk"


def test_an_honest_contribution_passes(offer: Any) -> None:
    found = offer.findings()
    verdicts = {name: each.verdict for name, each in found.items()}
    assert {name for name, each in verdicts.items() if each == "passed"} == set(CHECKS) - {
        "template",
        "duplicate",
    }
    assert verdicts["template"] == verdicts["duplicate"] == "not_asked"
    assert all(each.evidence for name, each in found.items() if verdicts[name] == "passed")


def test_the_packaged_clerk_passes(offer: Any) -> None:
    shutil.rmtree(offer.folder / "adapter")
    shutil.copytree(CLERK, offer.folder / "adapter")
    offer.declare(licence="CC-BY-SA-4.0", data=[{"name": "PERSPECTRUM", "licence": "CC-BY-SA-4.0"}])
    offer.pin()
    found = offer.findings(seated=(offer.seat(),))
    assert found["duplicate"].verdict == "failed"
    assert {each.verdict for name, each in found.items() if name != "duplicate"} == {
        "passed",
        "not_asked",
    }
    assert found["adapter"].evidence["layers"] == 140


def test_a_bare_base_with_a_perspective_passes(offer: Any) -> None:
    shutil.rmtree(offer.folder / "adapter")
    offer.declare(adapter=None, data=None, digests=None)
    verdicts = {each.verdict for each in offer.findings().values()}
    assert verdicts == {"passed", "not_asked"}


def test_a_folder_that_is_gone_is_a_finding(offer: Any) -> None:
    offered = read_contribution(offer.folder)
    shutil.rmtree(offer.folder)
    found = {each.check: each for each in examine(offered)}
    assert found["folder"].verdict == found["adapter"].verdict == "failed"
    assert digests_of(offered).plain() == {}
    assert fingerprint(offered) is None


def test_the_package_refuses_to_be_imported_by_its_folder_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import agents.intake"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "not the folder it lives in" in done.stderr or "not its folder" in done.stderr


_FILES = (
    "adapter/adapter_config.json",
    "adapter/adapter_model.safetensors",
    "adapter/tokenizer_config.json",
    "adapter/tokenizer.json",
    "chat_template.jinja",
    "README.md",
    "notes.bin",
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_CONFIGS = st.dictionaries(
    st.sampled_from(
        [
            "r",
            "peft_type",
            "lora_alpha",
            "rank_pattern",
            "alpha_pattern",
            "bias",
            "modules_to_save",
            "task_type",
            "base_model_name_or_path",
            "chat_template",
            "auto_map",
            "target_parameters",
            "init_lora_weights",
        ]
    ),
    _JSON,
    max_size=6,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(_FILES), data=st.binary(max_size=400))
def test_no_bytes_of_any_file_raise(offer: Any, file: str, data: bytes) -> None:
    _spoilt(offer, file, data)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(_FILES[:4]), fields=_CONFIGS)
def test_no_json_of_any_file_raises(offer: Any, file: str, fields: dict[str, Any]) -> None:
    _spoilt(offer, file, json.dumps(fields).encode())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 400), bits=st.integers(1, 255))
def test_no_changed_byte_of_the_weights_raises(offer: Any, at: int, bits: int) -> None:
    data = bytearray((offer.folder / _FILES[1]).read_bytes())
    data[at] ^= bits
    _spoilt(offer, _FILES[1], bytes(data))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text("{}%# \nabmessgortin_.[]'\"0|-+*~()=<", max_size=60))
def test_no_template_raises(offer: Any, text: str) -> None:
    _spoilt(offer, "chat_template.jinja", text.encode())


def _spoilt(offer: Any, file: str, data: bytes) -> None:
    path = offer.folder / file
    before = path.read_bytes() if path.exists() else None
    offer.write(file, data)
    try:
        offer.findings(seated=(offer.seat(),))
    finally:
        path.unlink() if before is None else path.write_bytes(before)


@pytest.mark.parametrize("limits", [Limits(files=1), Limits(bytes=1), Limits(rank=1)])
def test_limits_are_held(offer: Any, limits: Limits) -> None:
    found = offer.findings(limits)
    name = "adapter" if limits.rank == 1 else "folder"
    assert found[name].verdict == "failed"
    assert found[name].threshold
