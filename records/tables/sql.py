"""SQL over tables, by DuckDB, in a sandbox: a query reads the tables and nothing else."""

import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Final

from folkmoot.records.errors import InputError
from folkmoot.records.exports.extra import Extra

_duckdb: Any = Extra("duckdb", "query")
_arrow: Any = Extra("pyarrow", "query")

_SANDBOX: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # The order of rows, and of the additions in a sum, is the same every time.
    "threads": "1",
}
_READS: Final = "give one SELECT over the tables"
_LIST: Final = "folkmoot query FOLDER --schema lists tables and columns"
_WHERE: Final = re.compile(r"\n+LINE (\d+):")
_TABLE: Final = re.compile(r"Table with name (\S+) does not exist")
_KIND: Final = re.compile(r"^[A-Z]\w*(?: \w+)* Error: ")


def query(tables: Mapping[str, Any], text: str) -> Any:
    """The result of one query, as `pyarrow.Table`.

    Args:
        tables: name → Arrow table or dataset.
        text: one statement that reads: SELECT, or EXPLAIN, DESCRIBE, SUMMARIZE, SHOW.

    Raises:
        InputError: it cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="folkmoot-") as passing:
        connection = _duckdb.connect(":memory:", config={**_SANDBOX, "temp_directory": passing})
        try:
            for name, table in tables.items():
                connection.register(name, table)
            connection.execute("set lock_configuration = true")
            _reads(connection, text)
            return _whole_numbers(connection.sql(text).to_arrow_table())
        except _duckdb.Error as error:
            raise _explained(str(error), tables) from error
        finally:
            connection.close()


def _whole_numbers(result: Any) -> Any:
    """The same with integers for the decimals that DuckDB makes of sums of integers, where they fit."""
    for at, field in enumerate(result.schema):
        if _arrow.types.is_decimal(field.type) and field.type.scale == 0:
            with suppress(_arrow.ArrowInvalid):
                whole = result.column(at).cast(_arrow.int64())
                result = result.set_column(at, field.with_type(_arrow.int64()), whole)
    return result


def _reads(connection: Any, text: str) -> None:
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise InputError(f"{len(statements)} statements in the query", _READS)
    kind: str = statements[0].type.name
    if kind not in ("SELECT", "EXPLAIN"):
        raise InputError(f"a query reads, and this is {kind}", _READS)


def _explained(said: str, tables: Mapping[str, Any]) -> InputError:
    """What DuckDB says, as one line what and one line what to do."""
    body, *rest = _WHERE.split(said, maxsplit=1)
    first, *more = (line.strip() for line in body.strip().splitlines())
    what = _KIND.sub("", first).rstrip("!")
    where = f" (line {rest[0]} of the query)" if rest and rest[0] != "1" else ""
    if unknown := _TABLE.search(first):
        near = get_close_matches(unknown[1].lower(), tables, 3, 0.4)
        return InputError(
            f"no table {unknown[1]!r}{where}",
            f"near: {', '.join(near)}; {_LIST}" if near else _LIST,
        )
    if "by configuration" in first:
        return InputError(f"a query cannot reach files or change settings{where}", _READS)
    near = " ".join(more).replace("Candidate bindings:", "near:").strip()
    hint = f"{near}; {_LIST}" if near else _LIST
    return InputError(f"{what[:1].lower()}{what[1:]}{where}", hint)
