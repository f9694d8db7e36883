"""Signatures of a record: statements of how far it goes, each signed with Ed25519, in a file of their own.

    signature.json  {"schema": "signature/1", "signatures": [{"statement": {…}, "public_key": …, "signature": …}]}

What is signed are the canonical bytes (RFC 8785) of the statement. It names a line of the journal and its hash:
what stands up to there is signed, whatever comes after. Whether the key is its owner's nobody can read off the
file: see `anchors`.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field, ValidationError

from folkmoot.records.base import Frozen
from folkmoot.records.canonical import canonical, digest, scrub
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import read_plain, replace
from folkmoot.records.journal_reader import Reading
from folkmoot.records.moments import Moment
from folkmoot.records.seal.keys import private_key, signed_by
from folkmoot.records.seal.when import when

SIGNATURE_FILE: Final = "signature.json"
SIGNATURE_SCHEMA: Final = "signature/1"

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Hex64 = Annotated[str, Field(pattern="^[0-9a-f]{128}$")]


class Statement(Frozen):
    """What is signed of a record."""

    signs: Literal["folkmoot record/1"] = "folkmoot record/1"
    """So that the key signs nothing else with the same bytes."""
    journal: str
    """The version of the journal."""
    run_id: str
    opening: Hash
    """The hash of the first line."""
    count: int = Field(ge=1)
    """How many lines are signed."""
    hash: Hash
    """The hash of the last of them."""
    at: Moment
    by: str | None = None
    """Who signs, as given."""


class Signature(Frozen):
    """A statement with its signature, and the key that it is to be held to."""

    statement: Statement
    public_key: Hash
    """The 32 bytes of an Ed25519 public key, in hexadecimal digits."""
    signature: Hex64
    """The 64 bytes of the signature, in hexadecimal digits."""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the 32 bytes of the public key."""
        return digest(bytes.fromhex(self.public_key))

    @property
    def genuine(self) -> bool:
        """Whether the key signed the statement.

        Raises:
            InputError: the package that can tell is not installed.
        """
        return signed_by(
            bytes.fromhex(self.public_key),
            bytes.fromhex(self.signature),
            canonical(self.statement.plain()),
        )


def read_signature(folder: Path | str) -> tuple[Signature, ...]:
    """The signatures of the record in `folder`, as they stand; none where it has none.

    Raises:
        JournalError: the file is not as it is written.
        RecordError: it cannot be opened.
    """
    path = Path(folder) / SIGNATURE_FILE
    try:
        raw = read_plain(path)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise RecordError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
    try:
        found: Any = json.loads(raw)
        if not isinstance(found, dict) or found.keys() != {"schema", "signatures"}:
            raise ValueError("not an object of schema and signatures")
        fields = cast(dict[str, Any], found)
        if fields["schema"] != SIGNATURE_SCHEMA:
            raise ValueError(f"of version {fields['schema']!r}, and not {SIGNATURE_SCHEMA}")
        signatures = tuple(map(Signature.model_validate, fields["signatures"]))
        if not signatures or _written(signatures) != raw:
            raise ValueError("not in the form that it is written in")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise JournalError(f"{SIGNATURE_FILE}: {where}: {first['msg']}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise JournalError(f"{SIGNATURE_FILE}: {error}") from error
    return signatures


def statement_of(reading: Reading, at: str | None = None, by: str | None = None) -> Statement:
    """What there is to be signed of a journal: all of it.

    Args:
        reading: the journal.
        at: when, ISO 8601 in UTC; None: now.
        by: who.

    Raises:
        JournalError: nothing was recorded yet.
        InputError: `at` is no such time.
    """
    return Statement(
        journal=reading.schema,
        run_id=reading.view(None).opening.run_id,
        opening=reading.hashes[1],
        count=reading.lines,
        hash=reading.hashes[-1],
        at=when(at),
        by=None if by is None else scrub(by),
    )


def sign(
    folder: Path | str,
    reading: Reading,
    key: Path | str,
    at: str | None = None,
    by: str | None = None,
) -> Signature:
    """Sign a journal and put the signature beside it, after those that are there.

    Whether the record is one to be signed is not looked at here: see `folkmoot.records.verify`.

    Args:
        folder: the record.
        reading: its journal, as it was looked at.
        key: the file of the private key.
        at, by: as for `statement_of`.

    Returns:
        The signature; the one that stands there, if the key has signed these lines already.

    Raises:
        InputError: the key is none, or cannot be read.
        RecordError: what is there cannot be read, or the file cannot be written.
    """
    private = private_key(Path(key))
    public = private.public_key().public_bytes_raw().hex()
    before = read_signature(folder)
    statement = statement_of(reading, at, by)
    for each in before:
        same = each.statement.count == statement.count and each.statement.hash == statement.hash
        if same and each.public_key == public:
            return each
    made = Signature(
        statement=statement,
        public_key=public,
        signature=private.sign(canonical(statement.plain())).hex(),
    )
    path = Path(folder) / SIGNATURE_FILE
    try:
        replace(path, _written((*before, made)))
    except OSError as error:
        raise RecordError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    return made


def _written(signatures: tuple[Signature, ...]) -> bytes:
    plain = {"schema": SIGNATURE_SCHEMA, "signatures": [each.plain() for each in signatures]}
    return canonical(plain) + b"\n"
