"""From a model's name to the files it is made of: a packaged model, a folder, or the hub."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool.engine import OnProgress
from folkmoot.pool.models import hub, packaged
from folkmoot.pool.models.adapter import check_fit, read_adapter
from folkmoot.pool.models.digests import weights_digest
from folkmoot.pool.placement.placed import Source
from folkmoot.records import ModelRef, PoolError

PACKAGED = {
    "smollm2": "smollm2-perspective",
    "smollm2-clerk": "smollm2-clerk",
    "smollm2-clerk-permissive": "smollm2-clerk-permissive",
    "smollm2-base": None,
}
"""Packaged names, each with the adapter it is served with."""

ALIASES = dict.fromkeys(PACKAGED, packaged.HUB_ID)
"""Packaged name → the hub id of its base, as trainers write it into an adapter."""

_KNOWN = f"known here: {', '.join(PACKAGED)} (packaged), any folder, any hub id such as org/name"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_SHIPPED = Path(__file__).parents[1] / "weights"
"""The adapters that come with Folkmoot."""


class Located(NamedTuple):
    """Files that a model is made of, all of them on this machine."""

    folder: Path
    """Configuration, tokeniser and safetensors."""
    source: str
    """`packaged`, `folder` or `hub`."""
    revision: str | None
    """The hub's."""
    adapter: Path | None
    """A LoRA adapter in the peft layout, to be merged into the weights or served beside them."""


class Resolved(NamedTuple):
    """Files that a model is loaded from, and what pins them."""

    folder: Path
    adapter: Path | None
    reference: ModelRef


def home() -> Path:
    """Where Folkmoot keeps what it makes: `$FOLKMOOT_HOME`, else `~/.cache/folkmoot`."""
    return Path(os.environ.get("FOLKMOOT_HOME") or "~/.cache/folkmoot").expanduser()


def resolvable(name: str) -> bool:
    """Whether a name can stand for a model, as far as one can say without a network."""
    return name in PACKAGED or _folder(name) is not None or bool(_HUB_ID.fullmatch(name))


def locate(
    source: str | Source, on_progress: OnProgress | None = None, outline: bool = False
) -> Located:
    """Find a model's files, fetching or converting them if need be. Blocks.

    A packaged name together with an adapter stands for its base alone, with that adapter.

    Args:
        source: where the model comes from.
        on_progress: hears what takes long.
        outline: whether a base that the hub has need not be fetched: its configuration will do.

    Raises:
        PoolError: there is no such model or adapter, or it holds no safetensors.
    """
    base, wanted = Source.of(source).base, Source.of(source).adapter
    adapter = None if wanted is None else _adapter(wanted, on_progress)
    if base in PACKAGED:
        shipped = PACKAGED[base]
        if shipped and adapter is None:
            adapter = _SHIPPED / shipped
            if not _has_weights(adapter):
                raise PoolError(
                    f"the adapter {shipped!r} of {base!r} is missing from this installation",
                    "install folkmoot again",
                )
        return Located(*packaged.smollm2(home(), on_progress), adapter)
    folder = _folder(base)
    if folder is not None:
        return _whole(Located(folder, "folder", None, adapter))
    if _HUB_ID.fullmatch(base):
        if outline:
            return Located(*_outline(base), adapter)
        found, revision = hub.fetch(base, on_progress)
        return _whole(Located(found, "hub", revision, adapter))
    raise PoolError(f"unknown model {base!r}", _KNOWN, base)


def resolve(
    source: str | Source, on_progress: OnProgress | None = None, name: str | None = None
) -> Resolved:
    """Find a model's files, see that they fit each other, and pin them. Blocks.

    Args:
        source: where the model comes from.
        on_progress: hears what takes long.
        name: what it is called; None for the name of its base.

    Raises:
        PoolError: as for `locate`; or the adapter does not fit the base.
    """
    wanted = Source.of(source)
    found = locate(wanted, on_progress)
    called = name or wanted.base
    if found.adapter is not None and wanted.adapter is not None:
        check_fit(called, found.adapter, found.folder)
    reference = ModelRef(
        name=called,
        source=found.source,
        revision=found.revision,
        weights_sha256=weights_digest(found.folder, home()),
        adapter_sha256=weights_digest(found.adapter, home()) if found.adapter else None,
    )
    return Resolved(found.folder, found.adapter, reference)


def _outline(name: str) -> tuple[Path, str, str]:
    folder, revision = hub.fetch(name, None, hub.OUTLINE)
    return folder, "hub", revision


def _whole(found: Located) -> Located:
    if not (found.folder / "config.json").is_file() or not _has_weights(found.folder):
        raise PoolError(
            f"no model in {str(found.folder)!r}: it needs config.json and *.safetensors",
            "pickled weights are never loaded: save the model with save_pretrained",
        )
    return found


def _adapter(name: str, on_progress: OnProgress | None) -> Path:
    folder = _folder(name)
    if folder is None:
        if not _HUB_ID.fullmatch(name):
            raise PoolError(
                f"unknown adapter {name!r}", "an adapter is a folder or a hub id such as org/name"
            )
        folder, _ = hub.fetch(name, on_progress)
    read_adapter(folder)
    return folder


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _folder(name: str) -> Path | None:
    folder = Path(name).expanduser()
    return folder.resolve() if name and folder.is_dir() else None
