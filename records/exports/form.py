"""Which forms a record can be exported in, and how each is called.

A form of one record has `export(record: Path, to: Path, **params: Any) -> None`: it reads the record in the
folder `record` and writes `to`, whole or not at all, or raises a `FolkmootError`. Of a folder of records
it makes one file each.

A form of many records has `export(folder: Path, to: Path, **params: Any) -> Sequence[Fault]`: it puts all
records of `folder` (`found.find_records`) together in `to`, and gives back those that cannot be read.

What is missing is said by an `InputError` with the line that installs it, before anything is written.
"""

import importlib
import inspect
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.errors import InputError, JournalError, RecordError
from folkmoot.records.found import Fault, find_records

_HERE: Final = "folkmoot.records.exports"


class Form(NamedTuple):
    """A form that records can be exported in."""

    what: str
    """In a line, for people."""
    module: str
    """Where `export` is."""
    suffix: str = ""
    """Of the file that it makes of one record; "" where it makes a folder."""
    together: bool = False
    """Whether it puts many records together."""


FORMS: Final[Mapping[str, Form]] = {
    "parquet": Form("a folder of Parquet tables", f"{_HERE}.parquet", together=True),
    "scout": Form("a folder of transcripts for Inspect Scout", f"{_HERE}.scout", together=True),
    "inspect": Form("a log of Inspect", f"{_HERE}.inspect", ".eval", True),
    "otel": Form("spans of OpenTelemetry GenAI, JSON", f"{_HERE}.otel", ".json"),
    "prov": Form("W3C PROV, JSON", f"{_HERE}.prov", ".json"),
    "aif": Form("the argument graph as AIF, JSON", f"{_HERE}.aif", ".json"),
    "markdown": Form("a report in Markdown", f"{_HERE}.markdown", ".md"),
    "html": Form("one page that opens anywhere", f"{_HERE}.html", ".html"),
}
"""Name → form, in the order of the help."""


def form(name: str) -> Form:
    """The form of that name.

    Raises:
        InputError: there is none.
    """
    found = FORMS.get(name)
    if found is None:
        raise InputError(f"no form {name!r}", f"there are: {', '.join(FORMS)}")
    return found


def export_record(record: Path | str, to: Path | str, name: str, **params: Any) -> None:
    """Export one record in a form of one record.

    Args:
        record: its folder.
        to: the file, or the folder, to be made.
        name: of the form.
        params: what the form takes beside.

    Raises:
        InputError: no such form, something of that name is there, a parameter that the form does not take,
            or something that it needs is not installed.
        RecordError: the record cannot be read, or the file not be written.
    """
    export = _exporter(name, params)
    to = free(Path(to))
    export(Path(record), to, **params)


def export_records(
    folder: Path | str, to: Path | str, name: str, **params: Any
) -> tuple[Fault, ...]:
    """Export every record in a folder; a form of one record makes a file of each, in the folder `to`.

    Returns:
        The records that could not be read. All others are exported.

    Raises:
        InputError: as for `export_record`, or there is no record in the folder.
        RecordError: something cannot be written.
    """
    export = _exporter(name, params)
    folder, to = Path(folder), free(Path(to))
    if FORMS[name].together:
        return tuple(export(folder, to, **params))
    faults: list[Fault] = []
    for each in find_records(folder):
        target = to / f"{each.name}{FORMS[name].suffix}"
        try:
            _folder(target.parent)
            export(each.folder, target, **params)
        except (JournalError, RecordError) as error:
            faults.append(Fault(each.name, error.message, getattr(error, "line", None)))
    return tuple(faults)


def is_record(folder: Path | str) -> bool:
    """Whether a folder is a record itself, and not one of records."""
    return (Path(folder) / JOURNAL_FILE).exists()


@contextmanager
def new_folder(to: Path) -> Generator[Path]:
    """A folder to write in that becomes `to` at the end; after an error nothing is left behind.

    Raises:
        RecordError: it cannot be written.
    """
    passing = to.with_name(f"{to.name}.{secrets.token_hex(8)}.new")
    try:
        passing.mkdir(parents=True)
        yield passing
        passing.rename(to)
    except OSError as error:
        raise cannot_write(to, error) from error
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def cannot_write(to: Path, error: OSError) -> RecordError:
    """What is raised where an export cannot be written."""
    return RecordError(
        f"cannot write {str(to)!r}: {error.strerror or error}", "give another path, or make room"
    )


def _exporter(name: str, params: Mapping[str, Any]) -> Any:
    module = form(name).module
    export: Any = importlib.import_module(module).export
    taken = list(inspect.signature(export).parameters)[2:]
    for unknown in sorted(set(params) - set(taken)):
        raise InputError(
            f"the form {name} takes no {unknown!r}",
            f"it takes {', '.join(taken)}" if taken else "it takes no parameters",
        )
    return export


def free(to: Path) -> Path:
    """A path where nothing is yet; InputError where something is."""
    if to.exists() or to.is_symlink():
        raise InputError(f"{str(to)!r} is there already", "give a path where nothing is yet")
    return to


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
