"""Counts: what a scan of many records came to, label by label."""

from collections.abc import Sequence

from folkmoot.eval.scan.scanning import Row
from folkmoot.records.base import Frozen


class Count(Frozen):
    """How often a label was found."""

    label: str
    found: int
    """Findings."""
    records: int
    """Records with at least one."""


class Counts(Frozen):
    """What a scan came to."""

    records: int
    broken: int
    """Records that could not be scanned."""
    failed: int
    """Scanners that failed, over all records."""
    unread: int
    """Questions to a model without a readable answer."""
    again: int
    """Scans that were stored, and not done again."""
    labels: tuple[Count, ...]
    """In the order of the labels' names."""


def counts(rows: Sequence[Row]) -> Counts:
    """Count the rows of a scan."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        for _, each in row.found:
            found.setdefault(each.label, []).append(number)
    scans = [each for row in rows for each in row.scans]
    return Counts(
        records=len(rows),
        broken=sum(row.fault is not None for row in rows),
        failed=sum(each.fault is not None for each in scans),
        unread=sum(each.unread for each in scans),
        again=sum(each.again for each in scans),
        labels=tuple(
            Count(label=label, found=len(at), records=len(set(at)))
            for label, at in sorted(found.items())
        ),
    )
