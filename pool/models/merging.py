"""A model and its LoRA adapter as one folder, for engines that are slow to apply adapters."""

import importlib
import importlib.util
import shutil
from pathlib import Path
from typing import Any

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.pool.models.quiet import quiet
from folkmoot.pool.models.resolve import Located, Resolved
from folkmoot.pool.models.torch_import import import_torch, import_transformers
from folkmoot.pool.models.whole_folder import whole_folder
from folkmoot.records import PoolError

_LARGEST = 2 * 2**30
"""Bytes of weights up to which a merged copy is worth its room on disk."""


def mergeable(files: Resolved | Located) -> bool:
    """Whether a merged copy can be made: peft is installed, and the weights are small."""
    weights = sum(file.stat().st_size for file in files.folder.glob("*.safetensors"))
    return (
        files.adapter is not None
        and weights <= _LARGEST
        and importlib.util.find_spec("peft") is not None
    )


def merged(files: Resolved, home: Path, on_progress: OnProgress | None = None) -> Path:
    """The folder of the model with its adapter in its weights, in float32. Made once. Blocks.

    In float32 since bfloat16 would round off much of a small adapter.

    Raises:
        PoolError: it cannot be written.
    """
    folder = merged_folder(files, home)
    if (folder / "config.json").is_file():
        return folder
    if on_progress is not None:
        on_progress(Progress(f"merging {files.reference.name} with its adapter, once"))
    try:
        _merge(files, folder)
    except OSError as fault:
        raise PoolError(
            f"cannot write the merged model to {str(folder)!r}: {fault.strerror or fault}",
            "set FOLKMOOT_HOME to a folder with room for twice the model's size",
        ) from fault
    return folder


def merged_folder(files: Resolved, home: Path) -> Path:
    """Where `merged` puts it."""
    pins = (files.reference.weights_sha256 or "", files.reference.adapter_sha256 or "")
    return home / "merged" / "-".join(pin[:16] for pin in pins)


def _merge(files: Resolved, folder: Path) -> None:
    torch, transformers = import_torch(), import_transformers()
    peft: Any = importlib.import_module("peft")
    with whole_folder(folder, "config.json") as part:
        for file in files.folder.iterdir():
            if file.is_file() and ".safetensors" not in file.name:
                shutil.copy(file, part)
        with quiet():
            model = transformers.AutoModelForCausalLM.from_pretrained(
                files.folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False
            )
            model = peft.PeftModel.from_pretrained(model, str(files.adapter)).merge_and_unload()
            model.save_pretrained(part)
