"""The command line of a vLLM server, and what is read from its log."""

import json
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from folkmoot.pool.vllm.child import Child, Serving, command, environment
from folkmoot.records import PoolError

SERVING = Serving(
    folder=Path("/models/base"),
    names=("nurse",),
    adapters={},
    port=8001,
    window=None,
    version=(0, 32),
    gpu=False,
    dtype="auto",
    flags=(),
)

LOG = """\
INFO 11-22 11:25:08 [api_utils.py:347] version 0.32.0
(EngineCore pid=68) INFO 11-22 11:25:39 [core.py:133] Initializing a V1 LLM engine (v0.32.0)
(Worker pid=69) INFO 11-22 11:25:53 [cpu_model_runner.py:68] Starting to load model /models/base
(EngineCore pid=68) ERROR 11-22 11:25:54 [core.py:99] Traceback (most recent call last):
(EngineCore pid=68) ERROR 11-22 11:25:54 [core.py:99] ValueError: no safetensors here
RuntimeError: Engine core initialization failed. See root cause above.
"""


def pairs(line: list[str]) -> dict[str, str]:
    return dict(pairwise(line))


def test_a_cpu_server_is_safe_for_seeds_and_stays_on_this_machine():
    line = command(SERVING)
    assert {"--enforce-eager", "--no-enable-chunked-prefill", "--enable-scale-out"} <= set(line)
    said = pairs(line)
    assert (said["--host"], said["--port"]) == ("127.0.0.1", "8001")
    assert (said["--model"], said["--served-model-name"]) == ("/models/base", "nurse")
    assert "--max-model-len" not in line
    assert "--enable-lora" not in line
    assert "--trust-remote-code" not in line


def test_a_gpu_server_keeps_what_a_cpu_must_do_without():
    line = command(SERVING._replace(gpu=True, window=2048, version=(0, 26)))
    assert not {"--enforce-eager", "--no-enable-chunked-prefill"} & set(line)
    assert "--enable-scale-out" not in line, "0.26 does not know it"
    assert pairs(line)["--max-model-len"] == "2048"


def test_the_users_flags_come_last_and_win():
    assert command(SERVING._replace(flags=("--max-num-seqs", "8")))[-2:] == ["--max-num-seqs", "8"]


def adapter(folder: Path, rank: int, *layers: str, **config: object) -> Path:
    """An adapter in the peft layout, of zeros."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank} | config))
    tensors = {}
    for layer in layers:
        name = f"base_model.model.model.layers.0.{layer}"
        tensors[f"{name}.lora_A.weight"] = torch.zeros(rank, 8)
        tensors[f"{name}.lora_B.weight"] = torch.zeros(8, rank)
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder


def after(line: list[str], flag: str) -> list[str]:
    """What follows a flag, up to the next."""
    rest = line[line.index(flag) + 1 :]
    return rest[: next((at for at, word in enumerate(rest) if word.startswith("--")), None)]


def test_adapters_are_served_by_name_with_room_for_the_largest(tmp_path: Path):
    nurse = adapter(tmp_path / "nurse", 4, "self_attn.q_proj")
    poet = adapter(tmp_path / "poet", 8, "mlp.up_proj", rank_pattern={"up_proj": 20})
    adapters = {"nurse": nurse, "org=poet": poet}
    line = command(SERVING._replace(adapters=adapters))
    assert pairs(line)["--max-lora-rank"] == "32", "a layer may have a rank of its own"
    assert pairs(line)["--max-loras"] == "3", "on a CPU the last slot stays empty"
    assert pairs(command(SERVING._replace(adapters=adapters, gpu=True)))["--max-loras"] == "2"
    assert [json.loads(each)["name"] for each in after(line, "--lora-modules")] == list(adapters)
    assert after(line, "--lora-target-modules") == ["q_proj", "up_proj"]
    older = command(SERVING._replace(adapters=adapters, version=(0, 31)))
    assert "--lora-target-modules" not in older
    (tmp_path / "nurse" / "adapter_config.json").write_text("{}")
    with pytest.raises(PoolError, match="no LoRA adapter"):
        command(SERVING._replace(adapters=adapters))


def test_experts_are_not_named(tmp_path: Path):
    moe = adapter(tmp_path / "moe", 4, "mlp.experts.3.up_proj", "self_attn.q_proj")
    assert "--lora-target-modules" not in command(SERVING._replace(adapters={"moe": moe}))


def test_the_server_is_kept_off_the_network():
    env = environment(gpu=False, kv_cache_gib=3)
    assert (env["HF_HUB_OFFLINE"], env["VLLM_CPU_KVCACHE_SPACE"]) == ("1", "3")
    assert env["PATH"] == os.environ["PATH"]
    assert "VLLM_CPU_KVCACHE_SPACE" not in environment(gpu=True, kv_cache_gib=3) or (
        "VLLM_CPU_KVCACHE_SPACE" in os.environ
    )


def test_a_server_sees_the_gpus_it_was_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert environment(True, 2, (1, 3))["CUDA_VISIBLE_DEVICES"] == "1,3"
    assert "CUDA_VISIBLE_DEVICES" not in environment(True, 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    assert environment(True, 2, (1,))["CUDA_VISIBLE_DEVICES"] == "6", "counted as this process does"
    assert environment(True, 2)["CUDA_VISIBLE_DEVICES"] == "4,6"


def wrote(tmp_path: Path, text: str) -> Child:
    child = Child([sys.executable, "-c", f"print({text!r})"], os.environ, tmp_path / "v.log")
    child._guard.wait(20)
    return child


def test_the_first_error_in_the_log_is_the_cause(tmp_path: Path):
    child = wrote(tmp_path, LOG)
    assert child.fault() == "ValueError: no safetensors here"
    assert child.phase() == "loading weights"
    assert child.ended == 0
    child.stop()


def test_what_follows_the_error_belongs_to_it(tmp_path: Path):
    said = (
        "  File 'x.py', line 121\n    raise ValueError(\n"
        "pydantic_core.ValidationError: 1 validation error for VllmConfig\n"
        "  Value error, invalid literal '0.5'\n    For further information visit a page\n"
    )
    child = wrote(tmp_path, said)
    cause = "ValidationError: 1 validation error for VllmConfig Value error, invalid literal '0.5'"
    assert child.fault() == cause
    child.stop()


def test_only_its_own_part_of_the_log_is_read(tmp_path: Path):
    (tmp_path / "v.log").write_text(LOG)
    child = wrote(tmp_path, "all is well")
    assert child.fault() == "all is well"
    assert child.phase() == "importing vLLM"
    assert (tmp_path / "v.log").read_text().startswith(LOG)
    child.stop()


@pytest.mark.parametrize(("cores", "bound"), [({3, 1}, "1,3"), ({0, 1, 2, 3}, None)])
def test_on_two_cores_both_compute(
    monkeypatch: pytest.MonkeyPatch, cores: set[int], bound: str | None
):
    monkeypatch.delenv("VLLM_CPU_OMP_THREADS_BIND", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    assert environment(gpu=False, kv_cache_gib=1).get("VLLM_CPU_OMP_THREADS_BIND") == bound
    assert "VLLM_CPU_OMP_THREADS_BIND" not in environment(gpu=True, kv_cache_gib=1)
    monkeypatch.setenv("VLLM_CPU_OMP_THREADS_BIND", "nobind")
    assert environment(gpu=False, kv_cache_gib=1)["VLLM_CPU_OMP_THREADS_BIND"] == "nobind"
