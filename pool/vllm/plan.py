"""What a vLLM server is to serve: files found, precision chosen, adapters merged or beside."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool.engine import OnProgress
from folkmoot.pool.models.merging import mergeable, merged, merged_folder
from folkmoot.pool.models.resolve import Located, Resolved, home, locate, resolve
from folkmoot.pool.placement.hardware import computes_in_bfloat16
from folkmoot.pool.placement.placed import Placed, Source
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.rendering import controls
from folkmoot.pool.vllm.child import Serving
from folkmoot.pool.vllm.install import runs_on_gpu, vllm_version
from folkmoot.records import ModelRef, PoolError


class Plan(NamedTuple):
    """Everything that is known before a server is started."""

    serving: Serving
    references: Mapping[str, ModelRef]
    """What panels call a model → what pins it."""
    controls: tuple[str, ...]
    """Control tokens of its tokeniser."""


def plan(
    name: str,
    sources: Mapping[str, str | Source],
    port: int,
    window: int | None,
    flags: tuple[str, ...],
    on_progress: OnProgress | None = None,
    host: str = LOCAL,
) -> Plan:
    """Find the models and decide how to serve them. Blocks.

    On a CPU vLLM takes several times as long for a token with an adapter beside the model (146 ms
    of processor time against 41, SmolLM2-135M, 16 at once): one adapter alone is merged into a copy
    of a small model. And one without bfloat16 instructions computes in float32 (17 against 41).

    Raises:
        PoolError: a model is not found, or they do not share one base model.
    """
    found = {model: resolve(source, on_progress, model) for model, source in sources.items()}
    if len({files.folder for files in found.values()}) != 1:
        raise PoolError(
            f"engine {name!r} is given {len({files.folder for files in found.values()})} base models",
            "a vLLM server holds one base model and adapters on it: use an engine for each",
        )
    gpu = runs_on_gpu()
    alone = not gpu and _alone(found)
    copy = merged(next(iter(found.values())), home(), on_progress) if alone else None
    made = _serving(name, found, copy, gpu)._replace(
        port=port, window=window, flags=flags, host=host
    )
    pins = {model: files.reference for model, files in found.items()}
    return Plan(made, pins, control_tokens(made.folder))


def preview(placed: Placed, flags: tuple[str, ...]) -> Serving:
    """How a placed server will be started. Nothing is merged, and no weights are fetched. Blocks.

    Args:
        placed: the server.
        flags: as it will be given them.

    Raises:
        PoolError: a model is not found.
    """
    found = {model: locate(source, outline=True) for model, source in placed.models.items()}
    copy = None
    if not placed.gpus and _alone(found):
        copy = merged_folder(resolve(next(iter(placed.models.values()))), home())
    return _serving(placed.name, found, copy, bool(placed.gpus))._replace(
        port=placed.port, window=placed.window, flags=flags, host=placed.host
    )


def _serving(
    name: str, found: Mapping[str, Resolved] | Mapping[str, Located], copy: Path | None, gpu: bool
) -> Serving:
    """How to serve these files; `copy` is where they are merged with their one adapter, if they
    are."""
    adapters = {model: it.adapter for model, it in found.items() if it.adapter and copy is None}
    return Serving(
        folder=copy or next(iter(found.values())).folder,
        names=tuple(model for model in found if model not in adapters) or (f"{name}.base",),
        adapters=adapters,
        port=0,
        window=None,
        version=vllm_version() or (0, 0),
        gpu=gpu,
        dtype="auto" if gpu else "bfloat16" if computes_in_bfloat16() else "float32",
        flags=(),
    )


def control_tokens(folder: Path) -> tuple[str, ...]:
    """The control tokens that a model's tokeniser file declares."""
    try:
        added = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
        return tuple(
            token["content"] for token in added if controls(token["content"], token["special"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _alone(found: Mapping[str, Resolved] | Mapping[str, Located]) -> bool:
    """Whether every model is the same one with the same adapter, and small enough to copy."""
    return len({files.adapter for files in found.values()}) == 1 and all(
        map(mergeable, found.values())
    )
