"""Kept: findings as annotations of the record that they are about, each once."""

from pathlib import Path

from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.scanning import Row, Scan
from folkmoot.records.annotating import annotate_with
from folkmoot.records.annotations import Annotation, Remark


def keep(row: Row) -> tuple[Annotation, ...]:
    """Put the findings of a row on record beside its journal, those left out that stand there already.

    Each is an annotation of kind `finding`, by `scanner:NAME/VERSION`, about the first thing that it
    cites; `also` names the others.

    Returns:
        What was added.

    Raises:
        RecordError: the file of annotations cannot be written, or is broken.
    """
    added: list[Annotation] = []
    by_scanner: dict[str, list[Remark]] = {}
    for scan, found in row.found:
        by_scanner.setdefault(author(scan), []).append(_remark(found))
    for by, remarks in by_scanner.items():

        def missing(stands: tuple[Annotation, ...], by: str = by, these: list[Remark] = remarks):
            known = {_words(each) for each in stands if each.by == by}
            fresh: dict[str, Remark] = {}
            for each in these:
                if _words(each) not in known:
                    fresh.setdefault(_words(each), each)
            return tuple(fresh.values())

        added += annotate_with(Path(row.record), missing, by=by)
    return tuple(added)


def author(scan: Scan) -> str:
    """Who says what a scanner found."""
    return f"scanner:{scan.scanner}/{scan.version}"[:200]


def _remark(found: Found) -> Remark:
    first, *others = found.about
    return Remark(
        kind="finding",
        about=first,
        also=tuple(others),
        label=found.label,
        value=found.value,
        severity=found.severity,
        note=found.explanation or None,
    )


def _words(remark: Remark) -> str:
    """All that a remark says."""
    said = {name: getattr(remark, name) for name in Remark.model_fields}
    return Remark(**said).model_dump_json()
