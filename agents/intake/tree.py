"""What lies in a contribution's folder, listed and opened without following anything out of it.

A folder of a stranger's may hold links to other places, pipes that never end, or more files than
memory: it is listed once, up to a bound, and only what the list calls a regular file is ever opened.
"""

import os
import posixpath
import stat
from collections import deque
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from folkmoot.agents.intake.faults import Unreadable

Kind = Literal["file", "folder", "link", "special", "unreadable"]


class Entry(NamedTuple):
    """One thing in the folder."""

    path: str
    """Relative to the folder, its parts joined by `/`."""
    kind: Kind
    size: int = 0
    mode: int = 0

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The last ending of its name, in lower case and with its dot: `.json`."""
        return posixpath.splitext(self.name.rstrip(" ."))[1].lower()


class Tree(NamedTuple):
    """A folder as it was listed."""

    root: Path
    entries: tuple[Entry, ...]
    """By depth, then by path."""
    whole: bool
    """Whether the list is complete."""

    @property
    def files(self) -> tuple[Entry, ...]:
        """The regular files."""
        return tuple(entry for entry in self.entries if entry.kind == "file")

    @property
    def size(self) -> int:
        """Bytes of all regular files."""
        return sum(entry.size for entry in self.files)

    def file(self, path: str) -> Entry | None:
        """The regular file of this path; None where there is none."""
        return next((entry for entry in self.files if entry.path == path), None)

    def folder(self, path: str) -> bool:
        """Whether there is a folder of this path; `.` is the whole."""
        return path == "." or any(
            entry.path == path and entry.kind == "folder" for entry in self.entries
        )


def scan(folder: Path, most: int) -> Tree:
    """List a folder; a link is listed and not followed.

    Args:
        folder: the contribution's. One that cannot be listed is a tree with one unreadable entry.
        most: entries after which the list is cut.
    """
    found: list[Entry] = []
    folders = deque(["."])
    whole = True
    while folders and len(found) <= most:
        at = folders.popleft()
        try:
            with os.scandir(folder / at) as listing:
                entries = sorted(_entries(at, islice(listing, most + 1)))
        except OSError:
            found.append(Entry(at, "unreadable"))
            continue
        found += entries
        folders += [entry.path for entry in entries if entry.kind == "folder"]
    if folders or len(found) > most:
        whole = False
    return Tree(folder, tuple(found[: most + 1]), whole)


def inside(declared: str) -> str | None:
    """The folder that a field names, as `Entry.path` has it; None if it leads out of the whole."""
    path = posixpath.normpath(declared)
    return None if path.startswith("/") or path.split("/")[0] == ".." else path


def within(folder: str, name: str) -> str:
    """The path of a name in a folder of the tree."""
    return name if folder == "." else f"{folder}/{name}"


def opened(tree: Tree, entry: Entry) -> BufferedReader:
    """A regular file, open to be read.

    Raises:
        Unreadable: it is a regular file no more, or the system refuses.
    """
    # Without O_NONBLOCK a pipe that took the file's place would hang us.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(tree.root / entry.path, flags)
    except (OSError, ValueError) as fault:
        raise Unreadable(getattr(fault, "strerror", None) or "cannot be opened") from fault
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unreadable("is no regular file")
    return os.fdopen(handle, "rb")


def read(tree: Tree, entry: Entry, most: int) -> bytes:
    """A file's bytes.

    Raises:
        Unreadable: it cannot be read, or has more than `most`.
    """
    if entry.size > most:
        raise Unreadable(f"has {entry.size:,} bytes, and no more than {most:,} are read")
    try:
        with opened(tree, entry) as stream:
            data = stream.read(most + 1)
    except OSError as fault:
        raise Unreadable(fault.strerror or "cannot be read") from fault
    if len(data) > most:
        raise Unreadable(f"grew beyond {most:,} bytes while it was read")
    return data


def _entries(at: str, listing: Iterator[os.DirEntry[str]]) -> Iterator[Entry]:
    for each in listing:
        path = within(at, each.name)
        try:
            seen = each.stat(follow_symlinks=False)
        except OSError:
            yield Entry(path, "unreadable")
            continue
        yield Entry(path, _kind(seen.st_mode), seen.st_size, stat.S_IMODE(seen.st_mode))


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "special"
