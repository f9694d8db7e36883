"""Relation sets and statement sets: files of claims whose relations people have labelled.

A relation set has a line for each pair:

    {"text_a": "…", "text_b": "…", "label": "attack", "conflict": true}

`conflict` is whether one contradicts, refutes, weakens or opposes the other; `label` may say more, and
1 or 0 for a label is whether they make the same point. A statement set has a line for each group of
statements, with the pairs of it that are opposed and, where people said so, those that are the same:

    {"statements": [{"sid": "s1", "text": "…"}, …], "opposed_pairs": [["s1", "s2"]], "same_pairs": []}
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from folkmoot.records import InputError

Relation = Literal["attack", "support", "neither"]

_LABELS: dict[str, Relation] = {
    "attack": "attack",
    "contradiction": "attack",
    "opposed": "attack",
    "refute": "attack",
    "support": "support",
    "same_point": "support",
    "same_side": "support",
    "entailment": "support",
    "completely-support": "support",
    "partially-support": "support",
    "neutral": "neither",
    "neither": "neither",
    "no_contradiction": "neither",
    "non-entailment": "neither",
    "irrelevant": "neither",
}
"""What the labels of the field's sets come to."""

_SAME = {"same_point": True, "same_side": False, "opposed": False}


class Pair(NamedTuple):
    """Two claims, and what people say of them. What nobody said is None."""

    first: str
    second: str
    conflict: bool | None = None
    relation: Relation | None = None
    same: bool | None = None
    group: str = ""
    """Rows of one group (a topic, a claim) are never on both sides of a split."""
    ends: tuple[str, str] | None = None
    """Of a statement set: which two of its group's statements they are."""


def read_set(path: str | Path) -> tuple[Pair, ...]:
    """The pairs of a relation set, or all pairs of the groups of a statement set.

    Raises:
        InputError: the file cannot be read, holds nothing, or a line is not of the form.
    """
    found = [pair for _, pairs in rows(path) for pair in pairs]
    if not found:
        raise InputError(f"{path} holds no pairs", "see `folkmoot clerk eval --help` for the form")
    return tuple(found)


def rows(path: str | Path) -> Iterator[tuple[dict[str, Any], tuple[Pair, ...]]]:
    """Every row of a set, as it stands there, with its pairs.

    Raises:
        InputError: the file cannot be read, or a line is not of the form.
    """
    try:
        # Only line feeds end a line of JSON: other line separators may stand inside a text.
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot read {str(path)!r}: {fault}") from fault
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            row = _row(line, where)
            yield row, tuple(_pairs(row, where))


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as fault:
        raise InputError(f"{where}: this is no JSON: {fault}") from fault
    if not isinstance(row, dict):
        raise InputError(f"{where}: expected an object, not {row!r}")
    return cast(dict[str, Any], row)


def _pairs(row: dict[str, Any], where: str) -> Iterator[Pair]:
    if "statements" in row:
        yield from _of_statements(row, where)
        return
    first, second = row.get("text_a"), row.get("text_b")
    if not isinstance(first, str) or not isinstance(second, str):
        raise InputError(f"{where}: expected `text_a` and `text_b`, or `statements`")
    label, conflict = row.get("label"), row.get("conflict")
    if conflict is not None and not isinstance(conflict, bool):
        raise InputError(f"{where}: conflict: expected true or false, not {conflict!r}")
    if isinstance(label, bool) or label in (0, 1):
        if label and conflict:
            raise InputError(
                f"{where}: label 1 says that both make the same point, and conflict that one is against "
                "the other",
                "give the row one of the two",
            )
        # That no conflict is marked in a set of points that are the same or not says nothing.
        yield Pair(first, second, conflict or None, None, bool(label), _group(row))
        return
    if label is not None and not isinstance(label, str):
        raise InputError(f"{where}: label: expected a text, or 1 or 0, not {label!r}")
    relation = _LABELS.get(label or "")
    if relation is None and conflict is None:
        raise InputError(
            f"{where}: neither `conflict` nor a label that says so ({label!r})",
            f"labels: {', '.join(_LABELS)}",
        )
    if conflict is None:
        conflict = relation == "attack"
    elif relation is not None and conflict != (relation == "attack"):
        raise InputError(
            f"{where}: the label {label!r} and conflict {json.dumps(conflict)} say two things",
            "give the row one of the two",
        )
    yield Pair(first, second, conflict, relation, _SAME.get(label or ""), _group(row))


def _of_statements(row: dict[str, Any], where: str) -> Iterator[Pair]:
    try:
        named = [(str(each["sid"]), str(each["text"])) for each in row["statements"]]
        texts = dict(named)
        opposed = {frozenset(map(str, pair)) for pair in row["opposed_pairs"]}
        said = row.get("same_pairs")
        same = None if said is None else {frozenset(map(str, pair)) for pair in said}
    except (KeyError, TypeError) as fault:
        raise InputError(
            f"{where}: expected statements with sid and text, and opposed_pairs: {fault}"
        ) from fault
    if len(texts) < len(named):
        twice = next(sid for sid, times in Counter(sid for sid, _ in named).items() if times > 1)
        raise InputError(f"{where}: two statements have the sid {twice!r}", "number them apart")
    if odd := [sorted(pair) for pair in (*opposed, *(same or ())) if len(pair) != 2]:
        raise InputError(f"{where}: a pair names two different statements, not {odd[0]}")
    if unknown := sorted(set[str]().union(*opposed, *(same or ())) - set(texts)):
        raise InputError(f"{where}: a pair names {unknown[0]!r}, which is no statement")
    for one, other in combinations(texts, 2):
        pair = frozenset((one, other))
        against = pair in opposed
        yield Pair(
            texts[one],
            texts[other],
            against,
            "attack" if against else "support",
            None if same is None else pair in same,
            str(row.get("id", where)),
            (one, other),
        )


_GROUPS = ("topic", "topic_id", "claim_id", "group", "claim", "pair", "context")


def _group(row: dict[str, Any]) -> str:
    return next((f"{key}:{row[key]}" for key in _GROUPS if row.get(key) is not None), "")
