"""Writing a journal: the one chained file of a record, and the only truth about a run."""

from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Call, Reply, Usage
from folkmoot.records.canonical import canonical, text_digest
from folkmoot.records.chain import Kind
from folkmoot.records.errors import JournalError, MergeError, RecordError
from folkmoot.records.journal_file import JournalFile
from folkmoot.records.journal_reader import JournalView, Reading, find_head
from folkmoot.records.lines import Abort, Again, Close, Resume, Text, pack_call
from folkmoot.records.opening import Opening
from folkmoot.records.transcript import Record, key


class Journal:
    """The writer of a record. One writer at a time, from one event loop.

    Every append is one unbuffered write of whole lines, so what has been heard survives the death
    of the process (`kill -9`, out of memory). It does not survive the death of the machine: for
    that, `sync` has the disk confirm each reply before anyone hears it, at a few milliseconds each.
    The end of a run is always confirmed by the disk.

    Use `create` or `resume`; as a context manager it releases the lock at the end of the block.

    Attributes:
        folder: the record.
        opening: how the run began.
        replies: call id → reply, for every call that has one.
    """

    def __init__(self, file: JournalFile, standing: Reading) -> None:
        self.folder = file.folder
        self._file = file
        self._standing = standing
        self._opening = standing.view(head_fault=None).opening

    @classmethod
    def create(cls, folder: Path | str, opening: Opening, *, sync: bool = False) -> Self:
        """Begin a record in `folder`, which is made if it is not there.

        Raises:
            RecordError: the folder holds a journal already, or cannot be written. Nothing of this
                attempt is left behind.
        """
        file = JournalFile.create(Path(folder), _body(opening, "the opening"), sync)
        standing = Reading(b"")
        standing.opening = opening
        return cls(file, standing)

    @classmethod
    def resume(cls, folder: Path | str, *, sync: bool = False) -> Self:
        """Take a record up again where its writer stopped.

        A torn last line, which nobody can have heard, is cut off. A run that has ended is checked
        in the same way and otherwise stays as it is: see `ended`.

        Raises:
            RecordError: there is no record, it cannot be written, or another writer holds it.
            JournalError: a line is broken, or lines are missing at the end.
        """
        file, raw = JournalFile.open(Path(folder), sync)
        try:
            standing = Reading(raw)
            fault = standing.head_fault(find_head(file.folder))
            if fault is not None:
                raise JournalError(fault, hint="a record that was cut or changed is not resumed")
            if standing.close is None and standing.afterwards.begun:
                raise JournalError(
                    "it was redacted or migrated before its end",
                    hint="nothing can be asked after that: resume the record that it was made from",
                )
            journal = cls(file, standing)
            file.stand(standing.lines, standing.hashes[-1], standing.size, standing.schema)
            if standing.close is None:
                journal._mark_resumed()
        except RecordError:
            file.release()
            raise
        return journal

    @property
    def opening(self) -> Opening:
        """How the run began."""
        return self._opening

    @property
    def replies(self) -> dict[str, Reply]:
        """Call id → reply, for every call that has one. Read it, do not change it."""
        return self._standing.replies

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call that was asked, in the order of asking."""
        return tuple(call for _, call in self._standing.calls.values())

    @property
    def ended(self) -> Close | None:
        """How the run ended; None while it has not."""
        return self._standing.close

    def view(self) -> JournalView:
        """What stands in the journal, as `read_journal` would read it."""
        standing = self._standing.view(head_fault=None)
        now = standing._replace(lines=self._file.count, head=self._file.hash, torn=0)
        return now if self._standing.afterwards.begun else now._replace(run_head=now.head)

    def call(self, call: Call) -> None:
        """Write what is asked, before it is asked. A call that stands there already is not repeated;
        that it is asked again is, where it had been aborted, so that it is lost if the writer dies.

        Raises:
            JournalError: the journal holds another call under this id, or the call holds something
                that cannot be written.
            RecordError: the write failed.
        """
        known = self._standing.digests
        try:
            digests = {
                segment.text: known.get(segment.text) or text_digest(segment.text)
                for segment in call.segments
            }
            body = canonical(pack_call(call, [digests[each.text] for each in call.segments]))
        except ValueError as error:
            raise _unwritten(f"call {call.id}", error) from error
        stands = self._standing.calls.get(call.id)
        if stands is not None:
            if stands[0] != body:
                raise JournalError(
                    f"the record asks something else at {call.id}",
                    hint="resume it with the version of Folkmoot that began it",
                )
            self._ask_again(call)
            return
        fresh = {text: sha for text, sha in digests.items() if text not in known}
        lines: list[tuple[Kind, bytes]] = [
            ("text", _body(Text(sha256=sha, text=text), "a text")) for text, sha in fresh.items()
        ]
        self._append(*lines, ("call", body))
        known.update(fresh)
        self._standing.calls[call.id] = (body, call)
        self._standing.pending[call.id] = None

    def reply(self, reply: Reply) -> None:
        """Write a reply, before anyone hears it. An equal one that stands there is not repeated.

        Raises:
            JournalError: nobody asked, or the reply holds something that cannot be written.
            MergeError: the call has another reply.
            RecordError: the write failed.
        """
        if reply.call not in self._standing.calls:
            raise JournalError(f"a reply to {reply.call}, which was never asked")
        self._put("reply", reply)
        self._standing.replies[reply.call] = reply
        self._standing.pending.pop(reply.call, None)

    def record(self, record: Record) -> None:
        """Write what replies came to mean. An equal record under the same key is not repeated.

        Raises:
            MergeError: another record stands under this key.
            JournalError, RecordError: as for `reply`.
        """
        if isinstance(record, Reply):
            self.reply(record)
        else:
            self._put("record", record)

    def abort(self, call: Call, usage: Usage | None = None) -> None:
        """Write that a call was cancelled before its reply, and what it had cost if that is known.

        Raises:
            JournalError: the call was never asked or has its reply.
            RecordError: the write failed.
        """
        if call.id not in self._standing.calls or call.id in self._standing.replies:
            raise JournalError(f"{call.id} is not waiting for a reply")
        abort = Abort(call=call.id, usage=usage)
        self._append(("abort", _body(abort, f"the abort of {call.id}")))
        self._standing.aborts.append(abort)
        self._standing.pending.pop(call.id, None)

    def close(self) -> None:
        """Write that the run has ended, and release it. Nothing more if it had ended before.

        Raises:
            RecordError: the write failed.
        """
        if self.ended is None:
            close = Close(at=_now())
            self._append(("close", _body(close, "the end of the run")), durable=True)
            self._standing.close = close
            self._file.confirm()
        self.release()

    def release(self) -> None:
        """Let go of the journal without ending the run, so that it can be resumed. Idempotent."""
        self._file.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _append(self, *lines: tuple[Kind, bytes], durable: bool = False) -> None:
        if self.ended is not None:
            raise JournalError(f"the run in {str(self.folder)!r} has ended")
        self._file.append(lines, durable=durable)

    def _ask_again(self, call: Call) -> None:
        standing = self._standing
        if call.id not in standing.replies and call.id not in standing.pending:
            self._append(("again", _body(Again(call=call.id), f"call {call.id}, asked again")))
            standing.pending[call.id] = None

    def _put(self, kind: Literal["reply", "record"], record: Record) -> None:
        place = key(record)
        body = _body(record, f"the {record.record} at {tuple(place)}")
        stands = self._standing.records.get(place)
        if stands is None:
            self._append((kind, body), durable=kind == "reply")
            self._standing.records[place] = (body, record)
        elif stands[0] != body:
            raise MergeError(
                f"two different records at {tuple(place)}: {_clip(stands[0])} and {_clip(body)}",
                "a resumed run must be the run that was begun: same versions, same panel",
            )

    def _mark_resumed(self) -> None:
        resume = Resume(at=_now(), lost=tuple(self._standing.pending))
        self._append(("resume", _body(resume, "the resume mark")), durable=True)
        self._standing.resumes.append(resume)


def _body(value: Frozen, what: str) -> bytes:
    try:
        return canonical(value.plain())
    except ValueError as error:
        raise _unwritten(what, error) from error


def _unwritten(what: str, error: ValueError) -> JournalError:
    return JournalError(
        f"{what} cannot be written: {error}",
        hint="a record holds only finite numbers and text without lone surrogates (see scrub)",
    )


def _clip(body: bytes, most: int = 160) -> str:
    text = body.decode()
    return text if len(text) <= most else text[: most - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
