"""The file under a journal: one writer, whole lines, and a head that counts them."""

import errno
import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from folkmoot.records.chain import (
    GENESIS,
    HEAD_FILE,
    JOURNAL_FILE,
    Head,
    Kind,
    no_record,
    seal,
)
from folkmoot.records.errors import RecordError
from folkmoot.records.files import open_plain, read_plain
from folkmoot.records.opening import JOURNAL_SCHEMA


class JournalFile:
    """An open, locked `journal.jsonl` with its `head.json`.

    Use `create` or `open`. The lock is `flock`: it goes with the process, so a killed writer
    leaves none behind.

    Attributes:
        folder: where they are.
        sync: have the disk confirm what is appended as durable.
        count: how many lines there are.
        hash: of the last line.
    """

    def __init__(self, folder: Path, fd: int, sync: bool) -> None:
        self.folder = folder
        self.sync = sync
        self.count = 0
        self.hash = GENESIS
        self._size = 0
        self._fd: int | None = fd
        self._head_fd: int | None = None
        self._failure: RecordError | None = None

    @classmethod
    def create(cls, folder: Path, opening: bytes, sync: bool) -> Self:
        """Begin a journal with the canonical bytes of its opening, in a folder made if need be.

        Raises:
            RecordError: there is a journal already, or the folder cannot be written. Nothing of
                this attempt is left behind.
        """
        made: list[Path] = []
        try:
            made = [each for each in (folder, *folder.parents) if not each.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            fd = open_plain(folder / JOURNAL_FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        except OSError as error:
            _remove(made)
            raise _unwritable(folder, error) from error
        file = cls(folder, fd, sync)
        try:
            _lock(fd, folder)
            if b"\n" in os.pread(fd, os.fstat(fd).st_size, 0):
                raise RecordError(
                    f"{str(folder)!r} already holds a record", "resume it, or choose another folder"
                )
        except OSError as error:
            raise file._fail(error) from error
        except RecordError:
            file.release()
            raise
        try:
            file.stand(0, GENESIS, 0)
            file.append([("opening", opening)], durable=True)
        except RecordError:
            file.release()
            for name in (HEAD_FILE, JOURNAL_FILE):
                with suppress(OSError):
                    (folder / name).unlink()
            _remove(made)
            raise
        return file

    @classmethod
    def open(cls, folder: Path, sync: bool) -> tuple[Self, bytes]:
        """Open the journal in `folder` for writing; also what stands in it, to be read and checked.

        Nothing may be appended before `stand` has said where the whole lines end.

        Raises:
            RecordError: there is none, it cannot be written, or another writer holds it.
        """
        try:
            fd = open_plain(folder / JOURNAL_FILE, os.O_RDWR | os.O_APPEND)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise no_record(folder) from error
        except OSError as error:
            raise _unwritable(folder, error) from error
        file = cls(folder, fd, sync)
        try:
            _lock(fd, folder)
            return file, read_plain(folder / JOURNAL_FILE)
        except OSError as error:
            file.release()
            raise _unwritable(folder, error) from error
        except RecordError:
            file.release()
            raise

    def stand(self, count: int, hash: str, size: int, schema: str = JOURNAL_SCHEMA) -> None:
        """Take it up after `count` lines of `size` bytes; what follows them is cut off.

        Raises:
            RecordError: it cannot be written.
        """
        if self._fd is None:
            raise self._closed()
        self.count, self.hash, self._size = count, hash, size
        try:
            os.ftruncate(self._fd, size)
            self._head_fd = open_plain(self.folder / HEAD_FILE, os.O_RDWR | os.O_CREAT)
            head = Head(count, hash, schema).encode()
            os.ftruncate(self._head_fd, os.pwrite(self._head_fd, head, 0))
        except OSError as error:
            raise self._fail(error) from error

    def append(self, lines: Sequence[tuple[Kind, bytes]], *, durable: bool = False) -> None:
        """Append lines, each a kind and the canonical bytes of its data, in one write.

        With `sync` the head follows only when the disk has confirmed the lines, so that after the
        death of the machine it never counts lines that are not there.

        Raises:
            RecordError: the write failed. The journal is released and ends with the line before;
                whoever appends later hears the same.
        """
        if self._fd is None or self._head_fd is None:
            raise self._closed()
        count, last, chunk = self.count, self.hash, b""
        for kind, body in lines:
            count += 1
            line, last = seal(body, kind, count, last)
            chunk += line
        try:
            if os.write(self._fd, chunk) != len(chunk):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if durable and self.sync:
                os.fsync(self._fd)
            if durable or not self.sync:
                os.pwrite(self._head_fd, Head(count, last).encode(), 0)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise self._fail(error) from error
        self.count, self.hash = count, last
        self._size += len(chunk)

    def confirm(self) -> None:
        """Have the disk confirm all that was written.

        Raises:
            RecordError: the disk did not.
        """
        if self._fd is None or self._head_fd is None:
            raise self._closed()
        try:
            os.fsync(self._fd)
            os.fsync(self._head_fd)
        except OSError as error:
            raise self._fail(error) from error

    def release(self) -> None:
        """Let go of it, and of the lock. Idempotent."""
        for fd in (self._head_fd, self._fd):
            if fd is not None:
                os.close(fd)
        self._fd = self._head_fd = None

    def _fail(self, error: OSError) -> RecordError:
        """Let go of it because of an error, which stays the reason that nothing can be written."""
        self.release()
        self._failure = _unwritable(self.folder, error)
        return self._failure

    def _closed(self) -> RecordError:
        """Why nothing can be written any more: the first failure, if there was one."""
        if self._failure is not None:
            # An error of its own for each: calls that run side by side each raise theirs.
            return RecordError(self._failure.message, self._failure.hint)
        return RecordError(
            f"the record in {str(self.folder)!r} is no longer being written", "resume it"
        )


def _lock(fd: int, folder: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RecordError(
            f"{str(folder)!r} is being written by {_holder(os.fstat(fd).st_ino)}",
            "wait for it to end, or stop it; the record stays whole",
        ) from error


def _holder(inode: int) -> str:
    """Who holds the lock on an inode, where the system tells (Linux: /proc/locks)."""
    with suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.split()
            if len(fields) > 5 and fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
                return f"process {fields[4]}"
    return "another process"


def _remove(folders: list[Path]) -> None:
    """Remove the folders that were made, deepest first, as far as nothing is in them."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> RecordError:
    why = error.strerror or str(error)
    hint = "choose another folder for records"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        hint = "make room and resume the run: what was recorded stands"
    return RecordError(f"cannot write the record in {str(folder)!r}: {why}", hint)
