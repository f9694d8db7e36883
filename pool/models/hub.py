"""Fetching a model from the Hugging Face hub, with two seconds' patience for it to answer."""

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.records import PoolError

PATIENCE_S = 2.0

_FILES = (
    "*.safetensors",
    "*.safetensors.index.json",
    "*.json",
    "*.jinja",
    "tokenizer.model",
    "*.txt",
)


OUTLINE = ("config.json", "*.safetensors.index.json")
"""What tells how large a model is."""


def fetch(
    name: str, on_progress: OnProgress | None = None, files: Sequence[str] = _FILES
) -> tuple[Path, str]:
    """The folder of a hub model on this machine, and the revision it is at. Blocks.

    Args:
        name: its hub id.
        on_progress: hears what takes long.
        files: patterns of the files that are wanted.

    Where the hub does not answer in time, or `HF_HUB_OFFLINE` is set, what was fetched before is
    taken.

    Raises:
        PoolError: the hub has no such model, or cannot be reached and nothing was fetched before.
    """
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError as fault:
        raise PoolError(
            f"cannot fetch {name!r}: huggingface-hub is missing", "pip install 'folkmoot[local]'"
        ) from fault
    revision, why = None, "HF_HUB_OFFLINE is set"
    if not _offline():
        try:
            revision = _revision(hub, name)
        except hub.errors.RepositoryNotFoundError as fault:
            raise PoolError(f"the hub has no model {name!r}", "check its name", name) from fault
        except Exception as fault:  # whatever its HTTP client raises, there was no answer
            why = f"the hub does not answer ({type(fault).__name__})"
    if on_progress is not None and revision is not None:
        on_progress(Progress(f"fetching {name} from the hub"))
    try:
        folder = hub.snapshot_download(
            name, revision=revision, allow_patterns=list(files), local_files_only=revision is None
        )
    except Exception as fault:
        # A folder with one slash in its name looks like a hub id.
        missing = f", and there is no folder {name!r}" if revision is None else ""
        raise PoolError(
            f"cannot fetch {name!r}: {why if revision is None else fault}{missing}",
            "give a folder, or fetch it where there is a network",
        ) from fault
    return Path(folder), Path(folder).name


def _revision(hub: Any, name: str) -> str | None:
    """The commit the hub has now. The whole answer is bounded: a name that does not resolve may
    hang for minutes, and no timeout of an HTTP client covers that."""
    said: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            said.put(hub.HfApi().model_info(name, timeout=PATIENCE_S))
        except Exception as fault:
            said.put(fault)

    Thread(target=ask, name="folkmoot-hub", daemon=True).start()
    try:
        info = said.get(timeout=PATIENCE_S)
    except Empty:
        raise TimeoutError(f"no answer within {PATIENCE_S:g} s") from None
    if isinstance(info, Exception):
        raise info
    return info.sha


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
