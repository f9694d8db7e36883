"""The tables of a folder, in Python: as Arrow tables, for pandas and polars, and by SQL."""

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from folkmoot.records.errors import InputError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.found import Fault, Found, find_records
from folkmoot.records.tables.parts import kept_parts
from folkmoot.records.tables.schema import FAULTS, TABLES
from folkmoot.records.tables.sql import query
from folkmoot.records.tables.writing import arrow_schema

_datasets: Any = Extra("pyarrow.dataset", "query")


def tables(folder: Path | str, cache: Path | str | None = None) -> "Tables":
    """The tables of all records in a folder, at any depth, or of one record.

    The records are read once, here; the tables are on disk and are read from there as they are asked for.

    Args:
        folder: a folder that holds records, or a record.
        cache: where the tables are kept for the next time. They hold all that the records say. None: in a
            folder that goes when the tables are closed.

    Raises:
        InputError: there is no record in the folder, or pyarrow is not installed.
        RecordError: the tables cannot be written.
    """
    return Tables(find_records(folder), None if cache is None else Path(cache))


class Tables:
    """Tables of records: `.runs`, `.conflicts` and the others are Arrow tables.

    Attributes:
        records: the records that were found.
    """

    def __init__(self, records: tuple[Found, ...], cache: Path | None = None) -> None:
        self.records = records
        self._opened: dict[str, Any] = {}
        self._passing = None if cache else tempfile.TemporaryDirectory(prefix="folkmoot-")
        self._parts = kept_parts(
            records, cache or Path(self._passing.name if self._passing else "")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was written, unless it is kept. Arrow tables that were read stay usable."""
        if self._passing is not None:
            self._passing.cleanup()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tables."""
        return tuple(TABLES)

    @property
    def unreadable(self) -> tuple[Fault, ...]:
        """What could not be read, as in the table `faults`."""
        rows = self[FAULTS.name].to_pylist()
        return tuple(Fault(row["record"], row["what"], row["line"]) for row in rows)

    def __getitem__(self, name: str) -> Any:
        """A table as `pyarrow.Table`; InputError if there is none of that name."""
        return self.dataset(name).to_table()

    def __getattr__(self, name: str) -> Any:
        if name not in TABLES:
            raise AttributeError(f"no table {name!r}; there are: {', '.join(TABLES)}")
        return self[name]

    def __dir__(self) -> Iterator[str]:
        yield from (*super().__dir__(), *TABLES)

    def dataset(self, name: str) -> Any:
        """A table as `pyarrow.dataset.Dataset`, which is read in batches.

        Raises:
            InputError: there is no table of that name.
        """
        if name not in TABLES:
            raise InputError(f"no table {name!r}", f"there are: {', '.join(TABLES)}")
        if name not in self._opened:
            files = [str(part / f"{name}.parquet") for part in self._parts]
            schema = arrow_schema(TABLES[name])
            self._opened[name] = _datasets.dataset(files, schema=schema, format="parquet")
        return self._opened[name]

    def sql(self, text: str) -> Any:
        """The result of one SELECT over the tables, as `pyarrow.Table`.

        It is DuckDB's SQL. No file and no network can be reached from it, and nothing be changed.

        Raises:
            InputError: the SQL cannot be run, or duckdb is not installed.
        """
        return query({name: self.dataset(name) for name in TABLES}, text)

    def to_pandas(self, name: str) -> Any:
        """A table as a data frame of pandas.

        Raises:
            InputError: there is no table of that name, or pandas is not installed.
        """
        _needed("pandas")
        return self[name].to_pandas()

    def to_polars(self, name: str) -> Any:
        """A table as a data frame of polars.

        Raises:
            InputError: there is no table of that name, or polars is not installed.
        """
        return _needed("polars").from_arrow(self[name])


def _needed(package: str) -> Any:
    """A package that the extra does not bring: whoever has frames of it has it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InputError(f"this needs {package}: {error}", f"pip install {package}") from error
