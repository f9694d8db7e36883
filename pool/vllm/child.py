"""A vLLM server as a child process: its command, its log, its end."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from folkmoot.pool.models.adapter import check_served, read_adapter
from folkmoot.pool.placement.sizes import changed_layers, fitting_rank, largest_rank
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.vllm.guard import GRACE_S
from folkmoot.records import PoolError

_GUARD = Path(__file__).with_name("guard.py")
_FEW_CORES = 2

_DENSE = "folkmoot.pool.vllm.cpu_lora.DenseWorker"
"""On a CPU vLLM's own kernels for adapters take several times as long; in its process alone."""

_PHASES = (
    ("Starting vLLM", "opening its port"),
    ("KV cache size", "warming up"),
    ("Starting to load model", "loading weights"),
    ("Initializing a V1 LLM engine", "starting its engine"),
)
"""What is found in its log, the last first, and what it is doing from then on."""

_FAULT = re.compile(
    r"^(?:\([^)]*\) )?(?:\w+ [\d: -]+\[[^]]*\] )?"  # who writes, when, and where in its source
    r"(?:\w+\.)*(\w*(?:Error|Exception)\b.*(?:\n +\S.*)?)$",
    re.M,
)


class Serving(NamedTuple):
    """What a server is to serve, and how."""

    folder: Path
    """The base model."""
    names: tuple[str, ...]
    """What the base model is called."""
    adapters: Mapping[str, Path]
    """Name → LoRA adapter on that base."""
    port: int
    window: int | None
    """Tokens of context; None for the model's own."""
    version: tuple[int, int]
    gpu: bool
    dtype: str
    """As vLLM names it."""
    flags: tuple[str, ...]
    """More arguments, as the user gave them; they come last and win."""
    host: str = LOCAL
    """The address of this machine that it listens on."""


def command(serving: Serving) -> list[str]:
    """The command line of the server."""
    line = [sys.executable, "-P", "-m", "vllm.entrypoints.openai.api_server"]
    line += ["--model", str(serving.folder), "--served-model-name", *serving.names]
    line += ["--host", serving.host, "--port", str(serving.port), "--dtype", serving.dtype]
    line += ["--enable-prefix-caching", "--enable-prompt-tokens-details"]
    line += ["--generation-config", "vllm", "--disable-uvicorn-access-log"]
    if serving.version >= (0, 32):
        # Without it an aborted call's tokens cannot be known.
        line += ["--enable-scale-out", "--enable-per-request-metrics"]
    if serving.window is not None:
        line += ["--max-model-len", str(serving.window)]
    if not serving.gpu:
        # A seed together with chunked prefill kills a CPU engine.
        line += ["--enforce-eager", "--no-enable-chunked-prefill", "--max-num-seqs", "64"]
    return [*line, *_lora(serving), *serving.flags]


def environment(gpu: bool, kv_cache_gib: int, gpus: Sequence[int] = ()) -> dict[str, str]:
    """Environment of the server: the user's own, kept off the network.

    Args:
        gpu: whether it runs on GPUs.
        kv_cache_gib: memory for keys and values, where it does not.
        gpus: which of the GPUs that there are for this process; () for all.
    """
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    if gpu and gpus:
        visible = [name for name in env.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        named = [visible[at] if at < len(visible) else str(at) for at in gpus]
        env["CUDA_VISIBLE_DEVICES"] = ",".join(named)
    if not gpu:
        env["VLLM_CPU_KVCACHE_SPACE"] = str(kv_cache_gib)
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) <= _FEW_CORES:
            # By itself vLLM keeps one core free of computing: of two, that is half of them.
            env.setdefault("VLLM_CPU_OMP_THREADS_BIND", ",".join(map(str, cores)))
    return env


class Child:
    """One run of a server under its guard.

    Args:
        line: the server's command line.
        env: its environment.
        log: where its output goes; it is added to what is there.

    Raises:
        PoolError: the log cannot be written.
    """

    def __init__(self, line: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with _appended(log) as output:
            self._before = output.tell()
            self._guard = subprocess.Popen(
                [sys.executable, "-I", str(_GUARD), *line],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=dict(env),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The guard's process id; the server is its one child."""
        return self._guard.pid

    @property
    def ended(self) -> int | None:
        """The exit status once it has ended, else None."""
        return self._guard.poll()

    def phase(self) -> str:
        """What it is doing while it starts, as its log tells."""
        said = self._said()
        return next((phase for mark, phase in _PHASES if mark in said), "importing vLLM")

    def fault(self) -> str:
        """The first error in its log, else the last line."""
        said = self._said()
        found = _FAULT.search(said)
        lines = said.strip().splitlines() or ["it wrote nothing"]
        return " ".join((found[1] if found else lines[-1]).split())[:300]

    def stop(self) -> None:
        """End it and all it started. Blocks, up to some seconds. Idempotent."""
        assert self._guard.stdin is not None
        with contextlib.suppress(OSError):
            self._guard.stdin.close()
        try:
            self._guard.wait(GRACE_S + 5.0)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()

    def _said(self) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as stream:
            stream.seek(self._before)
            return stream.read().decode(errors="replace")
        return ""


def _lora(serving: Serving) -> list[str]:
    if not serving.adapters:
        return []
    folders = dict.fromkeys(serving.adapters.values())
    adapters = [read_adapter(folder) for folder in folders]
    for name, folder in serving.adapters.items():
        check_served(name, folder)
    modules = [
        json.dumps({"name": name, "path": str(folder)}) for name, folder in serving.adapters.items()
    ]
    # On a CPU what the base model answers beside an adapter gets the adapter of the last slot: slot
    # -1 stands for none, and the kernels there take it for an index. The last one is left empty.
    slots = len(modules) if serving.gpu else len(modules) + 1
    line = ["--enable-lora", "--max-lora-rank", str(fitting_rank(largest_rank(adapters)))]
    line += ["--max-loras", str(slots)]
    changed = changed_layers(adapters)
    if serving.version >= (0, 32) and changed is not None:
        # Without it every layer gets its slots, the vocabulary's among them.
        line += ["--lora-target-modules", *changed]
    if not serving.gpu:
        line += ["--worker-cls", _DENSE]
    return [*line, "--lora-modules", *modules]


def _appended(log: Path) -> IO[bytes]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        output = log.open("ab")
    except OSError as error:
        raise PoolError(
            f"cannot write the server's log {str(log)!r}: {error.strerror}",
            "set FOLKMOOT_HOME to a folder that can be written",
        ) from error
    output.seek(0, 2)
    return output
