"""Writing digests into a contribution's file, everything else in it left as it is."""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from folkmoot.agents.contribution_file import Digests


def pin(path: Path, digests: Digests) -> None:
    """Write the digests into a `contribution.yaml`; comments and order stay.

    Args:
        path: the file, which is a valid one.
        digests: what its folder is made of; what is None is left out.
    """
    yaml: Any = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1000
    data = yaml.load(path.read_text(encoding="utf-8"))
    data["digests"] = digests.model_dump(exclude_none=True)
    text = StringIO()
    yaml.dump(data, text)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(path)
