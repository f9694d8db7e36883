"""What this machine has: GPUs with their memory, memory, cores. Nothing heavy is imported for it."""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool.models.torch_import import import_torch
from folkmoot.pool.vllm.install import runs_on_gpu, vllm_version

_MIB = 2**20

_PATIENCE_S = 30
_MEMORY = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_PROCESSOR = Path("/proc/cpuinfo")
_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""What processors call it that compute in bfloat16 themselves."""


class Memory(NamedTuple):
    """Bytes there are, and bytes that nobody uses."""

    total: int
    free: int


class Hardware(NamedTuple):
    """What a machine can give to servers."""

    gpus: tuple[Memory, ...]
    """As CUDA counts them. () where the installed vLLM computes on the CPU."""
    memory: Memory
    cores: int


def look() -> Hardware:
    """What this machine has. Blocks, for up to some seconds."""
    on_gpu = vllm_version() is None or runs_on_gpu()
    return Hardware(_gpus() if on_gpu else (), _memory(), len(os.sched_getaffinity(0)))


def computes_in_bfloat16() -> bool:
    """Whether the processor has instructions for it; without them float32 is faster."""
    try:
        words = set(_PROCESSOR.read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(words & _BF16)


def is_here(host: str) -> bool:
    """Whether an address is this machine's own: only then can a server listen on it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True


def _gpus() -> tuple[Memory, ...]:
    command = shutil.which("nvidia-smi")
    if command is None:
        return _gpus_by_torch()
    query = [command, "--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _visible(_listed(said.stdout)) if said.returncode == 0 else ()


def _listed(said: str) -> tuple[Memory, ...]:
    """What nvidia-smi says: a line for each GPU, MiB in all and free."""
    found: list[Memory] = []
    for line in said.strip().splitlines():
        with contextlib.suppress(ValueError):  # A GPU in parts says no memory of its own.
            total, free = (int(each) * _MIB for each in line.split(","))
            found.append(Memory(total, free))
    return tuple(found)


def _visible(gpus: tuple[Memory, ...]) -> tuple[Memory, ...]:
    """Those that CUDA_VISIBLE_DEVICES leaves, in its order."""
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return gpus
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if not all(name.isdigit() for name in names):
        return _gpus_by_torch()
    return tuple(gpus[int(name)] for name in names if int(name) < len(gpus))


def _gpus_by_torch() -> tuple[Memory, ...]:
    """Where there is no nvidia-smi, or GPUs are chosen by other names than numbers."""
    try:
        cuda = import_torch().cuda
    except ImportError:
        return ()
    if not cuda.is_available():
        return ()
    pairs = (cuda.mem_get_info(at) for at in range(cuda.device_count()))
    return tuple(Memory(total, free) for free, total in pairs)


def _memory() -> Memory:
    """The machine's, or less where this process may not use all of it."""
    said: dict[str, int] = {}
    for line in _MEMORY.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        said[name] = int(value.split()[0]) * 1024
    total, free = said["MemTotal"], said["MemAvailable"]
    with contextlib.suppress(OSError, ValueError):  # "max", or no such group
        limit = int((_GROUP / "memory.max").read_text(encoding="utf-8"))
        used = int((_GROUP / "memory.current").read_text(encoding="utf-8"))
        total, free = min(total, limit), min(free, max(limit - used, 0))
    return Memory(total, free)
