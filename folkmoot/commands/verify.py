"""`folkmoot verify`: is a record whole, unchanged and true to itself?"""

import sys

from rich.text import Text

from folkmoot.commands.options import Json, Record
from folkmoot.records import verify as verify_record
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def verify(
    record: Record,
    json: Json = False,
) -> int:
    """Check that a record is whole and unchanged.

    Everything is recomputed from its journal and compared. Exit code 1 if anything is wrong.
    """
    found = verify_record(record)
    if json:
        findings = [{"line": each.line, "what": each.what} for each in found.findings]
        print_json({**found._asdict(), "findings": findings})
        return 0 if found.ok else 1
    lines = [Text(f"  {visible(str(finding))}") for finding in found.findings]
    if found.ok:
        lines = [
            Text(f"  {found.status}, {found.lines} lines"),
            Text(f"  head {found.head}", "dim"),
        ]
    verdict = "verified" if found.ok else "NOT VERIFIED"
    emit(console(sys.stdout), [Text(f"{verdict}  {visible(str(record))}", "bold"), *lines])
    return 0 if found.ok else 1
