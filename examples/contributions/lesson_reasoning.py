"""Items of arithmetic, logic, entailment and critique."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from lesson_items import LONGEST, Item, Row, chosen, pieces, plain, rank, rows, unlettered

REASON = 160
"""Characters of a reason at most."""


def arithmetic(folder: Path) -> Iterator[Item]:
    """SVAMP and GSM8K as a choice among four numbers, and AQuA-RAT with its own options."""
    for row in rows(folder, "svamp"):
        said = re.sub(r"\.0\b|[()]", "", row["equation"])
        reason = f"{' '.join(said.split())} = {row['answer']}."
        yield from _numbers(row, reason if row["equation"].count("(") == 1 else None)
    for row in rows(folder, "gsm8k"):
        worked = " ".join(row["rationale"].split())
        yield from _numbers(row, worked if len(worked) <= REASON else None)
    for row in rows(folder, "aqua_rat"):
        options = unlettered(row["choices"])
        yield Item(row["id"], row["id"], row["question"], options, chosen(row))


def _numbers(row: Row, reason: str | None) -> Iterator[Item]:
    if re.fullmatch(r"\d+", row["answer"]):
        right = int(row["answer"])
        wrong = _wrong(row["question"], right, row["id"])
        if len(wrong) == 3:
            options = tuple(map(str, (right, *wrong)))
            yield Item(row["id"], row["id"], row["question"], options, str(right), reason)


def _wrong(text: str, right: int, key: str) -> list[int]:
    """Three wrong numbers: one that the text names, one that another operation on two of its numbers
    gives, and a slip of the right one or of that (one or ten off, a nought more or less, double, half), so
    that the right one does not stand out as the one that others are near to."""
    named = [int(each) for each in re.findall(r"(?<![\d.])\d+(?![\d.]*\d)", text.replace(",", ""))]
    worked = [
        made
        for a, b in combinations(named, 2)
        for made in (a + b, abs(a - b), a * b, max(a, b) // max(1, min(a, b)))
    ]
    found: list[int] = []
    _add(found, named, right, key)
    _add(found, worked, right, key)
    near = found[-1] if found and rank("slip", key) % 2 else right
    slips = [near + 1, near - 1, near + 10, near - 10, near * 10, near * 2]
    slips += [near // 10 if near % 10 == 0 else near // 2]
    while len(found) < 3 and _add(found, slips, right, key):
        pass
    return found


def _add(found: list[int], fit: list[int], right: int, key: str) -> bool:
    """Add one number that is not there yet; whether there was one."""
    left = {each for each in fit if each >= 0 and each not in (right, *found)}
    if left:
        found.append(min(left, key=lambda each: rank(key, each)))
    return bool(left)


def logic(folder: Path) -> Iterator[Item]:
    """ProntoQA, cut to the sentences of the proof and some others, and ProofWriter's short contexts."""
    for row in rows(folder, "prontoqa"):
        statement = row["question"].partition("? ")[2]
        context = _cut(row, statement)
        options = ("true", "false")
        reason = " ".join(row["proof"][-3:])
        yield _statement(row, context, statement, options, reason)
    for row in rows(folder, "proofwriter"):
        statement = row["question"].partition("? ")[2]
        options = ("true", "false", "unknown")
        yield _statement(row, row["context"], statement, options, None)


def _cut(row: Row, statement: str) -> str:
    """The premises of the proof and four more sentences, those about what is asked first, in the
    order of the text."""
    sentences = re.findall(r"[^.]+\.", row["context"])
    asked = plain(statement).split()[-1]
    others = [each for each in sentences if each.strip() not in row["proof"]]
    others.sort(key=lambda each: (asked not in plain(each).split(), rank(row["id"], each)))
    kept = {*(each.strip() for each in others[:4]), *row["proof"]}
    return " ".join(each.strip() for each in sentences if each.strip() in kept)


def _statement(
    row: Row, context: str, statement: str, options: tuple[str, ...], reason: str | None
) -> Item:
    asked = f"{', '.join(options[:-1])} or {options[-1]}"
    return Item(
        row["id"],
        plain(row["context"]),
        f"{context}\nBy this alone, is it {asked}: {statement}",
        options,
        options["ABC".index(row["answer"])],
        reason if reason and len(reason) <= REASON else None,
    )


def entailment(folder: Path) -> Iterator[Item]:
    """HANS: does one sentence follow from another with the same words?"""
    for row in rows(folder, "train/hans"):
        yield Item(
            row["id"],
            plain(row["text_a"]),
            f"Given: {row['text_a']}\nDoes it follow: {row['text_b']}",
            ("yes", "no"),
            "yes" if row["label"] == "entailment" else "no",
        )


def critique(folder: Path) -> Iterator[Item]:
    """BIG-Bench Mistake: is a step of a solution right? Of each solution one step before the first mistake
    and the mistake itself; never its last step, which is wrong too often to be a fair question, nor a
    step that other solutions have word for word, which is always right."""
    every = rows(folder, "bigbench_mistake")
    usual = Counter(step for row in every for step in set(row["steps"]))
    for row in every:
        wrong, steps = row["mistake_index"], row["steps"]
        last = len(steps) - 1
        sound = range(1, last if wrong is None else wrong)
        own = [at for at in sound if usual[steps[at]] == 1]
        if own:
            yield from _step(row, min(own, key=lambda at: rank(row["id"], at)), "right")
        if wrong is not None and wrong < last:
            yield from _step(row, wrong, "wrong")


def _step(row: Row, at: int, verdict: str) -> Iterator[Item]:
    """The step after as many of those before it as are short enough, and the problem where it is; nothing
    if not even the step before it is."""
    steps = [" ".join(each.split()) for each in row["steps"]]
    problem = " ".join(row["question"].partition("\nOptions:")[0].split())
    before: list[str] = []
    left = LONGEST - 25 - pieces(steps[at])
    for each in reversed(steps[:at]):
        left -= pieces(each)
        if left < 0:
            break
        before.insert(0, each)
    left = LONGEST - 25 - sum(map(pieces, [steps[at], *before]))
    shown = [f"Problem: {problem}"] if pieces(problem) <= left else []
    shown += [f"Before: {' '.join(before)}", f"Step: {steps[at]}", "Is this step right or wrong?"]
    if before:
        key = f"{row['id']}-{at}"
        yield Item(key, plain(row["question"]), "\n".join(shown), ("right", "wrong"), verdict)
