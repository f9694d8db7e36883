"""Writing a folder whole or not at all, also where another process is writing the same one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(folder: Path, sign: str) -> Iterator[Path]:
    """An empty folder to write into; at the end of the block it becomes `folder`.

    Whoever is first wins; what a second writer wrote is thrown away.

    Args:
        folder: what to make; its parents are made if absent.
        sign: a file that a whole folder holds.

    Raises:
        OSError: it cannot be written, and nobody else has.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        yield part
        part.chmod(0o755)
        part.rename(folder)
    except OSError:
        if not (folder / sign).is_file():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
