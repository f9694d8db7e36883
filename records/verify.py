"""Verification: is a record intact, complete and consistent, and if not, where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from folkmoot.records.audit import audit, sums
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.journal_reader import JournalView, read_journal
from folkmoot.records.outcome import Outcome, outcome_of


class Finding(NamedTuple):
    """Something that is wrong with a record."""

    line: int | None
    """The line of the journal, from 1; None where it is in no single line."""
    what: str

    def __str__(self) -> str:
        return self.what if self.line is None else f"line {self.line}: {self.what}"


class Verification(NamedTuple):
    """What verification came to."""

    ok: bool
    findings: tuple[Finding, ...]
    lines: int | None = None
    """Lines of the journal; None if it cannot be read."""
    head: str | None = None
    """The hash of the last line: compare it with one noted elsewhere. None as for `lines`."""
    status: Literal["complete", "unfinished"] | None = None
    """unfinished: intact as far as it goes. None if the journal cannot be read."""
    redacted: tuple[int, ...] = ()
    """Lines from which text was taken: their place is held, what else they say only since then."""
    unaudited: tuple[str, ...] = ()
    """What the audit could not hold any more when text was taken, and cannot now."""


def verify(folder: Path | str) -> Verification:
    """Verify the record in `folder`: chain, form, head, derived files and every invariant.

    Raises:
        RecordError: there is no record there, or it cannot be opened.
    """
    folder = Path(folder)
    try:
        view, outcome, differing = _read(folder)
        if differing and view.close is None:
            # The run may have ended, and its files been derived, since its journal was read.
            view, outcome, differing = _read(folder)
    except JournalError as error:
        return Verification(False, (Finding(error.line, _bare(error)),))
    audited = (*audit(outcome.transcript), *sums(outcome.transcript, outcome.ledger))
    excused = view.redactions[-1].unaudited if view.redactions else ()
    findings = (
        *_of_journal(view),
        *(Finding(None, what) for what in differing),
        *(Finding(None, what) for what in audited if what not in excused),
    )
    return Verification(
        ok=not findings,
        findings=findings,
        lines=view.lines,
        head=view.head,
        status=view.close.status if view.close else "unfinished",
        redacted=view.redacted,
        unaudited=tuple(what for what in audited if what in excused),
    )


def _read(folder: Path) -> tuple[JournalView, Outcome, tuple[str, ...]]:
    """The journal, what it derives, and how the derived files differ from that."""
    view = read_journal(folder)
    outcome = outcome_of(view)
    return view, outcome, tuple(_of_derived(folder, view, outcome))


def _of_journal(view: JournalView) -> Iterator[Finding]:
    if view.torn:
        yield Finding(
            view.lines + 1,
            f"cut off, {view.torn} bytes of it are there: changed, or the writer was killed in it"
            " (resume cuts it away)",
        )
    if view.head_fault:
        yield Finding(None, view.head_fault)
    if view.close and view.pending:
        yield Finding(view.lines, f"complete, but unanswered are {', '.join(view.pending)}")


def _of_derived(folder: Path, view: JournalView, outcome: Outcome) -> Iterator[str]:
    for name, expected in outcome.derived().items():
        try:
            found = read_plain(folder / name)
        except FileNotFoundError:
            if view.close:
                yield f"{name} is missing: resume the record to derive it again"
            continue
        except OSError as error:
            raise RecordError(f"cannot read {name} in {str(folder)!r}: {error.strerror}") from error
        if found != expected:
            yield f"{name} is not what the journal derives"


def _bare(error: JournalError) -> str:
    prefix = f"line {error.line}: "
    return error.message.removeprefix(prefix)
