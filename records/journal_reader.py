"""Reading a journal: every line checked, every record validated, each fault named by its line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import ValidationError

from folkmoot.records.afterwards import AFTER, Afterwards
from folkmoot.records.base import Frozen
from folkmoot.records.calls import HUMAN, Call, Reply
from folkmoot.records.canonical import canonical, text_digest
from folkmoot.records.chain import (
    GENESIS,
    HEAD_FILE,
    JOURNAL_FILE,
    Head,
    Line,
    no_record,
    read_head,
    unknown_version,
    unseal,
)
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.lines import (
    Abort,
    Again,
    Close,
    Migration,
    Redaction,
    Resume,
    Text,
    pack_call,
    unpack_call,
)
from folkmoot.records.opening import JOURNAL_SCHEMA, Opening
from folkmoot.records.transcript import Key, Record, RecordAdapter, key

_Value = TypeVar("_Value", bound=Frozen)


class JournalView(NamedTuple):
    """What a journal says, put back together."""

    opening: Opening
    calls: tuple[Call, ...]
    """In the order of the journal, with their texts."""
    records: tuple[Record, ...]
    """Replies and all that they came to mean, sorted by key."""
    resumes: tuple[Resume, ...]
    aborts: tuple[Abort, ...]
    pending: tuple[str, ...]
    """Ids of the calls asked, not aborted and unanswered at the end of the journal."""
    close: Close | None
    """How the run ended; None while it has not."""
    lines: int
    head: str
    """The hash of the last line."""
    torn: int
    """Bytes after the last whole line: what a killed writer left of a line that nobody has heard."""
    head_fault: str | None
    """What is wrong with the head file; None if nothing is."""
    redactions: tuple[Redaction, ...] = ()
    """When text was taken out of it, after the run."""
    migrations: tuple[Migration, ...] = ()
    redacted: tuple[int, ...] = ()
    """Numbers of the lines from which text was taken."""
    run_head: str = ""
    """The hash of the last line of the run itself, before what was done to it afterwards."""

    @property
    def replies(self) -> dict[str, Reply]:
        """Call id → reply."""
        return {record.call: record for record in self.records if isinstance(record, Reply)}

    @property
    def lost(self) -> tuple[str, ...]:
        """Ids of the calls unanswered when the run stopped, once for each stop.

        What a person is asked is not lost by that: the question stands, and nothing was computed.
        """
        people = {call.id for call in self.calls if call.model == HUMAN}
        return tuple(call for resume in self.resumes for call in resume.lost if call not in people)


def read_journal(folder: Path | str) -> JournalView:
    """Read the record in `folder`. The head is compared and its fault returned, not raised.

    Raises:
        RecordError: there is no journal there, or it cannot be opened.
        JournalError: a line is broken, or nothing was recorded yet.
    """
    reading, head_fault = read_lines(folder)
    return reading.view(head_fault)


def read_lines(folder: Path | str) -> "tuple[Reading, str | None]":
    """The same as it was read, and what is wrong with the head: what has the hash of every line.

    Raises:
        RecordError, JournalError: as for `read_journal`; not where nothing was recorded yet.
    """
    folder = Path(folder)
    head = find_head(folder)  # First: a run that is being written may get further meanwhile.
    try:
        raw = read_plain(folder / JOURNAL_FILE)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_record(folder) from error
    except OSError as error:
        raise RecordError(f"cannot read the record in {str(folder)!r}: {error.strerror}") from error
    reading = Reading(raw)
    return reading, reading.head_fault(head)


def find_head(folder: Path) -> Head | str:
    """The head of the journal in `folder`, or what is wrong with the file."""
    try:
        return read_head(folder)
    except JournalError as error:
        return error.message


class Reading:
    """The fold over a journal's lines; each line is accepted only where it may stand.

    Args:
        raw: the bytes of the journal. What follows the last newline is left out as torn.

    Raises:
        JournalError: a line is not intact, not valid, or must not stand where it does.
    """

    def __init__(self, raw: bytes) -> None:
        self.opening: Opening | None = None
        self.digests: dict[str, str] = {}
        """Text → SHA-256."""
        self.calls: dict[str, tuple[bytes, Call]] = {}
        """Call id → the canonical bytes that stand in the journal, and the call."""
        self.records: dict[Key, tuple[bytes, Record]] = {}
        """Key → the canonical bytes that stand in the journal, and the record."""
        self.replies: dict[str, Reply] = {}
        self.pending: dict[str, None] = {}
        self.resumes: list[Resume] = []
        self.aborts: list[Abort] = []
        self.close: Close | None = None
        self.hashes = [GENESIS]
        """The hash of each line, after that of none."""
        self.afterwards = Afterwards()
        self._texts: dict[str, str] = {}
        self._take: dict[str, Callable[[Line], None]] = {
            "opening": self._take_opening,
            "text": self._take_text,
            "call": self._take_call,
            "again": self._take_again,
            "reply": self._take_record,
            "record": self._take_record,
            "resume": self._take_resume,
            "abort": self._take_abort,
            "close": self._take_close,
            "redaction": self._take_redaction,
            "migration": self._take_migration,
        }
        *whole, torn = raw.split(b"\n")
        self.torn = len(torn)
        self.size = len(raw) - self.torn
        """Bytes of the whole lines."""
        for line in whole:
            self._read(line)
        self.afterwards.finish()

    @property
    def lines(self) -> int:
        """How many whole lines there are."""
        return len(self.hashes) - 1

    @property
    def schema(self) -> str:
        """The version that the journal is of."""
        return self.afterwards.schema

    def head_fault(self, head: Head | str) -> str | None:
        """What is wrong with the head (see `find_head`), or None.

        A head may lag (its writer was killed between two writes), but the line that it names must
        be there with that hash.
        """
        if isinstance(head, str):
            return head
        if not 0 <= head.lines <= self.lines:
            return f"{HEAD_FILE} counts {head.lines} lines and there are {self.lines}"
        if self.hashes[head.lines] != head.hash:
            return f"{HEAD_FILE} does not name line {head.lines} of this journal"
        if head.schema not in (self.schema, JOURNAL_SCHEMA):
            return f"{HEAD_FILE} is of {head.schema}, and nothing was redacted or migrated"
        return None

    def view(self, head_fault: str | None) -> JournalView:
        """All of it, as a value.

        Raises:
            JournalError: there is not even an opening.
        """
        if self.opening is None:
            raise JournalError(
                "nothing was recorded yet", hint="nothing had been asked: start the run anew"
            )
        return JournalView(
            opening=self.opening,
            calls=tuple(call for _, call in self.calls.values()),
            records=tuple(self.records[each][1] for each in sorted(self.records)),
            resumes=tuple(self.resumes),
            aborts=tuple(self.aborts),
            pending=tuple(self.pending),
            close=self.close,
            lines=self.lines,
            head=self.hashes[-1],
            torn=self.torn,
            head_fault=head_fault,
            redactions=tuple(self.afterwards.redactions),
            migrations=tuple(self.afterwards.migrations),
            redacted=tuple(self.afterwards.redacted),
            run_head=self.hashes[self.lines - self.afterwards.lines],
        )

    def _read(self, raw: bytes) -> None:
        line = unseal(raw, len(self.hashes), self.hashes[-1], redactable=True)
        take = self._take.get(line.kind)
        if take is None:
            raise JournalError(f"unknown kind {line.kind!r}", line.n)
        if (line.kind == "opening") != (line.n == 1):
            raise JournalError("the opening is the first line and no other", line.n)
        if self.close and line.kind not in AFTER:
            raise JournalError(f"a line of kind {line.kind!r} after the end of the run", line.n)
        self.afterwards.stands(line, raw)
        take(line)
        self.hashes.append(line.hash)

    def _take_opening(self, line: Line) -> None:
        data: Any = line.data
        schema = (
            cast(dict[str, Any], data).get("journal_schema") if isinstance(data, dict) else None
        )
        if schema != JOURNAL_SCHEMA and isinstance(schema, str):
            raise JournalError(
                unknown_version(schema), line.n, hint="use a version of Folkmoot that reads it"
            )
        self.opening = _value(Opening, line)

    def _take_text(self, line: Line) -> None:
        text = _value(Text, line)
        if not line.redacted and text.sha256 != text_digest(text.text):
            raise JournalError("the text is not the one its digest was taken over", line.n)
        if text.sha256 in self._texts:
            raise JournalError(f"text {text.sha256[:12]} stands here a second time", line.n)
        self._texts[text.sha256] = text.text
        if not line.redacted:
            self.digests[text.text] = text.sha256

    def _take_call(self, line: Line) -> None:
        try:
            call = unpack_call(line.data, self._texts)
            digests = [each["text_sha256"] for each in line.data["segments"]]
            same = canonical(pack_call(call, digests)) == line.body
        except ValidationError as error:
            raise JournalError(_fault(error), line.n) from error
        except (KeyError, TypeError, AttributeError) as error:
            raise JournalError(f"a call with a text or field missing: {error}", line.n) from error
        except ValueError as error:
            raise JournalError(str(error), line.n) from error
        if not same:
            raise JournalError("the call is not in the form it is written in", line.n)
        if call.id in self.calls:
            raise JournalError(f"call {call.id} stands here a second time", line.n)
        self.calls[call.id] = (line.body, call)
        self.pending[call.id] = None

    def _take_again(self, line: Line) -> None:
        call = _value(Again, line).call
        if call not in self.calls or call in self.replies or call in self.pending:
            raise JournalError(f"{call!r} was not aborted, and yet is asked again", line.n)
        self.pending[call] = None

    def _take_record(self, line: Line) -> None:
        try:
            record = RecordAdapter.validate_python(line.data)
        except ValidationError as error:
            raise JournalError(_fault(error), line.n) from error
        _same(record, line)
        if isinstance(record, Reply) != (line.kind == "reply"):
            raise JournalError(f"a {record.record} in a line of kind {line.kind!r}", line.n)
        place = key(record)
        if place in self.records:
            raise JournalError(f"{record.record} at {tuple(place)} stands here twice", line.n)
        if isinstance(record, Reply):
            if record.call not in self.calls:
                raise JournalError(f"a reply to {record.call}, which was never asked", line.n)
            self.replies[record.call] = record
            self.pending.pop(record.call, None)
        self.records[place] = (line.body, record)

    def _take_resume(self, line: Line) -> None:
        resume = _value(Resume, line)
        if resume.lost != tuple(self.pending):
            raise JournalError(
                f"lost {resume.lost!r}, but {tuple(self.pending)!r} were unanswered", line.n
            )
        self.resumes.append(resume)

    def _take_abort(self, line: Line) -> None:
        abort = _value(Abort, line)
        if abort.call not in self.calls or abort.call in self.replies:
            raise JournalError(f"{abort.call!r} was not waiting for a reply", line.n)
        self.aborts.append(abort)
        self.pending.pop(abort.call, None)

    def _take_close(self, line: Line) -> None:
        self.close = _value(Close, line)

    def _take_redaction(self, line: Line) -> None:
        self.afterwards.redaction(line.n, _value(Redaction, line))

    def _take_migration(self, line: Line) -> None:
        self.afterwards.migration(line.n, _value(Migration, line), self.hashes[-1])


def _value(kind: type[_Value], line: Line) -> _Value:
    try:
        value = kind.model_validate(line.data)
    except ValidationError as error:
        raise JournalError(_fault(error), line.n) from error
    _same(value, line)
    return value


def _same(value: Frozen, line: Line) -> None:
    """Hold that the value writes itself as it stands: nothing was coerced, nothing spelled out."""
    try:
        same = canonical(value.plain()) == line.body
    except ValueError as error:  # A whole number that only its spelling as a float could hold.
        raise JournalError(str(error), line.n) from error
    if not same:
        raise JournalError("not in the form that it is written in", line.n)


def _fault(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'data'}: {first['msg']}"
