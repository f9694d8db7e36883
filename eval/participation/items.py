"""Items: questions with a known right option, by task, parted into those for development and those that count."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from folkmoot.records import InputError
from folkmoot.records.base import Frozen


class Item(Frozen, extra="ignore"):
    """A question with its options and the right one. Other fields of a file are passed over."""

    id: str = Field(min_length=1)
    task: str = Field(min_length=1)
    """The set that it is from; contributions name these as their priorities."""
    question: str = Field(min_length=1)
    options: tuple[str, ...] = Field(min_length=2, max_length=26)
    answer: str
    """One of the options."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if len(set(self.options)) < len(self.options):
            raise ValueError("two options are the same")
        if self.answer not in self.options:
            raise ValueError(f"the answer {self.answer!r} is none of the options")
        return self

    @property
    def name(self) -> str:
        """The item's name among those of all tasks, fit to name a record."""
        return hashlib.sha256(f"{self.task}\0{self.id}".encode()).hexdigest()[:16]


def read_items(paths: Iterable[Path], most: int | None = None) -> tuple[Item, ...]:
    """Read JSONL files of items, a task's items in the order of a digest of their questions.

    Args:
        paths: files, or folders of `*.jsonl`.
        most: of each task; None for all.

    Raises:
        InputError: a file cannot be read, a line is no item, or an item is there twice.
    """
    found: dict[str, list[Item]] = {}
    for path in _files(paths):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as fault:
            raise InputError(f"cannot read {str(path)!r}: {fault}") from fault
        for number, line in enumerate(lines, 1):
            if line.strip():
                item = _parsed(line, f"{path}:{number}")
                found.setdefault(item.task, []).append(item)
    items = [each for task in sorted(found) for each in sorted(found[task], key=_place)[:most]]
    if not items:
        raise InputError("there are no items", "give files of items, one JSON object a line")
    name, times = Counter(each.name for each in items).most_common(1)[0]
    if times > 1:
        twice = next(each for each in items if each.name == name)
        raise InputError(f"task {twice.task!r} has two items with the id {twice.id!r}")
    return tuple(items)


def parted(items: Sequence[Item], one_in: int = 3) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Items for development, one in so many of each task, and those that count.

    What a system is chosen or weighed by is measured on the first alone.
    """
    seen: Counter[str] = Counter()
    sides: tuple[list[Item], list[Item]] = ([], [])
    for item in items:
        sides[seen[item.task] % one_in != 0].append(item)
        seen[item.task] += 1
    return tuple(sides[0]), tuple(sides[1])


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return found


def _parsed(line: str, where: str) -> Item:
    try:
        return Item.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise InputError(
            f"{where}: {f'{field}: ' if field else ''}{reason}",
            "an item has id, task, question, options and answer",
        ) from error


def _place(item: Item) -> str:
    return hashlib.sha256(item.question.encode()).hexdigest()
