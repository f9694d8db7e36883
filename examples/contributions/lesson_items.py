"""What a lesson is made from, and how a collection is divided into lessons and held-out tests.

Nothing is drawn at random: every order is that of a digest, so the same collections give the same files.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = 145
"""Pieces (see `pieces`) of a question with its options, so that a prompt has under 250 tokens."""

CROWD = 5
"""Items of one group at most, so that no topic is most of a test."""

LIKE = 0.8
"""Two questions are too like each other from this share of common words (Jaccard)."""

_ELSEWHERE = re.compile(
    r"(?i)\b(above|below|these|them|all|none)\W*$|^(both )?[A-E] (and|or) [A-E]\b"
)
_BROKEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffd]")

Row = dict[str, Any]


class Item(NamedTuple):
    """A question with one right option."""

    id: str
    """Of the row that it is made from."""
    group: str
    """What must not be on both sides: a topic, an entity, a scenario."""
    question: str
    options: tuple[str, ...]
    answer: str
    reason: str | None = None


class Task(NamedTuple):
    """A skill: where its items come from, and how many are wanted."""

    name: str
    make: Callable[[Path], Iterable[Item]]
    """From the folder of the collections."""
    closed: bool = False
    """Every item has the same options, so that they have to be right about equally often."""
    lessons: int = 600
    """At most; none for a task that is there to test with alone."""
    tests: int = 100
    """At most."""
    alike: bool = True
    """Lessons that read nearly like a test are left out. Not where sentences come from templates."""


class Divided(NamedTuple):
    """The items of one task."""

    lessons: tuple[Item, ...]
    tests: tuple[Item, ...]


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of a collection."""
    lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def rank(*parts: object) -> int:
    """A number that looks drawn and is always the same for the same parts."""
    return int(hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest(), 16)


def plain(text: str) -> str:
    """Lower case, letters and digits only, one space between words: what two texts are compared by."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def tidy(text: str) -> str:
    """One line, a capital first, a full stop last."""
    text = re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text.rstrip(",;:") + "."


def pieces(text: str) -> int:
    """About as many as the tokens of a small model: English words in parts of up to seven letters, digits,
    signs, and letters that English does not have."""
    return len(re.findall(r"[A-Za-z]{1,7}|[^A-Za-z\s]", text))


def unlettered(choices: Iterable[str]) -> tuple[str, ...]:
    """Options without the "A) " before them."""
    return tuple(re.sub(r"^\(?[A-Z]\)\s*", "", each).strip() for each in choices)


def chosen(row: Row) -> str:
    """The text of the option whose letter is the answer."""
    return unlettered(row["choices"])["ABCDEFGHIJ".index(row["answer"].strip("()"))]


def candidates(task: Task, folder: Path) -> list[Item]:
    """The items of a task that are short enough and well formed, in a drawn order; no question twice
    with the same options, and few of one group."""
    found: dict[tuple[str, ...], Item] = {}
    for item in task.make(folder):
        length = pieces(item.question) + sum(map(pieces, item.options))
        if length <= LONGEST and _whole(item):
            found.setdefault((plain(item.question), *sorted(map(plain, item.options))), item)
    groups: dict[str, list[Item]] = {}
    for item in sorted(found.values(), key=lambda item: rank(item.question, item.id)):
        groups.setdefault(item.group, []).append(item)
    return [item for group in sorted(groups, key=rank) for item in groups[group][:CROWD]]


def held_out(task: Task, items: Sequence[Item]) -> tuple[Item, ...]:
    """The tests of a task: the first groups, until there are enough of every answer; a third of what there
    is at most."""
    return tuple(_taken(task, items, _quotas(task, items, task.tests, most=1 / 3)))


def learned(task: Task, items: Sequence[Item], tested: Iterable[Item]) -> tuple[Item, ...]:
    """The lessons of a task: of groups that no test is from, with no question that reads like a test."""
    own = list(tested)
    groups = {item.group for item in own}
    words = [set(plain(item.question).split()) for item in own] if task.alike else []
    free = [item for item in items if item.group not in groups and not _like(item.question, words)]
    return even(task, free, task.lessons)


def even(task: Task, items: Sequence[Item], wanted: int) -> tuple[Item, ...]:
    """The first items, as many as wanted, of every answer about equally many."""
    return tuple(_taken(task, items, _quotas(task, items, wanted)))


def placed(items: Iterable[Item], closed: bool) -> Iterator[Item]:
    """The items with their options in an order in which no place is right more often than another; where
    the options are closed, of every answer."""
    seen: Counter[tuple[int, str]] = Counter()
    for item in items:
        kind = (len(item.options), item.answer if closed else "")
        at = seen[kind] % len(item.options)
        seen[kind] += 1
        others = sorted(set(item.options) - {item.answer}, key=lambda each: rank(item.id, each))
        yield item._replace(options=(*others[:at], item.answer, *others[at:]))


def _whole(item: Item) -> bool:
    """Its answer is one of its options, these differ and do not speak of one another by place or letter,
    and no character is broken."""
    texts = (item.question, *item.options)
    return (
        item.answer in item.options
        and len(set(item.options)) == len(item.options) > 1
        and all(item.options)
        and not any(_ELSEWHERE.search(each) for each in item.options)
        and not any(_BROKEN.search(each) for each in texts)
    )


def _quotas(task: Task, items: Sequence[Item], wanted: int, most: float = 1) -> dict[str, int]:
    """Answer → how many of it; one entry where every item has options of its own."""
    there = Counter(item.answer if task.closed else "" for item in items)
    even = {label: min(-(-wanted // len(there)), int(n * most)) for label, n in there.items()}
    return dict.fromkeys(even, min(even.values())) if len(even) == 2 else even


def _taken(task: Task, items: Iterable[Item], wanted: dict[str, int]) -> Iterator[Item]:
    left = Counter(wanted)
    for item in items:
        label = item.answer if task.closed else ""
        if left[label] > 0:
            left[label] -= 1
            yield item


def _like(question: str, words: Iterable[set[str]]) -> bool:
    own = set(plain(question).split())
    return any(len(own & each) >= LIKE * len(own | each) for each in words)
