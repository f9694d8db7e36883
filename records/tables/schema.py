"""Every table, by name."""

from collections.abc import Mapping
from typing import Final

from folkmoot.records.tables.calls import CALLS, SEGMENTS, TEXTS
from folkmoot.records.tables.conflicts import (
    CONFLICTS,
    DISSENTS,
    EVENTS,
    QUOTATIONS,
    RELATIONS,
    RESTATEMENTS,
    SIDES,
    TENSIONS,
)
from folkmoot.records.tables.runs import ANNOTATIONS, LEDGER, RUNS, SEATS, VALUES
from folkmoot.records.tables.said import ACTS, CHECKS, FILTERINGS, ISSUES, MOVES, STANCES, TURNS
from folkmoot.records.tables.table import RECORD, Column, Table, column, table
from folkmoot.records.tables.votes import ANSWERS, BALLOTS, DECISIONS, SENTENCES

TABLES_SCHEMA: Final = "tables/1"

FAULTS: Final = table(
    "faults",
    "A record that cannot be read, or annotations that cannot. Nothing else says of it that it is there.",
    lambda _: (),
    (
        column("what", "text", "what is wrong"),
        column("line", "integer", "of the journal, where it is broken at one"),
    ),
)
"""Its rows are of records that give no others."""

TABLES: Final[Mapping[str, Table]] = {
    each.name: each
    for each in (
        RUNS,
        SEATS,
        VALUES,
        LEDGER,
        TURNS,
        STANCES,
        MOVES,
        ISSUES,
        ACTS,
        BALLOTS,
        DECISIONS,
        ANSWERS,
        SENTENCES,
        CONFLICTS,
        SIDES,
        EVENTS,
        TENSIONS,
        DISSENTS,
        QUOTATIONS,
        RELATIONS,
        RESTATEMENTS,
        CHECKS,
        FILTERINGS,
        CALLS,
        SEGMENTS,
        TEXTS,
        ANNOTATIONS,
        FAULTS,
    )
}
"""Name → table, in the order in which people look for them."""


def columns_of(table: Table) -> tuple[Column, ...]:
    """The columns of a table, `record` first."""
    return (RECORD, *table.columns)


def schema_page() -> str:
    """Every table and column, as Markdown."""
    parts: list[str] = []
    for one in TABLES.values():
        lines = [f"### {one.name}", "", one.what, "", "| column | type | meaning |"]
        lines.append("| --- | --- | --- |")
        for each in columns_of(one):
            unit = f", in {each.unit}" if each.unit else ""
            lines.append(f"| `{each.name}` | {each.type} | {each.meaning}{unit} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
