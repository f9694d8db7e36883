"""The bytes of a journal: one line, its hash, and the head that counts the lines."""

import json
import reprlib
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

from folkmoot.records.canonical import canonical, digest
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.opening import JOURNAL_SCHEMA

JOURNAL_FILE: Final = "journal.jsonl"
HEAD_FILE: Final = "head.json"
GENESIS: Final = "0" * 64
"""What the first line names as the hash before it."""

Kind = Literal["opening", "text", "call", "again", "reply", "record", "resume", "abort", "close"]


class Line(NamedTuple):
    """One line of a journal, checked: its bytes are canonical and its hash is right."""

    n: int
    kind: str
    data: Any
    hash: str
    body: bytes
    """The canonical bytes of `data`."""


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


def unseal(raw: bytes, n: int, prev: str) -> Line:
    """Read line `n` (without its newline), which must follow the line whose hash is `prev`.

    The line is taken apart, put together again and compared byte by byte. That one comparison holds
    the canonical form (so no duplicate key, no NaN, no blank), the hash, the number and the chain.

    Raises:
        JournalError: it differs; the message says in what.
    """
    try:
        found = json.loads(raw, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise JournalError(f"not JSON ({error})", n) from error
    if not isinstance(found, dict) or found.keys() != {"data", "hash", "kind", "n", "prev"}:
        raise JournalError("not an object of data, hash, kind, n and prev", n)
    line = cast(dict[str, Any], found)
    kind = line["kind"]
    if not isinstance(kind, str) or not kind.isascii():
        raise JournalError(f"unknown kind {reprlib.repr(kind)}", n)
    try:
        body = canonical(line["data"])
    except (ValueError, RecursionError) as error:
        raise JournalError(str(error), n) from error
    sealed, own = seal(body, kind, n, prev)
    if sealed != raw + b"\n":
        raise JournalError(_difference(line, n, prev, own), n)
    return Line(n, kind, line["data"], own, body)


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


def no_record(folder: Path) -> RecordError:
    """The error where there is no journal in `folder`, or it is no folder."""
    return RecordError(
        f"no record in {str(folder)!r}", f"a record is a folder that holds {JOURNAL_FILE}"
    )


class Head(NamedTuple):
    """How many lines there are and the hash of the last: what shows that the tail was cut off."""

    lines: int
    hash: str

    def encode(self) -> bytes:
        """The bytes of `head.json`. They never get shorter, so each overwrites the last in place."""
        return (
            f'{{"count":{self.lines},"hash":"{self.hash}","schema":"{JOURNAL_SCHEMA}"}}\n'.encode()
        )


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
        head = Head(fields["count"], fields["hash"])
        written = head.encode()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JournalError(f"{HEAD_FILE} in {str(folder)!r} is not readable") from error
    if written != raw or type(head.lines) is not int:
        raise JournalError(f"{HEAD_FILE} in {str(folder)!r} is not as it was written")
    return head
