"""The bytes of a journal: one line, its hash, and the head that counts the lines."""

import json
import re
import reprlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

from folkmoot.records.canonical import canonical, digest
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.opening import JOURNAL_SCHEMA, READABLE

JOURNAL_FILE: Final = "journal.jsonl"
HEAD_FILE: Final = "head.json"
GENESIS: Final = "0" * 64
"""What the first line names as the hash before it."""

Kind = Literal[
    "opening",
    "text",
    "call",
    "again",
    "reply",
    "record",
    "resume",
    "abort",
    "close",
    "redaction",
    "migration",
]

_FIELDS: Final = frozenset({"data", "hash", "kind", "n", "prev"})
_REDACTED: Final = _FIELDS | {"redacted"}
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Line(NamedTuple):
    """One line of a journal, checked: its bytes are canonical and its hash is right; of a redacted line
    the hash is the one that it had before."""

    n: int
    kind: str
    data: Any
    hash: str
    body: bytes
    """The canonical bytes of `data`."""
    redacted: tuple[str, ...] = ()
    """JSON pointers into `data`: from where text was taken. () of a line as it was written."""


def seal(body: bytes, kind: str, n: int, prev: str) -> tuple[bytes, str]:
    """The bytes of a line, newline included, and its hash.

    The hash is the SHA-256 of the canonical bytes of {data, kind, n, prev}; the line is the
    canonical bytes of the same with the hash. Both are spliced from the canonical bytes of the
    data, so that a long text is serialised once.
    """
    front = b'{"data":' + body
    back = f',"kind":"{kind}","n":{n},"prev":"{prev}"}}'.encode()
    own = digest(front + back)
    return front + b',"hash":"' + own.encode() + b'"' + back + b"\n", own


def seal_redacted(
    body: bytes, kind: str, n: int, prev: str, own: str, redacted: Sequence[str]
) -> bytes:
    """The bytes of a line from which text was taken, newline included: its hash stays what it was."""
    back = f',"hash":"{own}","kind":"{kind}","n":{n},"prev":"{prev}","redacted":'.encode()
    return b'{"data":' + body + back + canonical(list(redacted)) + b"}\n"


def unseal(raw: bytes, n: int, prev: str, *, redactable: bool = False) -> Line:
    """Read line `n` (without its newline), which must follow the line whose hash is `prev`.

    The line is taken apart, put together again and compared byte by byte. That one comparison holds
    the canonical form (so no duplicate key, no NaN, no blank), the hash, the number and the chain.

    Args:
        redactable: whether it may be a line from which text was taken. The hash of such a line cannot
            be held to its content; the line that follows it names the hash.

    Raises:
        JournalError: it differs; the message says in what.
    """
    try:
        found = json.loads(raw, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise JournalError(f"not JSON ({error})", n) from error
    line = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    if line.keys() != _FIELDS and not (redactable and line.keys() == _REDACTED):
        raise JournalError("not an object of data, hash, kind, n and prev", n)
    kind = line["kind"]
    if not isinstance(kind, str) or not kind.isascii():
        raise JournalError(f"unknown kind {reprlib.repr(kind)}", n)
    try:
        body = canonical(line["data"])
    except (ValueError, RecursionError) as error:
        raise JournalError(str(error), n) from error
    if "redacted" in line:
        return _unseal_redacted(raw, line, Line(n, kind, line["data"], prev, body))
    sealed, own = seal(body, kind, n, prev)
    if sealed != raw + b"\n":
        raise JournalError(_difference(line, n, prev, own), n)
    return Line(n, kind, line["data"], own, body)


def _unseal_redacted(raw: bytes, found: dict[str, Any], line: Line) -> Line:
    own, redacted = found["hash"], found["redacted"]
    if not isinstance(own, str) or not _HASH.fullmatch(own):
        raise JournalError("redacted, and its hash is none", line.n)
    if not isinstance(redacted, list) or not redacted:
        raise JournalError("redacted, and it does not say where", line.n)
    places = cast(list[object], redacted)
    pointers = tuple(each for each in places if isinstance(each, str))
    if len(set(pointers)) != len(places):
        raise JournalError("redacted, and it does not say where", line.n)
    try:
        sealed = seal_redacted(line.body, line.kind, line.n, line.hash, own, pointers)
    except ValueError as error:
        raise JournalError(str(error), line.n) from error
    if sealed != raw + b"\n":
        raise JournalError(_difference(found, line.n, line.hash, own), line.n)
    return line._replace(hash=own, redacted=pointers)


def _number(digits: str) -> int | float:
    # RFC 8785 knows doubles only, and writes one beyond 2**53 without a fraction.
    value = int(digits)
    return value if -(2**53) < value < 2**53 else float(digits)


def _difference(line: dict[str, Any], n: int, prev: str, own: str) -> str:
    if line["n"] != n:
        return f"numbered {reprlib.repr(line['n'])}: a line is missing, repeated or out of order"
    if line["prev"] != prev:
        return "does not follow from the line before it"
    if line["hash"] != own:
        return "its content is not what its hash was taken over"
    return "not in canonical form (RFC 8785)"


def unknown_version(schema: object) -> str:
    """What is said of a journal of a version that this package does not read."""
    return f"of version {reprlib.repr(schema)}, and this Folkmoot reads {' and '.join(READABLE)}"


def no_record(folder: Path) -> RecordError:
    """The error where there is no journal in `folder`, or it is no folder."""
    return RecordError(
        f"no record in {str(folder)!r}", f"a record is a folder that holds {JOURNAL_FILE}"
    )


class Head(NamedTuple):
    """How many lines there are and the hash of the last: what shows that the tail was cut off."""

    lines: int
    hash: str
    schema: str = JOURNAL_SCHEMA

    def encode(self) -> bytes:
        """The bytes of `head.json`. They never get shorter, so each overwrites the last in place."""
        return f'{{"count":{self.lines},"hash":"{self.hash}","schema":"{self.schema}"}}\n'.encode()


def read_head(folder: Path) -> Head:
    """The head of the journal in `folder`.

    Raises:
        JournalError: it is missing, cannot be read, or is not exactly as it was written.
    """
    try:
        raw = read_plain(folder / HEAD_FILE)
    except FileNotFoundError as error:
        raise JournalError(f"{HEAD_FILE} is missing from {str(folder)!r}") from error
    except OSError as error:
        raise JournalError(
            f"{HEAD_FILE} in {str(folder)!r} cannot be read: {error.strerror}"
        ) from error
    try:
        fields = json.loads(raw)
        head = Head(fields["count"], fields["hash"], fields["schema"])
        written = head.encode()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JournalError(f"{HEAD_FILE} in {str(folder)!r} is not readable") from error
    if written != raw or type(head.lines) is not int:
        raise JournalError(f"{HEAD_FILE} in {str(folder)!r} is not as it was written")
    if head.schema not in READABLE:
        raise JournalError(f"{HEAD_FILE} in {str(folder)!r}: {unknown_version(head.schema)}")
    return head
