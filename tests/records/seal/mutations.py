"""Every way to change a record that a mutation test tries: each value of each line and file, lines and runs."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.records.canonical import canonical
from folkmoot.records.chain import seal

RETAINED = Path(__file__).parents[3] / "bench" / "retained" / "planted.tar.xz"
DERIVED = ("transcript.json", "conflicts.json", "outcome.json")


class Edit(NamedTuple):
    """A file of the record with `text` in the place of the bytes from `start` to `end`."""

    name: str
    what: str
    start: int
    end: int
    text: str

    def of(self, raw: bytes) -> bytes:
        return raw[: self.start] + self.text.encode() + raw[self.end :]


def unpack(names: tuple[str, ...], to: Path) -> list[Path]:
    """Retained records of real runs."""
    with tarfile.open(RETAINED) as packed:
        members = [each for each in packed.getmembers() if {*Path(each.name).parts} & {*names}]
        packed.extractall(to, members, filter="data")
    return [to / name for name in names]


def of_lines(raw: bytes) -> Iterator[Edit]:
    """Each value of each line changed, with the hash left and with the hash made right."""
    end = 0
    for number, line in enumerate(raw.splitlines(), 1):
        start, end = end, end + len(line) + 1
        found = json.loads(line)
        for path, changed in leaves(found):
            where = f"line {number} {path}"
            yield Edit("journal.jsonl", where, start, end, canonical(changed).decode() + "\n")
            if path[0] == "data" or path[0] == "kind":
                sealed, _ = seal(canonical(changed["data"]), changed["kind"], number, found["prev"])
                yield Edit("journal.jsonl", f"{where} resealed", start, end, sealed.decode())


def of_order(raw: bytes) -> Iterator[Edit]:
    """Each line deleted, repeated, and exchanged with the next; a line of nobody put in before it."""
    lines = raw.splitlines(keepends=True)
    end = 0
    prev = ""
    for number, line in enumerate(lines, 1):
        start, end = end, end + len(line)
        found = json.loads(line)
        prev, n = found["prev"], found["n"]
        put_in, _ = seal(b'{"call":"c0.0"}', "again", n, prev)
        edits = {"deleted": b"", "twice": line * 2, "put in": put_in + line}
        for what, text in edits.items():
            yield Edit("journal.jsonl", f"line {number} {what}", start, end, text.decode())
        if number < len(lines):
            after = lines[number]
            both = (after + line).decode()
            yield Edit("journal.jsonl", f"line {number} exchanged", start, end + len(after), both)


def of_splices(raw: bytes, other: bytes) -> Iterator[Edit]:
    """The beginning of one run and the rest of another, joined after each line."""
    theirs = other.splitlines(keepends=True)
    end = 0
    for number, line in enumerate(raw.splitlines(keepends=True), 1):
        end += len(line)
        rest = b"".join(theirs[number:]).decode()
        if end < len(raw) or rest:
            yield Edit("journal.jsonl", f"spliced after line {number}", end, len(raw), rest)


def of_file(name: str, raw: bytes) -> Iterator[Edit]:
    """Each value of a derived file, or of the head, changed."""
    for path, changed in leaves(json.loads(raw)):
        if path[:2] == ("coverage", "first_answers"):
            continue  # The one figure that the second verifier does not come to.
        yield Edit(name, f"{name} {path}", 0, len(raw), canonical(changed).decode() + "\n")


def leaves(value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value in a JSON value that holds no other, by its path; and the whole with that one changed.

    The whole is one and the same object each time: use it before the next.
    """
    todo: list[tuple[Any, tuple[Any, ...]]] = [(value, ())]
    while todo:
        inner, path = todo.pop()
        for name in list(inner) if isinstance(inner, dict) else range(len(inner)):
            each = inner[name]
            if isinstance(each, dict | list) and each:
                todo.append((each, (*path, name)))
                continue
            inner[name] = other(each)
            yield (*path, name), value
            inner[name] = each


def other(value: Any) -> Any:
    """A value of the same kind that is another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return {"x": 0} if isinstance(value, dict) else [0] if isinstance(value, list) else 0


def shapes(edits: Iterator[Edit], kinds: dict[int, str]) -> Iterator[Edit]:
    """One edit of each field of each kind of line, however often it occurs."""
    seen: set[str] = set()
    for edit in edits:
        words = edit.what.split(" ", 2)
        place = "".join("#" if each.isdigit() else each for each in _split(words[-1]))
        kind = kinds.get(int(words[1]), "") if words[0] == "line" else words[0]
        if (shape := f"{kind} {place}") not in seen:
            seen.add(shape)
            yield edit


def _split(path: str) -> list[str]:
    return path.replace("(", "( ").replace(",", " ,").replace(")", " )").split(" ")
