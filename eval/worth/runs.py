"""Runs: records read for what they cost and what was said in them."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from folkmoot.records import InputError, JournalView, Opening, Transcript, read_journal
from folkmoot.records.accounts import CallAccount, accounts
from folkmoot.records.chain import JOURNAL_FILE


class Run:
    """A record, read."""

    def __init__(self, folder: Path, view: JournalView) -> None:
        self.folder = folder
        self.view = view
        self.transcript = Transcript(view.opening, view.records)

    @property
    def opening(self) -> Opening:
        """How it began."""
        return self.view.opening

    @property
    def item(self) -> str:
        """The question with its options: runs of the same ones are one item."""
        return "\0".join((self.opening.question, *(self.opening.options or ())))

    @cached_property
    def calls(self) -> tuple[CallAccount, ...]:
        """What each of its calls cost."""
        return accounts(self.view).calls

    @property
    def unfit(self) -> str:
        """Why nobody's worth can be read from it; "" where it can."""
        if self.opening.shadow_of is not None:
            return "it is of a seat on probation, which took no part"
        if self.opening.branch_of is not None:
            return f"it is a branch of {self.opening.branch_of.run_id}, whose replies it shares"
        if self.view.close is None or self.transcript.decision is None:
            return "it has not ended"
        return ""


def read_runs(records: Iterable[Path | str]) -> tuple[Run, ...]:
    """Read records, and folders of records, each record once.

    Raises:
        InputError: a folder is no record and holds none.
        RecordError: a record is broken.
    """
    folders = dict.fromkeys(each.resolve() for given in records for each in _folders(Path(given)))
    return tuple(Run(folder, read_journal(folder)) for folder in folders)


def _folders(given: Path) -> list[Path]:
    if (given / JOURNAL_FILE).exists():
        return [given]
    inside = sorted(each.parent for each in given.glob(f"*/{JOURNAL_FILE}"))
    if not inside:
        raise InputError(
            f"{str(given)!r} is no record and holds none", "name the folder of a run, or of several"
        )
    return inside
