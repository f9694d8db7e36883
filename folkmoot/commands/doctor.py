"""`folkmoot doctor`: what works here, and what to do about the rest."""

import sys

from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json, RecordDir
from folkmoot.commands.showing import RECORD_DIR
from folkmoot.doctor import Check, State, examine, usable
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

_COLOURS: dict[State, str] = {"works": "green", "limited": "yellow", "missing": "red"}


def doctor(
    record_dir: RecordDir = RECORD_DIR,
    json: Json = False,
) -> int:
    """Say what works on this machine.

    And for the rest what to do. Exit code 1 if no panel can deliberate here.
    """
    if sys.stderr.isatty():
        print("looking: importing torch and vLLM can take half a minute …", file=sys.stderr)
    checks = examine(record_dir)
    ready = usable(checks)
    if json:
        print_json({"usable": ready, "checks": [check.plain() for check in checks]})
    else:
        verdict = "A panel can deliberate here." if ready else "No panel can deliberate here yet."
        emit(console(sys.stdout), [_table(checks), Text(), Text(verdict, "bold")])
    return 0 if ready else 1


def _table(checks: tuple[Check, ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for check in checks:
        colour = _COLOURS[check.state]
        table.add_row(Text(check.name), Text(check.state, colour), Text(visible(check.found)))
        if check.todo:
            table.add_row(Text(), Text(), Text(f"→ {visible(check.todo)}", "dim"))
    return table
