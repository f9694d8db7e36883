"""Found: what a scanner says, and what a scanner is."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, Field

from folkmoot.eval.scan.subject import Subject
from folkmoot.records import canonical, digest
from folkmoot.records.annotations import NAMED, About, Value, What
from folkmoot.records.base import Frozen

_REFERENCE: Final = re.compile(r"(?P<id>[^:]+)(?::(?P<start>\d{1,15})-(?P<end>\d{1,15}))?")
_KINDS: Final[tuple[tuple[re.Pattern[str], What], ...]] = (
    (re.compile(r"decision"), "decision"),
    (re.compile(r"answer"), "answer"),
    (re.compile(r"record"), "record"),
    (re.compile(r"cf\d+"), "conflict"),
    (re.compile(r"c\d+\.\d+"), "call"),
    (re.compile(r".+", re.DOTALL), "message"),
)


def reference(given: object) -> object:
    """`M3`, `M3:10-25`, `cf1`, `c0.2`, `decision`, `answer` or `record`, as what it refers to."""
    found = _REFERENCE.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        return given
    name = found["id"]
    what: What = next(kind for pattern, kind in _KINDS if pattern.fullmatch(name))
    span = {end: int(found[end]) for end in ("start", "end") if found[end] is not None}
    return About(what=what, id=name if what in NAMED else None, **span)


Reference = Annotated[About, BeforeValidator(reference)]


class Found(Frozen):
    """Something that a scanner found.

    What it rests on may be given as text: `Found(label="rude", about=("M3:10-25",))`.
    """

    label: str = Field(min_length=1, max_length=200)
    about: tuple[Reference, ...] = (About(what="record"),)
    """What it rests on, the most telling first: messages with or without a span, calls, conflicts."""
    value: Value | None = None
    explanation: str = ""
    severity: int = Field(default=1, ge=1, le=3)
    """1 to look at, 2 notable, 3 serious."""


class Scanner(NamedTuple):
    """A function that looks through a record, under a name and a version.

    Where its version or its parameters change, records are scanned anew. To be used by several
    processes at once it is a function of a module, or a partial of one.
    """

    name: str
    version: str
    scan: Callable[[Subject], Iterable[Found]]
    params: Mapping[str, Any] = {}
    """What else its findings follow from, as JSON values."""
    says: str = ""
    """What it looks for, in a line."""

    @property
    def digest(self) -> str:
        """SHA-256 over its name, version and parameters."""
        identity = {"name": self.name, "version": self.version, "params": dict(self.params)}
        return digest(canonical(identity))
