"""The page on querying says what the code says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_tables_and_columns_are_those_of_the_code() -> None:
    page = (DOCS / "querying.md").read_text(encoding="utf-8")
    assert runpy.run_path(str(DOCS / "tables.py"))["written"](page) == page
