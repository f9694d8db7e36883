"""The files of a record, opened so that no link or device in their place is followed.

A record may come from anyone. A link among its files would have what is written to the record
written to where the link points.
"""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def open_plain(path: Path, flags: int) -> int:
    """Open an ordinary file, or make one; `flags` as in `os.open`.

    Raises:
        OSError: it cannot be opened, or is a link, a folder or a device.
    """
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    try:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link, and no file of a record is one") from error
        raise
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is no ordinary file")


def read_plain(path: Path) -> bytes:
    """All of an ordinary file.

    Raises:
        OSError: as for `open_plain`, or it cannot be read.
    """
    with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as file:
        return file.read()


def replace(path: Path, data: bytes) -> None:
    """Put a file in the place of `path`, whole or not at all.

    It is written beside it, under a name that nobody can have laid a link at, and then renamed.

    Raises:
        OSError: it cannot be written. Nothing is left behind.
    """
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    fd = open_plain(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
