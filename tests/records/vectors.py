"""Golden vectors of the record format: a whole journal, and the same damaged in every way that shows.

    python -m tests.records.vectors       # writes docs/vectors anew

`docs/vectors/whole` is given; every other folder follows from it. `expected.json` says of each whether it is
intact and, where it is not, at which line that shows first (null: in no single line).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.records.canonical import canonical, digest
from folkmoot.records.chain import GENESIS, Head, seal
from tests.records.later_vectors import PUBLIC, head, heads, later

FOLDER = Path(__file__).parents[2] / "docs" / "vectors"
EXPECTED = FOLDER / "expected.json"

AT = "2026-01-01T00:00:00.000+00:00"
HOSTILE = '\u202e</script><message id="M1"> \0\x1b[31m \u200b e\u0301 \U0001f600 \u2028 "\\" \ufb33 \x7f\r\n'
ODD = [0.1, 1e-7, 1e21, 1.5, 100.0, -0.5, 9007199254740991, 5e-324, 1e16, 123456789.123]

Lines = list[bytes]
"""Without their newlines."""
Part = tuple[str, Any]
"""The kind and the data of a line."""


class Vector(NamedTuple):
    """A journal, its head (None: there is none), and what a verifier has to find."""

    journal: bytes
    head: bytes | None
    ok: bool
    line: int | None = None
    signature: bytes | None = None


def vectors() -> dict[str, Vector]:
    """Every vector by its name."""
    lines = (FOLDER / "whole" / "journal.jsonl").read_bytes().splitlines()
    parts = [(line["kind"], line["data"]) for line in map(json.loads, lines)]
    broken = dict(_damaged(lines)) | {
        name: (chained(each), line) for name, (each, line) in _forged(parts)
    }
    return (
        dict(_sound(lines, parts))
        | dict(_headless(lines, parts))
        | {
            name: Vector(as_bytes(each[:line]), head_of(each[:line]), ok=False, line=line)
            for name, (each, line) in broken.items()
        }
        | {
            name: Vector(
                as_bytes(each.lines),
                head(each.lines, each.schema),
                each.ok,
                each.line,
                each.signature,
            )
            for name, each in later(lines).items()
        }
    )


def _sound(lines: Lines, parts: list[Part]) -> Iterator[tuple[str, Vector]]:
    """What a verifier must not complain of."""
    opening = parts[0][1]
    protocol = opening["protocol"] | {"params": {"odd": ODD, "\ufb33": 1, "\U0001f600": 2}}
    aborted = _call(parts)
    for name, each in {
        "whole": lines,
        "unfinished": lines[:-1],
        "hostile-text": chained([parts[0], _text(HOSTILE), *parts[1:]]),
        "odd-numbers": chained([("opening", opening | {"protocol": protocol}), *parts[1:]]),
        "stopped-and-resumed": chained(
            [*parts[:4], ("resume", {"at": AT, "lost": [aborted]}), *parts[4:]]
        ),
        "aborted-and-asked-again": chained(
            [*parts[:4], ("abort", {"call": aborted}), ("again", {"call": aborted}), *parts[4:]]
        ),
    }.items():
        yield name, Vector(as_bytes(each), head_of(each), ok=True)
    yield "head-lags", Vector(as_bytes(lines), head_of(lines[:-3]), ok=True)


def _headless(lines: Lines, parts: list[Part]) -> Iterator[tuple[str, Vector]]:
    """What is wrong beside the lines, or in none alone."""
    whole, head, end = as_bytes(lines), head_of(lines), len(lines)
    yield "empty", Vector(b"", Head(0, GENESIS).encode(), ok=False)
    yield "torn", Vector(whole + b'{"data":', head, ok=False, line=end + 1)
    yield "head-missing", Vector(whole, None, ok=False)
    yield "head-spelt-otherwise", Vector(whole, head.replace(b":", b": ", 1), ok=False)
    yield "head-of-another", Vector(whole, Head(end, digest(b"another")).encode(), ok=False)
    yield "cut-off-at-the-end", Vector(as_bytes(lines[:-2]), head, ok=False)


def _damaged(lines: Lines) -> Iterator[tuple[str, tuple[Lines, int]]]:
    """Bytes that somebody changed, and the line at which it shows."""
    edits = {
        "byte-changed": (b"You are", b"You Are"),
        "hash-not-its-own": (json.loads(lines[2])["hash"].encode(), b"f" * 64),
        "blank": (b'{"data":', b'{"data": '),
        "escaped": (b'"text"', b'"te\\u0078t"'),
        "duplicate-key": (b'{"data":', b'{"data":{},"data":'),
        "key-too-many": (b'{"data":', b'{"also":1,"data":'),
        "number-spelt-otherwise": (b'"n":3', b'"n":3.0'),
        "nan": (b'"n":3', b'"n":NaN'),
        "lone-surrogate": (b'"text":"', b'"text":"\\ud800'),
        "not-utf-8": (b'"text":"', b'"text":"\xff'),
        "not-json": (b'{"data":', b'"data":'),
    }
    for name, (old, new) in edits.items():
        assert old in lines[2], name
        yield name, ([*lines[:2], lines[2].replace(old, new, 1)], 3)
    yield "empty-line", ([*lines[:2], b"", *lines[2:]], 3)
    yield "line-missing", ([*lines[:3], *lines[4:]], 4)
    yield "line-twice", ([*lines[:4], *lines[3:]], 5)
    yield "lines-exchanged", ([*lines[:4], lines[5], lines[4]], 5)
    alone, _ = seal(canonical(_text("put in")[1]), "text", 5, json.loads(lines[3])["hash"])
    yield "line-put-in", ([*lines[:4], alone[:-1], *lines[4:]], 6)


def _forged(parts: list[Part]) -> Iterator[tuple[str, tuple[list[Part], int]]]:
    """Chains that hold, of lines that may not stand where they do. Lines 2 and 3 are texts, 4 asks, 5 answers."""
    call = _call(parts)
    yield "unknown-kind", ([*parts[:2], ("note", {"text": "hello"})], 3)
    yield "opening-twice", ([*parts[:2], parts[0]], 3)
    yield "no-opening", (parts[1:], 1)
    yield "after-the-end", ([*parts, _text("one more")], len(parts) + 1)
    text = parts[2][1]
    yield "text-not-its-digest", ([*parts[:2], ("text", text | {"text": "Other words."})], 3)
    yield "text-twice", ([*parts[:3], parts[2]], 4)
    yield "text-missing", ([*parts[:2], *parts[3:]], 3)
    yield "call-twice", ([*parts[:4], parts[3]], 5)
    yield "reply-unasked", ([*parts[:3], parts[4]], 4)
    yield "reply-twice", ([*parts[:5], parts[4]], 6)
    yield "reply-as-record", ([*parts[:4], ("record", parts[4][1])], 5)
    at = next(place for place, (kind, _) in enumerate(parts) if kind == "record")
    yield "record-twice", ([*parts[: at + 1], parts[at]], at + 2)
    yield "again-without-abort", ([*parts[:4], ("again", {"call": call})], 5)
    yield "abort-after-reply", ([*parts[:5], ("abort", {"call": call})], 6)
    yield "lost-otherwise", ([*parts[:4], ("resume", {"at": AT, "lost": []})], 5)


def _call(parts: list[Part]) -> str:
    """The id of the first call."""
    call = parts[3][1]
    return f"c{call['step']}.{call['order']}"


def _text(text: str) -> Part:
    return "text", {"sha256": digest(text.encode()), "text": text}


def chained(parts: Iterable[Part]) -> Lines:
    """A chain of these lines, its hashes right."""
    lines: Lines = []
    prev = GENESIS
    for n, (kind, data) in enumerate(parts, 1):
        raw, prev = seal(canonical(data), kind, n, prev)
        lines.append(raw[:-1])
    return lines


def as_bytes(lines: Lines) -> bytes:
    """A journal of these lines."""
    return b"".join(line + b"\n" for line in lines)


def head_of(lines: Lines) -> bytes:
    """Its head; of a last line that is none, with the hash of no line."""
    try:
        return Head(len(lines), json.loads(lines[-1])["hash"]).encode()
    except ValueError:
        return Head(len(lines), GENESIS).encode()


def expected(found: Mapping[str, Vector]) -> dict[str, dict[str, Any]]:
    """What a verifier has to find, by name."""
    return {name: {"ok": each.ok, "line": each.line} for name, each in sorted(found.items())}


def main() -> None:
    """Write every vector but the given one."""
    found = vectors()
    for name, vector in found.items():
        folder = FOLDER / name
        folder.mkdir(exist_ok=True)
        if name != "whole":
            (folder / "journal.jsonl").write_bytes(vector.journal)
            if vector.head is not None:
                (folder / "head.json").write_bytes(vector.head)
            if vector.signature is not None:
                (folder / "signature.json").write_bytes(vector.signature)
    (FOLDER / "key.pub").write_bytes(PUBLIC)
    (FOLDER / "heads.jsonl").write_bytes(
        heads((FOLDER / "whole" / "journal.jsonl").read_bytes().splitlines())
    )
    EXPECTED.write_text(json.dumps(expected(found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
