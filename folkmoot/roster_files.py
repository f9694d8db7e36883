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


def panel_file(members: Sequence[Member], shadows: Sequence[Member] = ()) -> str:
    """A panel file in which every member has a seat under its own name and perspective.

    Args:
        members: who is seated.
        shadows: who is on probation, and asked beside runs.
    """
    panel = {"agents": [_seat(each) for each in members]}
    beside = {"shadows": [_seat(each) for each in shadows]} if shadows else {}
    return _yaml({**panel, **beside})


def pool_file(
    members: Sequence[Member], folder: Path, engine: Engine, shadows: Sequence[Member] = ()
) -> str:
    """A pool file that answers for them.

    Those on probation have an engine of their own, which is started when they are asked: what is wrong
    with their files cannot keep the panel's engine from starting.

    Args:
        members: who is seated.
        folder: where the file will stand: adapters' paths count from there.
        engine: what is to answer.
        shadows: who is on probation.
    """
    seated, beside = ({each.name: _model(each, folder) for each in of} for of in (members, shadows))
    if engine == "placed":
        return _yaml({"models": {**seated, **beside}})
    engines: list[dict[str, Any]] = [{"kind": engine, "models": seated}]
    if beside:
        engines.append({"kind": engine, "name": "probation", "models": beside})
    return _yaml({"engines": engines})


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
