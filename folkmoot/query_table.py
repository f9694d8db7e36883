"""The result of a query as people read it: a table, or a block for each row where it is too wide."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TextIO

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.ledger_table import ABSENT
from folkmoot.records.tables import TABLES
from folkmoot.records.tables.schema import columns_of
from folkmoot.visible import shortened, visible, visible_lines

_CELL: Final = 40
"""Characters of a cell in a table that is too wide otherwise."""
_GAP: Final = 2


def as_rows(result: Any) -> dict[str, Any]:
    """A result as a JSON value: its columns with their types, and its rows as lists."""
    columns = [{"name": each.name, "type": str(each.type)} for each in result.schema]
    return {"columns": columns, "rows": [[plain(cell) for cell in row] for row in _rows(result)]}


def as_csv(result: Any, stream: TextIO) -> None:
    """Write a result as CSV (RFC 4180). Lists and maps are JSON; absent is empty. On a terminal, what
    hides is made visible; into a pipe or a file every text goes as it is."""
    shown = visible_lines if stream.isatty() else str
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([shown(name) for name in result.schema.names])
    for row in _rows(result):
        writer.writerow(["" if cell is None else shown(_told(cell)) for cell in row])
    stream.flush()


def table_lines(result: Any, most: int, width: int) -> Iterator[RenderableType]:
    """A result for a terminal.

    Args:
        result: an Arrow table.
        most: rows that are shown.
        width: columns of the terminal.
    """
    names = [visible(name) for name in result.schema.names]
    rows = list(_rows(result.slice(0, most)))
    whole = [[_cell(cell) for cell in row] for row in rows]
    cut = [[shortened(cell, _CELL) for cell in row] for row in whole]
    fitting = next((each for each in (whole, cut) if _width(names, each) <= width), None)
    if fitting is not None:
        yield _table(names, fitting, [_figures(column) for column in zip(*rows, strict=True)])
    else:
        for row in whole:
            yield _block(names, row)
    hidden = result.num_rows - len(rows)
    rest = f", {len(rows):,} shown: --rows N shows more" if hidden else ""
    yield Text(f"{result.num_rows:,} row{'' if result.num_rows == 1 else 's'}{rest}", "dim")


def schema_lines() -> Iterator[RenderableType]:
    """Every table with its columns."""
    for name, table in TABLES.items():
        yield Text.assemble((name, "bold"), f"  {table.what}")
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(min_width=2)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        for each in columns_of(table):
            unit = f", in {each.unit}" if each.unit else ""
            grid.add_row("", each.name, Text(each.type, "dim"), f"{each.meaning}{unit}")
        yield grid


def plain(cell: Any) -> Any:
    """A cell as a JSON value: a time in ISO 8601, what is no number in JSON as a text."""
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else str(cell)
    if isinstance(cell, Mapping):
        return {str(name): plain(value) for name, value in cell.items()}
    if isinstance(cell, list):
        return [plain(each) for each in cell]
    if isinstance(cell, bytes):
        return cell.hex()
    return str(cell) if isinstance(cell, Decimal) else cell


def _rows(result: Any) -> Iterator[Sequence[Any]]:
    # By column: two columns of a result may have one name. Maps come as pairs.
    columns = [
        [_mapping(cell) for cell in column.to_pylist()] if _is_map(column) else column.to_pylist()
        for column in result.columns
    ]
    return zip(*columns, strict=True)


def _is_map(column: Any) -> bool:
    return str(column.type).startswith("map<")


def _mapping(cell: Any) -> dict[str, Any] | None:
    return None if cell is None else dict(cell)


def _told(cell: Any) -> str:
    value = plain(cell)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _cell(cell: Any) -> str:
    return ABSENT if cell is None else visible(_said(cell))


def _width(names: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    return sum(widths) + _GAP * (len(widths) - 1)


def _said(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.6g}"
    if isinstance(cell, list):
        return ", ".join(map(_said, cell))
    return _told(cell)


def _figures(column: Sequence[Any]) -> bool:
    return all(
        isinstance(c, int | float) and not isinstance(c, bool) for c in column if c is not None
    )


def _table(names: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> Table:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    for at in range(len(names)):
        to_right = bool(right) and right[at]
        grid.add_column(no_wrap=True, justify="right" if to_right else "left")
    grid.add_row(*(Text(name, "bold") for name in names))
    for row in cells:
        grid.add_row(*map(Text, row))
    return grid


def _block(names: Sequence[str], row: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    for name, cell in zip(names, row, strict=True):
        grid.add_row(Text(name, "bold"), Text(cell))
    grid.add_row("", "")
    return grid
