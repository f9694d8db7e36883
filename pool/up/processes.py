"""Processes of this machine that outlive a look at them: a number alone may be another's by then."""

import contextlib
import os
import select
import signal
import time
from pathlib import Path
from typing import Self

from folkmoot.records.base import Frozen

_LOOK_S = 0.05


class Process(Frozen):
    """One process, told from a later one of the same number by when it began."""

    pid: int
    began: int
    """Clock ticks from the machine's start (`/proc/PID/stat`, field 22)."""

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process with this number; None where there is none, or it has ended."""
        found = _stat(pid)
        return None if found is None else cls(pid=pid, began=found)

    @property
    def lives(self) -> bool:
        """Whether it is there and has not ended."""
        return _stat(self.pid) == self.began

    @property
    def children(self) -> tuple[Self, ...]:
        """The processes that it has started and that live."""
        listed: list[str] = []
        for thread in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                listed += thread.read_text(encoding="ascii").split()
        found = (self.of(int(pid)) for pid in listed)
        return tuple(child for child in found if child is not None) if self.lives else ()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens where it is gone.

        Raises:
            PermissionError: it belongs to somebody else.
        """
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(self.pid)
            try:
                if self.lives:  # The handle keeps the number from being given away from here on.
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    def gone(self, within_s: float) -> bool:
        """Wait until it has ended: whether it did in this time. Blocks."""
        until = time.monotonic() + within_s
        while self.lives:
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._wait(min(left, 1.0))
        return True

    def _wait(self, seconds: float) -> None:
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            time.sleep(_LOOK_S)
            return
        try:
            select.select([handle], [], [], seconds)
        finally:
            os.close(handle)


def _stat(pid: int) -> int | None:
    """When the process began; None where there is none or only its exit status is left."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rsplit(")", 1)[1].split()
        return None if fields[0] in "ZX" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
