"""Kept runs: records of a bench in a folder, beside a file that says what each is of; and read again."""

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from folkmoot.records import Outcome
from folkmoot.records.outcome import load
from folkmoot.records.verify import verify

ITEMS = "items.jsonl"
"""Beside kept records: which is of which item."""


def note(folder: Path, item: Mapping[str, Any], outcome: Outcome) -> None:
    """Note which record is of which item."""
    row = {**item, "record": Path(outcome.record or "").name}
    with (folder / ITEMS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


@contextmanager
def opened(kept: Path) -> Iterator[Path]:
    """A folder of kept records, or an archive of one, as a folder."""
    if kept.is_dir():
        yield kept
        return
    with tempfile.TemporaryDirectory() as passing:
        with tarfile.open(kept) as archive:
            archive.extractall(passing, filter="data")
        yield Path(passing)


def read(kept: Path) -> Iterator[tuple[dict[str, Any], Outcome]]:
    """Every item with its record, read anew.

    Raises:
        SystemExit: a record does not verify.
    """
    with opened(kept) as folder:
        for line in (folder / ITEMS).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            record = folder / row.pop("record")
            if not (checked := verify(record)).ok:
                raise SystemExit(f"{record}: {checked.findings[0]}")
            yield row, load(record)
