"""HTML: the page of `folkmoot view`, with the record in it."""

from pathlib import Path

from folkmoot.records.viewer.page import save


def export(record: Path, to: Path) -> None:
    """Write the record as one page that opens anywhere, without a server. The same record gives the same
    bytes.

    Args:
        record: its folder.
        to: the file to make.

    Raises:
        RecordError: the record cannot be read, or the file not be written.
    """
    save([record], to)
