"""How often the rule for the kind of a conflict (kind/4) is right, on sets whose kind is known.

    python bench/kinds.py DATA

DATA is a folder with one JSON object a line in files of these names; a set that is not there is left
out. What a set is about makes its label: tests of knowledge are factual; dilemmas, pairs of values
and "should" questions are of value or preference (of value, where both sides come with values of
their own); ambiguous sentences and pronouns are interpretive; what a word means is definitional. No
set of procedural questions is known. ValueEval's gold labels judge the word list of the library's
values. No model is asked. The last line is JSON: for each set its size and the share that is right,
for each kind the mean over its sets, what the factual ones are taken for where both sides declare
values, and precision, recall and macro F1 of the word list.
"""

import argparse
import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.agents.values import SCHWARTZ_20, values_in
from folkmoot.protocols.kinds import kind
from folkmoot.records import Tension

BOTH = tuple(Tension(value=side, position=side, parties=(side,)) for side in "ab")
"""Two sides that declared values of their own."""
FACTUAL = ("creak", "strategyqa", "truthfulqa", "mmlu_sample", "nyu_debates", "single_turn_debate")
EITHER = frozenset({"value", "preference"})


class Labelled(NamedTuple):
    """An issue with the kinds that are right for it."""

    issue: str
    right: frozenset[str]
    texts: tuple[str, ...] = ()
    tensions: tuple[Tension, ...] = ()


def sets(folder: Path) -> Iterator[tuple[str, str, list[Labelled]]]:
    """Each set: its name, what its label is called, its items."""
    for name in FACTUAL:
        found = [
            Labelled(row["question"], frozenset({"factual"}), tuple(map(str, row["choices"])))
            for row in rows(folder, name)
        ]
        yield name, "factual", found
    for name in ("moralchoice", "dailydilemmas"):
        found = [
            Labelled(row["question"], EITHER, tuple(row["choices"])) for row in rows(folder, name)
        ]
        yield name, "value or preference", found
    should = (
        row for row in rows(folder, "habermas_questions") if row["question"].startswith("Should")
    )
    found = [
        Labelled(row["question"], EITHER, (row["affirming"], row["negating"])) for row in should
    ]
    yield "habermas_questions", "value or preference", found
    found = [
        Labelled(
            row["question"],
            frozenset({"value"}),
            tensions=(
                Tension(value=row["value_a"], position="a", parties=("a",)),
                Tension(value=row["value_b"], position="b", parties=("b",)),
            ),
        )
        for row in rows(folder, "conflictscope")
    ]
    yield "conflictscope", "value", found
    found = [
        Labelled(
            f"Does “{row['text_a']}” mean that “{row['text_b']}”?", frozenset({"interpretive"})
        )
        for row in rows(folder, "ambient")
        if row["ambiguous"]
    ]
    yield "ambient", "interpretive", found
    found = [
        Labelled(row["question"], frozenset({"interpretive"}))
        for row in rows(folder, "bbh")
        if row["task"] == "disambiguation_qa"
    ]
    yield "bbh disambiguation_qa", "interpretive", found
    found = [
        Labelled(row["question"], frozenset({"definitional"}))
        for row in rows(folder, "xstest")
        if row["type"] == "definitions"
    ]
    yield "xstest definitions", "definitional", found


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The objects in a file; none where there is no such file."""
    file = folder / f"{name}.jsonl"
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def measured(items: Iterable[Labelled]) -> dict[str, Any]:
    """How many of a set are right, and what they were taken for."""
    taken = [(each, kind(each.issue, each.tensions, each.texts)) for each in items]
    right = sum(found in each.right for each, found in taken)
    return {
        "n": len(taken),
        "right": round(right / len(taken), 3),
        "taken_for": dict(Counter(found for _, found in taken)),
    }


def word_list(arguments: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Precision, recall and macro F1 of the values that the words of a premise name."""
    names = {label: name for name, label in SCHWARTZ_20.labels.items()}
    hits, named, gold = Counter[str](), Counter[str](), Counter[str]()
    for row in arguments:
        meant = {names[value.lower()] for value in row["values"]}
        found = set(values_in(row["premise"]))
        hits.update(found & meant)
        named.update(found)
        gold.update(meant)
    each = [2 * hits[name] / ((named[name] + gold[name]) or 1) for name in SCHWARTZ_20.labels]
    return {
        "precision": round(hits.total() / named.total(), 3),
        "recall": round(hits.total() / gold.total(), 3),
        "macro_f1": round(statistics.mean(each), 3),
    }


def main() -> None:
    """Measure every set that is there, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data
    found: dict[str, dict[str, Any]] = {}
    kinds: dict[str, list[float]] = {}
    declared = Counter[str]()
    for name, label, items in sets(folder):
        if items:
            found[name] = measured(items)
            kinds.setdefault(label, []).append(found[name]["right"])
            print(f"{name}: {found[name]}")
        if label == "factual":
            declared.update(kind(each.issue, BOTH) for each in items)
    shares = {label: round(statistics.mean(each), 3) for label, each in kinds.items()}
    report: dict[str, Any] = {"sets": found, "kinds": shares, "declared": dict(declared)}
    arguments = rows(folder, "valueeval23")
    for split in sorted({row["split"] for row in arguments}):
        mine = [row for row in arguments if row["split"] == split]
        report.setdefault("word_list", {})[split] = word_list(mine)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
