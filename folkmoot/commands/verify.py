"""`folkmoot verify`: is a record whole, unchanged and true to itself?"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.graphs.rederive import NotRederived, rederive
from folkmoot.records import Finding, Imported, JournalView, RecordError, Verification, read_journal
from folkmoot.records import verify as verify_record
from folkmoot.records.annotations import read_annotation_file
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import Anchoring, anchoring, fingerprint, read_heads
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

OwnCode = Annotated[
    bool,
    typer.Option("--own-code", help="Import code that the record's protocol names."),
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        help="A key that you trust and that must have signed it; its fingerprint will do.",
        metavar="PUB",
    ),
]
Hashes = Annotated[
    list[str] | None,
    typer.Option("--head", help="A head of it that was kept; must be there.", metavar="HASH"),
]
Heads = Annotated[
    Path | None,
    typer.Option(help="Heads that were kept: folkmoot head --keep.", metavar="FILE"),
]
Anchored = Annotated[
    bool, typer.Option("--anchored", help="Exit code 1 also where nothing anchors it.")
]


def verify(
    record: Record,
    own_code: OwnCode = False,
    key: Keys = None,
    head: Hashes = None,
    heads: Heads = None,
    anchored: Anchored = False,
    json: Json = False,
) -> int:
    """Check that a record is whole, unchanged, and what its replies come to.

    Everything is recomputed from its journal and compared; then the run is done once more from
    its replies, without a model. Exit code 1 if anything is wrong.
    """
    keys = [fingerprint(each) for each in key or ()]
    kept = read_heads(heads) if heads is not None else ()
    found, not_again = checked(record, own_code=own_code)
    held = Anchoring()
    if found.lines is not None:
        reading, _ = read_lines(record)
        held = anchoring(record, reading, keys=keys, heads=kept, hashes=head or ())
        if held.findings:
            found = found._replace(ok=False, findings=(*found.findings, *held.findings))
        elif anchored and not held.anchors:
            nothing = Finding(None, f"unanchored: {_why(held, asked=bool(keys or head or heads))}")
            found = found._replace(ok=False, findings=(*found.findings, nothing))
    if json:
        shown = _plain(found, not_again, held)
        if found.lines is not None and (origin := read_journal(record).opening.imported):
            shown["imported"] = origin.plain()
        print_json(shown)
        return 0 if found.ok else 1
    verdict = "verified" if found.ok else "NOT VERIFIED"
    lines = [Text(f"{verdict}  {visible(str(record))}", "bold")]
    if found.ok:
        lines += [*_lines(found, not_again, read_journal(record)), *_annotated(record)]
        lines += _anchored(found, held, asked=bool(keys or head or heads))
    else:
        lines += [Text(f"  {visible(str(finding))}") for finding in found.findings]
    emit(console(sys.stdout), lines)
    return 0 if found.ok else 1


def checked(record: Path, *, own_code: bool = False) -> tuple[Verification, str]:
    """What verification came to, the run done once more; and why that was not done, or ""."""
    found = verify_record(record)
    if found.ok and (wrong := _of_annotations(record)):
        found = found._replace(ok=False, findings=wrong)
    if not found.ok:
        return found, ""
    try:
        differing = asyncio.run(rederive(record, own_code=own_code))
    except NotRederived as why:
        return found, f"{why.message}; {why.hint}" if why.hint else why.message
    findings = tuple(Finding(None, what) for what in differing)
    return found._replace(ok=not findings, findings=findings), ""


def _of_annotations(record: Path) -> tuple[Finding, ...]:
    """What is wrong with the chain of annotations beside the journal, if there is one."""
    try:
        torn = read_annotation_file(record).torn
    except RecordError as fault:
        return (Finding(None, fault.message),)
    cut = f"the last line of the annotations is cut off, {torn} bytes of it are there"
    return (Finding(None, f"{cut} (the next annotation cuts it away)"),) if torn else ()


def _plain(found: Verification, not_again: str, held: Anchoring) -> dict[str, object]:
    findings = [{"line": each.line, "what": each.what} for each in found.findings]
    return {
        **found._asdict(),
        "findings": findings,
        "not_worked_out_again": not_again or None,
        "anchored": bool(held.anchors) and not held.findings,
        "anchors": [each._asdict() for each in held.anchors],
        "signed_by": list(held.signed_by),
    }


def _lines(found: Verification, not_again: str, view: JournalView) -> list[Text]:
    lines = [Text(f"  {found.status}, {found.lines} lines")]
    if view.opening.imported is not None:
        lines += [Text(f"  {visible(each)}") for each in _imported(view.opening.imported)]
    for each in view.migrations:
        lines.append(Text(f"  migrated from {each.from_schema}, {each.lines} lines"))
    for each in view.redactions:
        what = f"{', '.join(each.messages)} taken out of {len(each.lines)} lines by {each.by}"
        lines.append(Text(f"  redacted: {visible(what)}, {each.at}: {visible(each.reason)}"))
    if found.redacted:
        numbers = ", ".join(map(str, found.redacted))
        said = "their place is proven, what they say only since the redaction"
        lines.append(Text(f"  of lines {numbers}: {said}"))
    lines += [Text(f"  no longer held: {visible(each)}") for each in found.unaudited]
    if not_again:
        lines.append(Text(f"  not worked out again from its replies: {visible(not_again)}"))
    return [*lines, Text(f"  head {found.head}", "dim")]


def _annotated(record: Path) -> list[Text]:
    file = read_annotation_file(record)
    count = len(file.annotations)
    return [Text(f"  {count} annotations, head {file.head}", "dim")] if count else []


def _imported(origin: Imported) -> tuple[str, ...]:
    """Of a record that was imported, what nothing in it can hold."""
    part = f", {origin.part}" if origin.part is not None else ""
    return (
        f"imported from {origin.source} ({origin.form}{part}), SHA-256 {origin.sha256}",
        "not held: that its speakers said this; its replies were taken from that file",
    )


def _anchored(found: Verification, held: Anchoring, *, asked: bool) -> list[Text]:
    if not held.anchors:
        return [Text(f"  unanchored: {visible(_why(held, asked=asked))}")]
    lines: list[Text] = []
    for each in dict.fromkeys(held.anchors):
        grown = "" if each.line == found.lines else f", up to line {each.line}"
        lines.append(Text(f"  anchored ({_short(each.by)}{grown})"))
    return lines


def _short(text: str) -> str:
    """A text whose digests are cut to what one can compare at a glance; whole in --json."""
    return re.sub(r"\b([0-9a-f]{16})[0-9a-f]{48}\b", r"\1…", text)


def _why(held: Anchoring, *, asked: bool) -> str:
    if held.signed_by:
        keys = ", ".join(map(_short, held.signed_by))
        return f"signed by {keys}, a key nobody vouched for (--key)"
    if held.unlooked:
        return held.unlooked
    if asked:
        return "no head of this run was kept"
    return "nothing from outside holds it (--key, --head, --heads)"
