"""All records of a folder as tables.

    from folkmoot import tables

    with tables("runs") as held:
        held.conflicts                      # an Arrow table
        held.sql("select status, count(*) from conflicts group by status")

`schema.TABLES` says which tables there are and what every column means.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.records.tables, not its folder")

from folkmoot.records.tables.held import Tables, tables
from folkmoot.records.tables.schema import TABLES
from folkmoot.records.tables.table import Column, Table

__all__ = ["TABLES", "Column", "Table", "Tables", "tables"]
