"""SHA-256 of a model's weights, computed once for as long as the files do not change."""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from folkmoot.records import canonical, text_digest


def weights_digest(folder: Path, home: Path) -> str:
    """The SHA-256 that pins a folder's safetensors.

    Of one file it is the file's own; of several, that of the canonical JSON of `{name: sha256}`.

    Args:
        folder: holds at least one safetensors file.
        home: where computed digests are kept. One that cannot be written costs time, nothing else.
    """
    kept = home / "digests" / f"{text_digest(str(folder.resolve()))[:24]}.json"
    known = _read(kept)
    found: dict[str, list[int | str]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        stat = file.stat()
        seen = [stat.st_size, stat.st_mtime_ns]
        before = known.get(file.name, [])
        same = len(before) == 3 and before[:2] == seen
        found[file.name] = [*seen, before[2] if same else _file_digest(file)]
    if found != known:
        with contextlib.suppress(OSError):
            _write(kept, found)
    digests = {name: str(facts[2]) for name, facts in found.items()}
    return next(iter(digests.values())) if len(digests) == 1 else text_digest(_plain(digests))


def _plain(digests: dict[str, str]) -> str:
    return canonical(digests).decode()


def _file_digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(kept: Path) -> dict[str, list[int | str]]:
    try:
        return json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _write(kept: Path, found: dict[str, list[int | str]]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    os.replace(name, kept)
