"""Writing tables as Parquet, record by record, so that no more than a batch of them is held."""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from folkmoot.records.annotations import Annotation, read_annotations
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.files import replace
from folkmoot.records.found import Fault, Found
from folkmoot.records.journal_reader import read_journal
from folkmoot.records.outcome import outcome_of
from folkmoot.records.tables.schema import FAULTS, TABLES, TABLES_SCHEMA, columns_of
from folkmoot.records.tables.table import Read, Table, Type

pa: Any = Extra("pyarrow", "query")
parquet: Any = Extra("pyarrow.parquet", "query")

_ROWS: Final = 100_000
"""Rows of one table after which all are written out."""
_BYTES: Final = 64 * 2**20
"""Bytes of journals after which they are: texts may be long."""


def arrow_schema(table: Table) -> Any:
    """The Arrow schema of a table: meanings and units stand in the metadata of its columns."""
    fields = [
        pa.field(
            each.name,
            _arrow_type(each.type),
            metadata={"meaning": each.meaning, **({"unit": each.unit} if each.unit else {})},
        )
        for each in columns_of(table)
    ]
    return pa.schema(fields, metadata={"schema": TABLES_SCHEMA, "what": table.what})


def _arrow_type(type: Type) -> Any:
    match type:
        case "text" | "JSON":
            return pa.string()
        case "integer":
            return pa.int64()
        case "number":
            return pa.float64()
        case "yes/no":
            return pa.bool_()
        case "time":
            return pa.timestamp("us")
        case "list of text":
            return pa.list_(pa.string())
        case "list of numbers":
            return pa.list_(pa.float64())
        case "text → number":
            return pa.map_(pa.string(), pa.float64())
        case "text → integer":
            return pa.map_(pa.string(), pa.int64())
        case "text → text":
            return pa.map_(pa.string(), pa.string())


def write_tables(found: Iterable[Found], folder: Path) -> tuple[Fault, ...]:
    """Write every table of some records into a folder that is there: `runs.parquet` and so on.

    The same records give the same bytes. Memory is bounded by a batch of records, or by the largest one.

    Returns:
        The records that could not be read; they are the rows of `faults`.

    Raises:
        InputError: pyarrow is not installed.
        OSError: a file cannot be written.
    """
    with _written(folder) as batch:
        for each in found:
            batch.add(each)
    return tuple(batch.faults)


@contextmanager
def _written(folder: Path) -> Generator["_Batch"]:
    with ExitStack() as files:
        writers = {
            name: files.enter_context(
                parquet.ParquetWriter(
                    str(folder / f"{name}.parquet"), arrow_schema(table), compression="zstd"
                )
            )
            for name, table in TABLES.items()
        }
        batch = _Batch(writers)
        yield batch
        batch.flush()


class _Batch:
    """Rows that are not written yet, by table and column."""

    def __init__(self, writers: dict[str, Any]) -> None:
        self.faults: list[Fault] = []
        self._writers = writers
        self._schemas = {name: arrow_schema(table) for name, table in TABLES.items()}
        self._empty()

    def add(self, found: Found) -> None:
        """Add the rows of a record: all of them, or one of `faults`."""
        try:
            read, fault = _read(found)
            rows = {name: _columns(table, read) for name, table in TABLES.items()}
        except JournalError as error:
            self._fault(Fault(found.name, error.message, error.line))
        except RecordError as error:
            self._fault(Fault(found.name, error.message))
        except Exception as error:  # Whatever a hostile record comes to, the others are read.
            self._fault(Fault(found.name, f"{type(error).__name__}: {error}"))
        else:
            for name, columns in rows.items():
                self._extend(name, columns)
            if fault is not None:
                self._fault(fault)
            self._bytes += (found.folder / JOURNAL_FILE).stat().st_size
        if self._bytes > _BYTES or self._most > _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write out what there is, a row group for each table that has rows."""
        for name, columns in self._rows.items():
            if columns and columns[0]:
                schema = self._schemas[name]
                arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
                self._writers[name].write_batch(pa.record_batch(arrays, schema=schema))
        self._empty()

    def _empty(self) -> None:
        self._rows: dict[str, list[list[Any]]] = {}
        self._bytes = self._most = 0

    def _extend(self, name: str, columns: list[list[Any]]) -> None:
        held = self._rows.setdefault(name, [[] for _ in columns])
        for those, more in zip(held, columns, strict=True):
            those += more
        self._most = max(self._most, len(held[0]))

    def _fault(self, fault: Fault) -> None:
        self.faults.append(fault)
        self._extend(FAULTS.name, [[fault.record], [fault.what], [fault.line]])


def _read(found: Found) -> tuple[Read, Fault | None]:
    """A record, and what is wrong with its annotations, which are then left out."""
    view = read_journal(found.folder)
    annotations, fault = tuple[Annotation, ...](), None
    try:
        annotations = read_annotations(found.folder)
    except RecordError as error:
        fault = Fault(found.name, error.message)
    outcome = outcome_of(view, found.folder)
    return Read(found.name, found.folder, view, outcome, annotations), fault


def _columns(table: Table, read: Read) -> list[list[Any]]:
    items = list(table.rows(read))
    return [[read.name] * len(items), *([c.get(each) for each in items] for c in table.columns)]


def write_result(table: Any, to: Path) -> None:
    """Write an Arrow table as a Parquet file, whole or not at all.

    Raises:
        RecordError: it cannot be written.
    """
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    try:
        replace(to, sink.getvalue().to_pybytes())
    except OSError as error:
        raise cannot_write(to, error) from error
