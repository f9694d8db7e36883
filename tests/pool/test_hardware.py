"""What this machine has, as its tools say it."""

import os
from pathlib import Path

import pytest

from folkmoot.pool.placement import hardware
from folkmoot.pool.placement.hardware import Memory, is_here, look

MIB = 2**20


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in that says what the file beside it holds."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\ncat "$(dirname "$0")/says"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(hardware, "runs_on_gpu", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path / "says"


def test_gpus_are_as_the_driver_lists_them(nvidia_smi: Path):
    nvidia_smi.write_text("81559, 81000\n24564, 1000\n[N/A], [N/A]\n")
    assert look().gpus == (Memory(81559 * MIB, 81000 * MIB), Memory(24564 * MIB, 1000 * MIB))


def test_only_gpus_that_this_process_may_use_count(nvidia_smi: Path, monkeypatch):
    nvidia_smi.write_text("81559, 81000\n24564, 1000\n")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [gpu.total // MIB for gpu in look().gpus] == [24564]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert look().gpus == ()


def test_a_vllm_for_processors_has_no_gpus(nvidia_smi: Path, monkeypatch):
    nvidia_smi.write_text("81559, 81000\n")
    monkeypatch.setattr(hardware, "vllm_version", lambda: (0, 32))
    monkeypatch.setattr(hardware, "runs_on_gpu", lambda: False)
    assert look().gpus == ()


def test_a_driver_that_fails_means_none(nvidia_smi: Path):
    assert not nvidia_smi.exists(), "so it fails"
    assert look().gpus == ()


def test_memory_is_what_this_process_may_use(tmp_path: Path, monkeypatch):
    found = look()
    assert 0 < found.memory.free <= found.memory.total
    assert found.cores == len(os.sched_getaffinity(0))
    monkeypatch.setattr(hardware, "_GROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("0\n")
    assert look().memory.total == found.memory.total
    (tmp_path / "memory.max").write_text(str(100 * MIB))
    (tmp_path / "memory.current").write_text(str(70 * MIB))
    assert look().memory == Memory(100 * MIB, 30 * MIB)


def test_an_address_is_here_if_a_server_can_listen_on_it():
    assert [is_here(host) for host in ("127.0.0.1", "localhost")] == [True, True]
    assert not is_here("192.0.2.1"), "an address for documentation, nobody's"
    assert not is_here("nowhere.invalid")
