"""`folkmoot protocols`: the named protocols and their parameters, installed ones too."""

import sys

from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.graphs.plugins import installed
from folkmoot.protocols import catalogue
from folkmoot.protocols.named.catalogue import entry
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def protocols(
    json: Json = False,
) -> None:
    """List the protocols and their parameters."""
    beside = installed("folkmoot.protocols")
    own = catalogue()
    names = {each.name for each in own}
    entries = (*own, *(entry(n, kind) for n, kind in beside.found.items() if n not in names))
    for line in beside.broken:
        sys.stderr.write(f"{visible(line)}\n")
    if json:
        print_json({"protocols": [each._asdict() for each in entries]})
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for each in entries:
        table.add_row(Text(visible(each.name), "bold"), Text(visible(each.summary)))
        for name, default in each.params.items():
            table.add_row(Text(), Text(f"{name}={default}", "dim"))
    emit(console(sys.stdout), [table])
