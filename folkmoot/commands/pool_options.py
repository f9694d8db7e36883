"""What the commands of `folkmoot pool` share."""

from pathlib import Path
from typing import Annotated

import typer

PoolPath = Annotated[
    Path, typer.Argument(help="The pool file.", metavar="POOL.YAML", show_default=True)
]
POOL_FILE = Path("pool.yaml")
"""The pool file where none is named, as `folkmoot init` makes it."""
