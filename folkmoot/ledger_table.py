"""What a run cost, seat by seat. A figure that was not measured is a dash, never a zero."""

from rich.table import Table
from rich.text import Text

from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.visible import shortened

ABSENT = "\N{EN DASH}"
_FIGURES = ("calls", "prompt", "computed", "cached", "completion")


def ledger_table(ledger: Ledger) -> Table:
    """A row for each seat, the total, and what was paid for nothing where anything was."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14, no_wrap=True)
    for figure in _FIGURES:
        table.add_column(justify="right", no_wrap=True, min_width=len(figure))
    table.add_row(*(Text(name, "dim") for name in ("seat", *_FIGURES)))
    for seat, line in ledger.seats.items():
        table.add_row(Text(shortened(seat, 28)), *_figures(line))
    table.add_row(Text("total", "bold"), *_figures(ledger.total))
    if ledger.aborted is not None:
        table.add_row("aborted", *_figures(ledger.aborted))
    if ledger.lost is not None:
        table.add_row("lost", str(ledger.lost), *[ABSENT] * (len(_FIGURES) - 1))
    return table


def _figures(line: LedgerLine) -> list[str]:
    figures = (line.calls, line.prompt, line.computed, line.cached, line.completion)
    return [ABSENT if figure is None else f"{figure:,}" for figure in figures]
