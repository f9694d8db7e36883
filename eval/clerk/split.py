"""A split by topic: what a clerk learns from, and what is held out to measure it on.

Topics go to one side or the other by a digest of their text, so every set, and every run, agrees on
them. No text of a held-out row is learned from under another topic or in another set.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.eval.clerk.sets import Pair, rows

_TOPICS = ("topic", "group", "pair", "context", "claim")

_PLAIN = re.compile(r"[\W_]+")


class Split(NamedTuple):
    """Both sides of a split."""

    learned: Mapping[str, tuple[Pair, ...]]
    """File name → the pairs to learn from."""
    held_out: Mapping[str, tuple[dict[str, Any], ...]]
    """File name → the rows of held-out topics, as they stand in the file."""
    dropped: Mapping[str, int]
    """File name → pairs that are on neither side: a text of theirs is held out."""


def split(files: Sequence[Path], one_in: int = 8, topics: Sequence[str] = ()) -> Split:
    """Hold out about one in so many topics of some relation and statement sets.

    Args:
        files: the sets. Files of one name are taken to be parts of one set.
        one_in: 0 for none but those that are named.
        topics: held out, too.

    Raises:
        InputError: as `read_set`.
    """
    named = {plain(each) for each in topics}

    def is_held(row: Mapping[str, Any]) -> bool:
        about = topic(row)
        return about in named or (one_in > 0 and _number(about) % one_in == 0)

    every = {file: list(rows(file)) for file in files}
    held = {
        file: [(row, pairs) for row, pairs in found if is_held(row)]
        for file, found in every.items()
    }
    texts = {
        plain(text)
        for found in held.values()
        for _, pairs in found
        for pair in pairs
        for text in (pair.first, pair.second)
    }
    learned: dict[str, list[Pair]] = {}
    dropped: dict[str, int] = {}
    for file, found in every.items():
        pairs = [p for row, those in found if not is_held(row) for p in those]
        kept = [p for p in pairs if plain(p.first) not in texts and plain(p.second) not in texts]
        learned.setdefault(file.stem, []).extend(kept)
        dropped[file.stem] = dropped.get(file.stem, 0) + len(pairs) - len(kept)
    out: dict[str, list[dict[str, Any]]] = {}
    for file, found in held.items():
        out.setdefault(file.stem, []).extend(row for row, _ in found)
    return Split(
        {name: tuple(pairs) for name, pairs in learned.items()},
        {name: tuple(found) for name, found in out.items() if found},
        dropped,
    )


def write_held_out(folder: Path, found: Split) -> tuple[Path, ...]:
    """Write the held-out rows, a file for each set, so that the clerk can be measured on them."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, held in found.held_out.items():
        path = folder / f"{name}.jsonl"
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in held)
        path.write_text("".join(lines), encoding="utf-8")
        written.append(path)
    return tuple(written)


def plain(text: str) -> str:
    """A text without case, blanks and marks: what two spellings of one text have in common."""
    return _PLAIN.sub("", text.casefold())


def topic(row: Mapping[str, Any]) -> str:
    """What a row is about: its topic or group where it says so, else its first text."""
    named = (row.get(key) for key in _TOPICS)
    return plain(str(next((each for each in named if each), row.get("text_a", ""))))


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def learned_by_label(pairs: Sequence[Pair]) -> Iterator[tuple[str, Pair]]:
    """Each pair under what it teaches: a relation, or whether the same point is made."""
    for pair in pairs:
        relation = pair.relation or ("attack" if pair.conflict else None)
        if relation is not None:
            yield relation, pair
        elif pair.same is not None:
            yield ("same" if pair.same else "other"), pair
