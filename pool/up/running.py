"""Pools that stay up: what any process of this machine can know of one.

One JSON file for each pool that is up, `pools/<key>.json` under Folkmoot's home, written by the
process that keeps its servers (the supervisor). That process holds the lock `pools/<key>.lock` for
as long as it lives, so that there is never a second one, however the first one ends.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from folkmoot.pool.models.resolve import home
from folkmoot.pool.up.processes import Process
from folkmoot.records import ModelRef, PoolError
from folkmoot.records.base import Frozen

_LOOKS, _LOOK_S = 5, 0.2

Phase = Literal["starting", "ready", "asleep", "dead", "stopping"]


class Server(Frozen):
    """One server of a pool that is up, as its supervisor last saw it."""

    name: str
    """The engine's name."""
    phase: Phase
    """starting: it is not ready yet, or is started again. asleep: it is at rest, until its turn.
    dead: it could not be started again."""
    url: str
    guard: Process | None
    """The process whose child the server is."""
    models: dict[str, ModelRef]
    """What panels call a model → what pins it."""
    controls: tuple[str, ...] = ()
    """Control tokens of its tokeniser."""
    windows: dict[str, int] = Field(default_factory=dict)
    """The context of each model in tokens."""
    turns: bool = False
    """Whether it takes turns with others: it answers only in its turn; see `shared_turns`."""
    tokeniser: str | None = None
    """The files that tell what a prompt's tokens are while it is at rest; None where only it can."""
    described: dict[str, Any]
    """As the engine describes itself for a record."""
    most: int | None = None
    """Requests in one batch at most, where it is known."""
    log: str
    ready_at: float | None = None
    """Seconds since 1970 at which it was last ready; None before."""
    restarts: int = 0
    error: str | None = None
    """Why it could not be started again, the last time that it could not."""


class Door(Frozen):
    """A port on this machine, and the word that opens it."""

    port: int
    word: str


class Running(Frozen):
    """A pool that is up."""

    path: str
    """Of the pool file."""
    digest: str
    """SHA-256 of the pool file as it was when the pool was brought up."""
    machine: str | None = None
    """Whose servers alone these are, by its name in the file; None for all that are to run here."""
    supervisor: Process
    phase: Phase
    since: float
    """Seconds since 1970."""
    door: Door | None = None
    """Where its supervisor is asked for a server's turn; None where none take turns."""
    servers: tuple[Server, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether the pool file is still what it was when the pool was brought up."""
        with contextlib.suppress(PoolError):
            return self.digest == file_digest(self.path)
        return False

    def check_unchanged(self) -> None:
        """See that the pool file is still what it was when the pool was brought up.

        Raises:
            PoolError: it is not.
        """
        if not self.unchanged:
            raise PoolError(
                f"{self.path!r} was changed since its pool was brought up",
                f"folkmoot pool down {self.path}; folkmoot pool up {self.path}",
            )

    def server(self, name: str) -> Server | None:
        """The server of an engine, by its name."""
        return next((server for server in self.servers if server.name == name), None)


def file_digest(path: str | Path) -> str:
    """SHA-256 of a pool file.

    Raises:
        PoolError: it cannot be read.
    """
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise PoolError(f"cannot read {str(path)!r}: {error.strerror}") from error


def state_file(path: str | Path) -> Path:
    """Where the state of a pool is kept, for the pool file's real path on this machine."""
    where = f"{Path(path).resolve()}\n{socket.gethostname()}"
    return home() / "pools" / f"{hashlib.sha256(where.encode()).hexdigest()[:24]}.json"


def find(path: str | Path) -> Running | None:
    """The pool of this file if it is up: its supervisor lives. What a dead one left is removed."""
    kept = state_file(path)
    if not kept.exists():
        return None
    found = _read(kept)
    if found is not None and found.supervisor.lives:
        return found
    if left_behind(path):
        return None  # Not yet: whoever brings it up again waits for them.
    with contextlib.suppress(PoolError, OSError), claimed(path) as mine:
        # Without the lock somebody is bringing the pool up, and the file may be a new one by now.
        if mine:
            kept.unlink(missing_ok=True)
    return None


def holder(path: str | Path) -> int | None:
    """The process that has this pool in hand although its state cannot be read: damaged, or taken
    away. None where the state can be read, or there is no such process. Blocks, briefly."""
    kept = state_file(path).with_suffix(".lock")
    pid: int | None = None
    for _ in range(_LOOKS):  # At its start a pool has its lock before its state, at its end too.
        pid = _holding(kept)
        if pid is None or _read(state_file(path)) is not None:
            return None
        time.sleep(_LOOK_S)
    return pid


def unreadable(path: str | Path, pid: int) -> PoolError:
    """The error that this is."""
    return PoolError(
        f"process {pid} keeps the pool of {str(path)!r}, but what it wrote of it in "
        f"{str(state_file(path))!r} cannot be read",
        f"kill {pid} ends it and its servers",
    )


def left_behind(path: str | Path) -> tuple[Process, ...]:
    """Guards of servers whose supervisor is dead: they end their servers, and then themselves."""
    found = _read(state_file(path))
    if found is None or found.supervisor.lives:
        return ()
    return tuple(server.guard for server in found.servers if server.guard and server.guard.lives)


def write(running: Running) -> None:
    """Keep the state of a pool. Its supervisor alone may, while it holds the lock.

    Raises:
        PoolError: the file cannot be written.
    """
    kept = state_file(running.path)
    try:
        handle, name = tempfile.mkstemp(dir=_folder(kept), suffix=".part")  # of mode 600
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(running.model_dump_json(indent=2))
        os.replace(name, kept)
    except OSError as error:
        raise _unwritable(kept, error) from error


def remove(path: str | Path) -> None:
    """Forget the state of a pool. Its supervisor alone may, or who holds the lock."""
    state_file(path).unlink(missing_ok=True)


@contextmanager
def claimed(path: str | Path) -> Generator[bool]:
    """Hold a pool's lock for as long as the block lasts: whether nobody else holds it.

    Raises:
        PoolError: the lock's file cannot be made.
    """
    kept = state_file(path).with_suffix(".lock")
    try:
        handle = _locked(_folder(kept) / kept.name)
    except OSError as error:
        raise _unwritable(kept, error) from error
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            kept.unlink()
        os.close(handle)


def _locked(kept: Path) -> int | None:
    """The lock's file, opened and locked; None where another has it."""
    while True:
        handle = os.open(kept, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last holder may have removed it after we had opened it: then it locks nothing.
            if _same(handle, kept):
                os.ftruncate(handle, 0)
                os.write(handle, str(os.getpid()).encode())
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _holding(kept: Path) -> int | None:
    """The process that holds a lock."""
    try:
        with kept.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(OSError, ValueError):
            return int(kept.read_bytes()[:20])
    except OSError:
        pass
    return None


def _same(handle: int, kept: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), kept.stat())
    except FileNotFoundError:
        return False


def _folder(kept: Path) -> Path:
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return kept.parent


def _read(kept: Path) -> Running | None:
    try:
        return Running.model_validate(json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError):
        return None


def _unwritable(kept: Path, error: OSError) -> PoolError:
    return PoolError(
        f"cannot write {str(kept)!r}: {error.strerror}",
        "set FOLKMOOT_HOME to a folder that can be written",
    )
