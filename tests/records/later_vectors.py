"""Golden vectors of what is done to a record after its run: redaction, migration, signatures.

`tests.records.vectors` writes them with the others. The key that signs here is known to everybody: `docs/vectors/key.pub`
is its public half. `heads.jsonl` holds the head of `whole`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from folkmoot.records.canonical import canonical, digest
from folkmoot.records.chain import GENESIS, Head, seal, seal_redacted
from folkmoot.records.seal.masking import Part, take

AT = "2026-01-01T00:00:00.000+00:00"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
FINGERPRINT = digest(KEY.public_key().public_bytes_raw())

Lines = list[bytes]
"""Without their newlines."""


class Later(NamedTuple):
    """A journal and what lies beside it, and what a verifier has to find."""

    lines: Lines
    schema: str
    ok: bool = True
    line: int | None = None
    signature: bytes | None = None


def later(lines: Lines) -> dict[str, Later]:
    """Every vector by its name, from a whole journal."""
    return dict(_redacted(lines)) | dict(_migrated(lines)) | dict(_signed(lines))


def heads(lines: Lines) -> bytes:
    """A file with the head of a journal, kept."""
    first = json.loads(lines[0])["data"]["run_id"]
    body = {"count": len(lines), "hash": hash_of(lines), "run": first}
    return seal(canonical(body), "head", 1, GENESIS)[0]


def redacted(lines: Lines, *messages: str) -> Lines:
    """The journal with the text of messages taken out, and the line that says so."""
    found = [json.loads(line) for line in lines]
    parts = [Part(at["n"], at["kind"], at["data"], set(at.get("redacted", ()))) for at in found]
    for message in messages:
        take(parts, message)
    made = [_line(part, at) for part, at in zip(parts, found, strict=True)]
    now = [
        each
        for each, old in zip(zip(parts, made, strict=True), lines, strict=True)
        if each[1] != old
    ]
    said = [{"n": part.n, "sha256": digest(line)} for part, line in now]
    return appended(made, "redaction", _redaction(messages, said))


def appended(lines: Lines, kind: str, data: dict[str, Any]) -> Lines:
    """The journal with one more line."""
    return [*lines, seal(canonical(data), kind, len(lines) + 1, hash_of(lines))[0][:-1]]


def hash_of(lines: Lines) -> str:
    """The hash of the last line."""
    return json.loads(lines[-1])["hash"]


def signature(lines: Lines, **other: Any) -> bytes:
    """A file with a signature of a journal; `other` is put into the statement after it was signed."""
    opening = json.loads(lines[0])
    statement = {
        "signs": "folkmoot record/1",
        "journal": "journal/1",
        "run_id": opening["data"]["run_id"],
        "opening": opening["hash"],
        "count": len(lines),
        "hash": hash_of(lines),
        "at": AT,
        "by": "ann",
    }
    signed = {
        "statement": {**statement, **other},
        "public_key": KEY.public_key().public_bytes_raw().hex(),
        "signature": KEY.sign(canonical(statement)).hex(),
    }
    return canonical({"schema": "signature/1", "signatures": [signed]}) + b"\n"


def rechained(lines: Lines, edit: Callable[[dict[str, Any]], None]) -> Lines:
    """The journal with its opening edited, and every hash right."""
    made: Lines = []
    prev = GENESIS
    for line in map(json.loads, lines):
        if line["n"] == 1:
            edit(line["data"])
        raw, prev = seal(canonical(line["data"]), line["kind"], line["n"], prev)
        made.append(raw[:-1])
    return made


def head(lines: Lines, schema: str) -> bytes:
    """The head of a journal of that version."""
    return Head(len(lines), hash_of(lines), schema).encode()


def _redacted(lines: Lines) -> Iterator[tuple[str, Later]]:
    once = redacted(lines, "M1")
    n = next(at["n"] for at in map(json.loads, once) if "redacted" in at)
    raw = once[n - 1]
    for name, each in {
        "redacted": once,
        "redacted-twice": redacted(once, "M2"),
        "redacted-unfinished": redacted(lines[:-1], "M1"),
    }.items():
        yield name, Later(each, "journal/2")
    end = len(once)
    for name, (each, line) in {
        "redacted-otherwise": ([*once[: n - 1], raw.replace(b'"nurse"', b'"clerk"'), *once[n:]], n),
        "redacted-unsaid": (once[:-1], n),
        "redacted-hash-not-its-own": (
            [*once[: n - 1], raw.replace(json.loads(raw)["hash"].encode(), b"f" * 64), *once[n:]],
            n + 1,
        ),
        "redacted-nothing-gone": (
            _said_anew([*once[: n - 1], raw.replace(b'["/text"]', b'["/seat"]'), *once[n:]]),
            n,
        ),
        "redacted-of-no-field": (
            _said_anew(
                [*once[: n - 1], raw.replace(b'["/text"]', b'["/text","/error"]'), *once[n:]]
            ),
            n,
        ),
        "redacted-nowhere": (
            _said_anew([*once[: n - 1], raw.replace(b'["/text"]', b"[]"), *once[n:]]),
            n,
        ),
        "redacted-opening": ([_as_redacted(lines[0], "/vector"), *lines[1:]], 1),
        "redaction-of-no-line": (
            appended(once, "redaction", _redaction(["M2"], [{"n": 2, "sha256": "0" * 64}])),
            end + 1,
        ),
        "after-a-redaction": (appended(once, "close", {"at": AT, "status": "complete"}), end + 1),
    }.items():
        yield name, Later(each[:line] if line > end else each, "journal/2", ok=False, line=line)


def _migrated(lines: Lines) -> Iterator[tuple[str, Later]]:
    came = {
        "from_schema": "journal/1",
        "to_schema": "journal/2",
        "head": hash_of(lines),
        "lines": len(lines),
    }
    once = appended(lines, "migration", came)
    yield "migrated", Later(once, "journal/2")
    yield "migrated-and-redacted", Later(redacted(once, "M3"), "journal/2")
    other = appended(lines, "migration", {**came, "head": "0" * 64})
    yield "migrated-from-another", Later(other, "journal/2", ok=False, line=len(other))
    back = appended(lines, "migration", {**came, "from_schema": "journal/0"})
    yield "migrated-from-nothing", Later(back, "journal/2", ok=False, line=len(back))
    newer = rechained(lines, lambda opening: opening.update(journal_schema="journal/9"))
    yield "newer-version", Later(newer, "journal/9", ok=False, line=1)
    yield "head-of-newer", Later(lines, "journal/9", ok=False)
    yield "head-of-later", Later(lines, "journal/2", ok=False)


def _signed(lines: Lines) -> Iterator[tuple[str, Later]]:
    whole = signature(lines)
    other = rechained(lines, lambda opening: opening.update(run_id="r2"))
    again = rechained(lines, lambda opening: opening.update(seed=8))
    yield "signed", Later(lines, "journal/1", signature=whole)
    yield "signed-and-grown", Later(lines, "journal/1", signature=signature(lines[:-3]))
    yield "signed-and-redacted", Later(redacted(lines, "M1"), "journal/2", signature=whole)
    for name, each, beside in (
        ("signed-and-cut", lines[:-2], whole),
        ("signed-and-rewritten", again, whole),
        ("signed-under-another-id", other, whole),
        ("signed-otherwise", lines, signature(lines, by="bob")),
        ("signature-of-nothing", lines, whole.replace(b'"by"', b'"for"')),
        ("signature-spelt-otherwise", lines, whole.replace(b":", b": ", 1)),
        ("signature-of-newer", lines, whole.replace(b"signature/1", b"signature/9")),
    ):
        yield name, Later(each, "journal/1", ok=False, signature=beside)


def _redaction(messages: Any, lines: list[dict[str, Any]]) -> dict[str, Any]:
    said = {"at": AT, "by": "ann", "reason": "a name", "messages": list(messages)}
    return {**said, "lines": lines, "unaudited": []}


def _said_anew(lines: Lines) -> Lines:
    """The journal with a redaction at its end that has every redacted line as it stands."""
    *rest, last = lines
    data = json.loads(last)["data"]
    said = [{"n": each["n"], "sha256": digest(rest[each["n"] - 1])} for each in data["lines"]]
    return appended(rest, "redaction", {**data, "lines": said})


def _line(part: Part, at: dict[str, Any]) -> bytes:
    if not part.taken:
        return canonical(at)
    body, own = canonical(part.data), at["hash"]
    return seal_redacted(body, part.kind, part.n, at["prev"], own, sorted(part.taken))[:-1]


def _as_redacted(line: bytes, pointer: str) -> bytes:
    return canonical({**json.loads(line), "redacted": [pointer]})
