"""All records of a folder as Parquet tables, a file for each: see `folkmoot.records.tables`."""

from collections.abc import Sequence
from pathlib import Path

from folkmoot.records.exports.form import new_folder
from folkmoot.records.found import Fault, find_records
from folkmoot.records.tables.writing import write_tables


def export(folder: Path, to: Path) -> Sequence[Fault]:
    """Write every table of the records in `folder` into the new folder `to`: `runs.parquet` and so on.

    Returns:
        The records that could not be read. They also stand in `faults.parquet`.

    Raises:
        InputError: there is no record, or pyarrow is not installed.
        RecordError: the tables cannot be written.
    """
    found = find_records(folder)
    with new_folder(to) as passing:
        return write_tables(found, passing)
