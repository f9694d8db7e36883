"""How `folkmoot pool up` says what it does, and what is up."""

import sys

from rich.table import Table
from rich.text import Text

from folkmoot.pool import Progress
from folkmoot.pool.up.running import Running
from folkmoot.records import PoolError
from folkmoot.screen import console, emit
from folkmoot.visible import visible, visible_lines


def tell(line: str) -> None:
    """One line of what happens meanwhile, on stderr."""
    print(visible_lines(line), file=sys.stderr, flush=True)


def show_running(state: Running, verdict: str) -> None:
    """The servers of a pool that is up, with their addresses and logs, on stdout."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(*(Text(title, "dim") for title in ("engine", "url", "models")))
    for server in state.servers:
        models = ", ".join(map(visible, server.models))
        table.add_row(*map(Text, (visible(server.name), visible(server.url), models)))
    logs = [Text(f"log of {s.name}: {visible(s.log)}", "dim") for s in state.servers]
    emit(console(sys.stdout), [table, *logs, Text(verdict, "bold")])


def show_already(found: Running, machine: str | None) -> int:
    """Say that a pool is up already; the exit code.

    Raises:
        PoolError: it is up with another content of its file, or for another machine.
    """
    found.check_unchanged()
    if found.machine != machine:
        what = "all of it" if found.machine is None else f"machine {found.machine!r}"
        raise PoolError(f"the pool is up already, for {what}", "folkmoot pool down first")
    show_running(found, f"up already, kept by process {found.supervisor.pid}")
    return 0


class Said:
    """Passes on what a start is doing, once for each thing that it does."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        """Take in how far a start has come."""
        what = progress.what.partition(" (")[0]
        if what != self._last:
            self._last = what
            tell(f"{what} …")
