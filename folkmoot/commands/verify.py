"""`folkmoot verify`: is a record whole, unchanged and true to itself?"""

import asyncio
import sys
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.graphs.rederive import NotRederived, rederive
from folkmoot.records import Finding, Verification
from folkmoot.records import verify as verify_record
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

OwnCode = Annotated[
    bool,
    typer.Option("--own-code", help="Import code that the record's protocol names."),
]


def verify(
    record: Record,
    own_code: OwnCode = False,
    json: Json = False,
) -> int:
    """Check that a record is whole, unchanged, and what its replies come to.

    Everything is recomputed from its journal and compared; then the run is done once more from
    its replies, without a model. Exit code 1 if anything is wrong.
    """
    found, not_again = verify_record(record), ""
    if found.ok:
        try:
            differing = asyncio.run(rederive(record, own_code=own_code))
            findings = tuple(Finding(None, what) for what in differing)
            found = found._replace(ok=not findings, findings=findings)
        except NotRederived as why:
            not_again = f"{why.message}; {why.hint}" if why.hint else why.message
    if json:
        print_json(_plain(found, not_again))
        return 0 if found.ok else 1
    verdict = "verified" if found.ok else "NOT VERIFIED"
    headed = Text(f"{verdict}  {visible(str(record))}", "bold")
    emit(console(sys.stdout), [headed, *_lines(found, not_again)])
    return 0 if found.ok else 1


def _plain(found: Verification, not_again: str) -> dict[str, object]:
    findings = [{"line": each.line, "what": each.what} for each in found.findings]
    return {**found._asdict(), "findings": findings, "not_worked_out_again": not_again or None}


def _lines(found: Verification, not_again: str) -> list[Text]:
    if not found.ok:
        return [Text(f"  {visible(str(finding))}") for finding in found.findings]
    lines = [Text(f"  {found.status}, {found.lines} lines")]
    if not_again:
        lines.append(Text(f"  not worked out again from its replies: {visible(not_again)}"))
    return [*lines, Text(f"  head {found.head}", "dim")]
