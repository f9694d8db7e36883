"""What a vLLM server is to serve: files found, precision chosen, adapters merged or beside."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool.engine import OnProgress
from folkmoot.pool.merging import mergeable, merged
from folkmoot.pool.rendering import controls
from folkmoot.pool.resolve import Resolved, home, resolve
from folkmoot.pool.vllm_child import Serving
from folkmoot.pool.vllm_install import runs_on_gpu, vllm_version
from folkmoot.records import ModelRef, PoolError

_PROCESSOR = Path("/proc/cpuinfo")
_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""What processors call it that compute in bfloat16 themselves."""


class Plan(NamedTuple):
    """Everything that is known before a server is started."""

    serving: Serving
    references: Mapping[str, ModelRef]
    """What panels call a model → what pins it."""
    controls: tuple[str, ...]
    """Control tokens of its tokeniser."""


def plan(
    name: str,
    sources: Mapping[str, str],
    port: int,
    window: int | None,
    flags: tuple[str, ...],
    on_progress: OnProgress | None = None,
) -> Plan:
    """Find the models and decide how to serve them. Blocks.

    On a CPU vLLM takes several times as long for a token with an adapter beside the model (146 ms
    of processor time against 41, SmolLM2-135M, 16 at once): one adapter alone is merged into a copy
    of a small model. And one without bfloat16 instructions computes in float32 (17 against 41).

    Raises:
        PoolError: a model is not found, or they do not share one base model.
    """
    found = {model: resolve(source, on_progress) for model, source in sources.items()}
    folders = {files.folder for files in found.values()}
    if len(folders) != 1:
        raise PoolError(
            f"engine {name!r} is given {len(folders)} base models",
            "a vLLM server holds one base model and adapters on it: use an engine for each",
        )
    gpu = runs_on_gpu()
    folder, adapters = folders.pop(), {m: it.adapter for m, it in found.items() if it.adapter}
    if not gpu and _alone(found):
        folder, adapters = merged(next(iter(found.values())), home(), on_progress), {}
    serving = Serving(
        folder=folder,
        names=tuple(model for model in found if model not in adapters) or (f"{name}.base",),
        adapters=adapters,
        port=port,
        window=window,
        version=vllm_version() or (0, 0),
        gpu=gpu,
        dtype="auto" if gpu else "bfloat16" if _computes_in_bfloat16() else "float32",
        flags=flags,
    )
    pins = {
        model: files.reference.model_copy(update={"name": model}) for model, files in found.items()
    }
    return Plan(serving, pins, control_tokens(folder))


def control_tokens(folder: Path) -> tuple[str, ...]:
    """The control tokens that a model's tokeniser file declares."""
    try:
        added = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
        return tuple(
            token["content"] for token in added if controls(token["content"], token["special"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _alone(found: Mapping[str, Resolved]) -> bool:
    """Whether every model is the same one with the same adapter, and small enough to copy."""
    return len({files.adapter for files in found.values()}) == 1 and all(
        map(mergeable, found.values())
    )


def _computes_in_bfloat16() -> bool:
    try:
        words = set(_PROCESSOR.read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(words & _BF16)
