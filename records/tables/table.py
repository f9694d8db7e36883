"""What a table is: its name, what a row of it is, and its columns with how each is read from a record."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

from folkmoot.records.annotations import Annotation
from folkmoot.records.canonical import canonical
from folkmoot.records.journal_reader import JournalView
from folkmoot.records.outcome import Outcome
from folkmoot.records.transcript import Transcript

Type = Literal[
    "text",
    "integer",
    "number",
    "yes/no",
    "time",
    "JSON",
    "list of text",
    "list of numbers",
    "text → number",
    "text → integer",
    "text → text",
]
"""time: UTC, to the microsecond, without a zone. JSON: a text that holds JSON. `a → b`: a map."""


class Read(NamedTuple):
    """A record, read."""

    name: str
    """Its path from the folder that was given."""
    folder: Path
    view: JournalView
    outcome: Outcome
    annotations: tuple[Annotation, ...] = ()

    @property
    def transcript(self) -> Transcript:
        """All that was said and decided."""
        return self.outcome.transcript


class Column(NamedTuple):
    """A column: what it is called, what it holds and what that means."""

    name: str
    type: Type
    meaning: str
    get: Callable[[Any], Any]
    """From the thing that a row is of; None where there is nothing."""
    unit: str
    """"" where it has none."""


class Table(NamedTuple):
    """A table. Its first column is `record`, whatever the others are."""

    name: str
    what: str
    """What a row is."""
    rows: Callable[[Read], Iterable[Any]]
    """The things of a record that have a row, in the order of the record."""
    columns: tuple[Column, ...]


def column(
    name: str,
    type: Type,
    meaning: str,
    get: Callable[[Any], Any] | str | None = None,
    unit: str = "",
) -> Column:
    """A column; `get` is a function, or the path of the attribute where that is not the name."""
    return Column(name, type, meaning, get if callable(get) else attrgetter(get or name), unit)


def table(
    name: str, what: str, rows: Callable[[Read], Iterable[Any]], columns: tuple[Column, ...]
) -> Table:
    """A table; see `Table`."""
    return Table(name, what, rows, columns)


RECORD = column("record", "text", "the record's path from the folder")
"""The first column of every table; the same text joins rows of one run."""

PLACE = (
    column("step", "integer", "place of the stage in the protocol, from 0"),
    column("place", "integer", "place within the step, from 0", "order"),
)
"""Where a record stands."""


def listed(name: str) -> Callable[[Any], list[Any] | None]:
    """An attribute that is a tuple, as a list; None stays None."""
    found = attrgetter(name)

    def get(item: Any) -> list[Any] | None:
        value = found(item)
        return None if value is None else list(value)

    return get


def mapped(name: str) -> Callable[[Any], list[tuple[str, Any]] | None]:
    """An attribute that is a mapping, as the pairs that Arrow makes a map of; None stays None."""
    found = attrgetter(name)

    def get(item: Any) -> list[tuple[str, Any]] | None:
        value: dict[str, Any] | None = found(item)
        return None if value is None else sorted(value.items())

    return get


def as_json(value: object) -> str | None:
    """A JSON value as text, in the canonical form; None stays None."""
    return None if value is None else canonical(value).decode()


def json_of(name: str) -> Callable[[Any], str | None]:
    """An attribute that is a JSON value, as text."""
    found = attrgetter(name)
    return lambda item: as_json(found(item))
