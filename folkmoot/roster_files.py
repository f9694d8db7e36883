"""From a roster to the files that seat it: a panel of its contributions, and a pool that answers for them."""

import os
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from folkmoot.agents.roster import Member

Engine = Literal["embedded", "vllm", "placed"]
"""embedded: in this process. vllm: a server that the pool starts. placed: worked out from the machines."""


def panel_file(members: Sequence[Member]) -> str:
    """A panel file in which every member has a seat under its own name and perspective."""
    return _yaml({"agents": [_seat(each) for each in members]})


def pool_file(members: Sequence[Member], folder: Path, engine: Engine) -> str:
    """A pool file that answers for them.

    Args:
        members: who is seated.
        folder: where the file will stand: adapters' paths count from there.
        engine: what is to answer.
    """
    models = {each.name: _model(each, folder) for each in members}
    if engine == "placed":
        return _yaml({"models": models})
    return _yaml({"engines": [{"kind": engine, "models": models}]})


def _seat(member: Member) -> dict[str, Any]:
    file = member.file
    perspective = {
        "statement": file.perspective.statement,
        "values": dict(file.perspective.values),
        "red_lines": list(file.perspective.red_lines),
    }
    fields: dict[str, Any] = {
        "name": file.name,
        "model": file.name,
        "perspective": {name: value for name, value in perspective.items() if value},
        "contributor": file.contributor,
        "licence": file.licence,
        "priorities": list(file.priorities),
    }
    return {name: value for name, value in fields.items() if value}


def _model(member: Member, folder: Path) -> Mapping[str, str] | str:
    file, here = member.file, member.offered.folder
    base = _below(here / file.base, folder) if (here / file.base).is_dir() else file.base
    if file.adapter is None:
        return base
    return {"base": base, "adapter": _below(here / file.adapter, folder)}


def _below(path: Path, folder: Path) -> str:
    return os.path.relpath(path.resolve(), folder.resolve())


def _yaml(data: Any) -> str:
    yaml: Any = YAML()
    yaml.width = 100
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()
