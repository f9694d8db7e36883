"""What was worked out of a record, kept as long as its files stay the same."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from folkmoot.records.chain import HEAD_FILE, JOURNAL_FILE

FILES: Final = (
    JOURNAL_FILE,
    HEAD_FILE,
    "transcript.json",
    "conflicts.json",
    "outcome.json",
    "signature.json",
)
"""All that a record's integrity hangs on."""


class Kept:
    """Values by name, each made once for each state of the files it is of; the oldest are let go.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._making: dict[object, threading.Lock] = {}
        self._values: dict[object, tuple[str, Any]] = {}

    def get(self, name: object, tag: str, make: Callable[[], Any]) -> Any:
        """The value of that name; made now where there is none yet of this state.

        Several may ask at once: one makes it, and the others wait for that.
        """
        with self._lock:
            making = self._making.setdefault(name, threading.Lock())
        with making:
            kept = self._values.get(name)
            if kept is None or kept[0] != tag:
                kept = (tag, make())
            with self._lock:
                self._values.pop(name, None)
                self._values[name] = kept
                while len(self._values) > self._most:
                    oldest = next(iter(self._values))
                    del self._values[oldest]
                    self._making.pop(oldest, None)
            return kept[1]


def state_of(folder: Path, names: tuple[str, ...] = FILES) -> str:
    """What changes whenever one of these files does."""
    found: list[str] = []
    for name in names:
        try:
            about = (folder / name).stat()
            found.append(f"{about.st_size}-{about.st_mtime_ns}")
        except OSError:
            found.append("none")
    return ".".join(found)
