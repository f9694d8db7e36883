"""Writes the tables and columns into `querying.md`: `python docs/tables.py`. A test holds the page to the code."""

from pathlib import Path

from folkmoot.records.tables.schema import schema_page

PAGE = Path(__file__).with_name("querying.md")
HEAD = "## Tables and columns\n\n"


def written(page: str) -> str:
    """The page with the tables as the code has them: they are its last section."""
    return page.partition(HEAD)[0] + HEAD + schema_page()


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
