"""`folkmoot protocols`: the named protocols and their parameters."""

import sys

from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.protocols import catalogue
from folkmoot.screen import console, emit, print_json


def protocols(
    json: Json = False,
) -> None:
    """List the protocols and their parameters."""
    entries = catalogue()
    if json:
        print_json({"protocols": [entry._asdict() for entry in entries]})
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for entry in entries:
        table.add_row(Text(entry.name, "bold"), Text(entry.summary))
        for name, default in entry.params.items():
            table.add_row(Text(), Text(f"{name}={default}", "dim"))
    emit(console(sys.stdout), [table])
