"""Make the lessons of the contributions here from public collections, and tests that none has learned from.

    python examples/contributions/make_lessons.py DATA --to examples/contributions [--tests FOLDER] [--few FOLDER]

DATA is a folder of the collections named in NOTICE.md, as JSONL. Every task is divided by a digest of its
groups (topics, entities, scenarios): what is tested is in no lesson of any contribution, and this is checked.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import lesson_arguments as arguments
import lesson_knowledge as world
import lesson_morals as morals
import lesson_reasoning as reasoning
from lesson_items import (
    Divided,
    Item,
    Task,
    candidates,
    even,
    held_out,
    learned,
    placed,
    plain,
    rank,
)

TASKS = (
    Task("arithmetic", reasoning.arithmetic),
    Task("logic", reasoning.logic, closed=True, tests=84, alike=False),
    Task("entailment", reasoning.entailment, closed=True, lessons=1000, alike=False),
    Task("critique", reasoning.critique, closed=True, tests=80, alike=False),
    Task("commonsense", world.commonsense, closed=True),
    Task("claims", world.claims, closed=True, lessons=700),
    Task("knowledge", world.knowledge),
    Task("truthfulness", world.truthfulness, tests=72),
    Task("warrants", arguments.warrants, lessons=520),
    Task("evidence", arguments.evidence, closed=True),
    Task("stance", arguments.stance, closed=True, lessons=1000),
    Task("updates", arguments.updates, closed=True, lessons=1000),
    Task("moral-care", morals.care),
    Task("moral-rules", morals.rules),
    Task("moral-freedom", morals.freedom),
    Task("moral-outcomes", morals.outcomes),
    Task("moral", morals.moral, lessons=0),
    Task("big-bench", world.big_bench, lessons=0),
)
"""The last two are tests alone."""

ELSEWHERE = "big-bench"
"""The task of which no tests ship with examples/studies/participation, as fifty of each other do."""

SPOKEN = 3
"""One lesson in so many keeps its reason: writing takes as long to learn as choosing."""


def divided(folder: Path) -> dict[Task, Divided]:
    """Task → its lessons and tests.

    Raises:
        ValueError: a question of a test is among the lessons.
    """
    items = {task: candidates(task, folder) for task in TASKS}
    tests = {task: held_out(task, items[task]) for task in TASKS}
    tested = {plain(item.question) for each in tests.values() for item in each}
    found = {
        task: Divided(
            learned(task, [one for one in items[task] if plain(one.question) not in tested], each),
            each,
        )
        for task, each in tests.items()
    }
    taught = {plain(item.question) for each in found.values() for item in each.lessons}
    if both := taught & tested:
        raise ValueError(f"taught and tested: {sorted(both)[:3]}")
    return found


def lesson_lines(task: Task, items: Iterable[Item]) -> Iterable[str]:
    """Lessons as `folkmoot contribution train` reads them."""
    for item in placed(items, task.closed):
        spoken = item.reason is not None and rank("spoken", item.id) % SPOKEN == 0
        yield _line({"id": item.id, **_choice(item), **({"reason": item.reason} if spoken else {})})


def test_lines(task: Task, items: Iterable[Item]) -> Iterable[str]:
    """Tests as a panel is asked them."""
    for item in placed(items, task.closed):
        yield _line({"id": item.id, "task": task.name, **_choice(item)})


def _choice(item: Item) -> dict[str, Any]:
    return {"question": item.question, "options": list(item.options), "answer": item.answer}


def _line(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _write(path: Path, lines: Iterable[str]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes("".join(lines).encode())


def main() -> None:
    """Read the command line, make the files, say what is in them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA", help="folder of the collections")
    parser.add_argument("--to", type=Path, required=True, help="folder of the contributions")
    parser.add_argument("--tests", type=Path, help="folder for the held-out tests")
    parser.add_argument("--few", type=Path, help="folder for fifty of the tests of each task")
    given = parser.parse_args()
    if not (given.data / "train").is_dir():
        parser.error(f"{str(given.data)!r} is no folder of the collections: it has no folder train")
    for task, (lessons, tests) in divided(given.data).items():
        size = 0
        if lessons:
            size = _write(given.to / task.name / "lessons.jsonl", lesson_lines(task, lessons))
        if given.tests:
            _write(given.tests / f"{task.name}.jsonl", test_lines(task, tests))
        if given.few and task.name != ELSEWHERE:
            few = even(task, tests, 50)
            _write(given.few / f"{task.name}.jsonl", test_lines(task, few))
        share = Counter(item.answer for item in tests).most_common(1)[0][1] / len(tests)
        even_share = f", {share:.0%} of them with the commonest answer" if task.closed else ""
        print(
            f"{task.name}: {len(lessons)} lessons, {size / 1000:.0f} kB; {len(tests)} tests{even_share}"
        )


if __name__ == "__main__":
    main()
