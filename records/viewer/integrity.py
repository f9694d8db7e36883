"""What the page says of a record's integrity: what `verify` finds, the head, and the signatures."""

from pathlib import Path
from typing import Any

from folkmoot.records.errors import RecordError
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal.anchors import anchoring
from folkmoot.records.seal.signature import SIGNATURE_FILE
from folkmoot.records.verify import Finding, verify


def integrity(folder: Path) -> dict[str, Any]:
    """What `verify` finds of the record in `folder`, as JSON.

    The run is not done again from its replies: that is what `folkmoot verify` does beyond this. Nor is there a
    key that is trusted here, so a record that is signed is unanchored all the same.
    """
    try:
        found = verify(folder)
        signed, wrong = _signature(folder) if found.lines is not None else ("", ())
    except RecordError as error:
        return {"ok": False, "findings": [_plain(Finding(None, error.message))]}
    return {
        "ok": found.ok and not wrong,
        "findings": [_plain(each) for each in (*found.findings, *wrong)],
        "lines": found.lines,
        "head": found.head,
        "status": found.status,
        "signature": signed,
    }


def _signature(folder: Path) -> tuple[str, tuple[Finding, ...]]:
    """What is to be said of the signatures of a record, and what is wrong with them."""
    if not (folder / SIGNATURE_FILE).exists():
        return "unanchored: it is not signed, and nothing here was kept elsewhere", ()
    reading, _ = read_lines(folder)
    held = anchoring(folder, reading)
    if held.unlooked:
        return f"not looked at: {held.unlooked}", held.findings
    if not held.signed_by:
        return "unanchored: no signature holds", held.findings
    keys = ", ".join(held.signed_by)
    said = f"unanchored: signed by {keys}, for which nobody vouched here (folkmoot verify --key)"
    return said, held.findings


def _plain(finding: Finding) -> dict[str, object]:
    return {"line": finding.line, "what": finding.what}
