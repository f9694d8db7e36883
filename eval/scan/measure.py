"""Measure: how right a scanner is, held against what people labelled."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import Field, StrictBool, ValidationError

from folkmoot.eval.scan.scanning import Row
from folkmoot.eval.statistics import Interval, wilson
from folkmoot.records import InputError
from folkmoot.records.annotations import read_annotations, standing
from folkmoot.records.base import Frozen

RECORD: Final = "record"
"""What a label is about that names no message."""


class Labelled(Frozen):
    """A line of a file of labels: whether something is so of a record, or of one of its messages."""

    record: str = Field(min_length=1)
    """The name of its folder, or the id of its run."""
    label: str
    value: StrictBool = True
    message: str | None = None
    """None: of the record as a whole."""


class Measured(Frozen):
    """How right the findings of one label are."""

    label: str
    n: int
    """Records or messages that were judged: those that are labelled, either way."""
    true: int
    """Of these, those of which it is so."""
    found_true: int
    found_false: int
    missed: int
    unjudged: int
    """Records or messages where it was found and nobody labelled them."""
    precision: Interval | None = None
    """The share of what was found that is so; None where nothing was found."""
    recall: Interval | None = None
    """The share of what is so that was found; None where nothing is."""
    f1: Interval | None = None
    """Their harmonic mean. Its interval is that of J = found_true / (found_true + found_false + missed),
    which is a share, carried over by F1 = 2 J / (1 + J)."""


class Unit(NamedTuple):
    """What is judged: a record as a whole, or one of its messages."""

    record: str
    what: str
    """`record`, or the id of a message."""


Truth = dict[str, dict[Unit, bool]]
"""Label → unit → whether it is so."""


def read_labels(file: Path) -> tuple[Labelled, ...]:
    """The labels of a file, a JSON object a line; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, or a line is none; which, and why.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot read {str(file)!r}: {fault}") from fault
    found: list[Labelled] = []
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                found.append(Labelled.model_validate(json.loads(line)))
        except (ValueError, RecursionError, ValidationError) as fault:
            errors: Any = getattr(fault, "errors", list[Any])()
            where = ".".join(map(str, errors[0]["loc"])) + ": " if errors else ""
            why = errors[0]["msg"] if errors else str(fault)
            raise InputError(
                f"{file}, line {number}: {where}{why}",
                'a line is {"record": …, "label": …, "value": true, "message": "M3"}',
            ) from fault
    if not found:
        raise InputError(f"{file} holds no label", "a line for each record or message")
    return tuple(found)


def truth_of(labels: Iterable[Labelled], rows: Sequence[Row]) -> Truth:
    """What is so, by label, of the rows' records.

    Raises:
        InputError: a label names a record that is not among the rows, or two contradict each other.
    """
    names: dict[str, list[str]] = {}
    for row in rows:
        for name in dict.fromkeys((Path(row.record).resolve().name, row.run_id or "")):
            names.setdefault(name, []).append(row.record)
    found: Truth = {}
    for each in labels:
        records = names.get(each.record, [])
        if len(records) != 1:
            what = "no record" if not records else f"{len(records)} records"
            raise InputError(
                f"there is {what} {each.record!r} to hold a label against",
                "labels name the folder of a record, or the id of its run",
            )
        _put(found, each.label, Unit(records[0], each.message or RECORD), each.value)
    return found


def truth_in(rows: Sequence[Row]) -> Truth:
    """What people annotated in the rows' records: a label without a value, or with a true one, says that
    it is so, one with `false` that it is not. What is neither is left out. Where people contradict each
    other, nothing is judged.

    Raises:
        RecordError: annotations are broken.
    """
    found: Truth = {}
    contested: set[tuple[str, Unit]] = set()
    for row in rows:
        if row.fault is not None:
            continue
        for each in standing(read_annotations(row.record)):
            if each.kind == "finding" or each.label is None:
                continue
            value = True if each.value is None else each.value
            if not isinstance(value, bool) or each.about.what not in ("message", RECORD):
                continue
            unit = Unit(row.record, each.about.id or RECORD)
            if found.setdefault(each.label, {}).setdefault(unit, value) != value:
                contested.add((each.label, unit))
    for label, unit in contested:
        del found[label][unit]
    if not any(found.values()):
        raise InputError("nobody annotated these records", "folkmoot annotate says how")
    return found


def measure(rows: Sequence[Row], truth: Truth, *, closed: bool = False) -> tuple[Measured, ...]:
    """How right the findings are, label by label, in the order of the labels' names.

    Judged is what is labelled: a message where labels name messages, the record where they do not. A
    finding counts for each message that it cites first, and for its record. Only scans that were done
    count: what is labelled in a broken record is left out.

    Args:
        rows: what was found.
        truth: what is so.
        closed: take every other message of a record with a label on one of its messages as not so.
    """
    good = {row.record: row for row in rows if row.fault is None and _whole(row)}
    return tuple(
        _measured(
            label, {unit: so for unit, so in units.items() if unit.record in good}, good, closed
        )
        for label, units in sorted(truth.items())
    )


def _measured(label: str, truth: dict[Unit, bool], rows: dict[str, Row], closed: bool) -> Measured:
    found = {unit for row in rows.values() for unit in _units(row, label)}
    of_messages = any(unit.what != RECORD for unit in truth)
    of_records = any(unit.what == RECORD for unit in truth)
    found = {unit for unit in found if (of_records if unit.what == RECORD else of_messages)}
    if closed:
        labelled = {unit.record for unit in truth if unit.what != RECORD}
        more = (unit for unit in found if unit.what != RECORD and unit.record in labelled)
        truth = {**dict.fromkeys(more, False), **truth}
    hits = sum(so for unit, so in truth.items() if unit in found)
    wrong = sum(not so for unit, so in truth.items() if unit in found)
    so = sum(truth.values())
    return Measured(
        label=label,
        n=len(truth),
        true=so,
        found_true=hits,
        found_false=wrong,
        missed=so - hits,
        unjudged=len(found - set(truth)),
        precision=wilson(hits, hits + wrong),
        recall=wilson(hits, so),
        f1=_f1(wilson(hits, so + wrong)),
    )


def _f1(share: Interval | None) -> Interval | None:
    if share is None:
        return None
    value, low, high = (2 * j / (1 + j) for j in (share.value, share.low, share.high))
    return Interval(value=value, low=low, high=high, level=share.level)


def _units(row: Row, label: str) -> Iterator[Unit]:
    for _, each in row.found:
        if each.label != label or each.value is False:
            continue
        yield Unit(row.record, RECORD)
        if each.about[0].what == "message" and each.about[0].id is not None:
            yield Unit(row.record, each.about[0].id)


def _whole(row: Row) -> bool:
    return not any(scan.fault for scan in row.scans)


def _put(found: Truth, label: str, unit: Unit, value: bool) -> None:
    if found.setdefault(label, {}).setdefault(unit, value) != value:
        raise InputError(
            f"{unit.what} of {unit.record!r} is labelled {label!r} both ways",
            "leave one of the two lines out",
        )
