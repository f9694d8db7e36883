"""Which form a file is in, and its dialogues."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.imports.chat import read_chat
from folkmoot.records.imports.dialogue import Dialogue
from folkmoot.records.imports.inspect import read_inspect

FORMS: Final[Mapping[str, Callable[[Path], tuple[Dialogue, ...]]]] = {
    "chat": read_chat,
    "inspect": read_inspect,
}
"""Name → what reads it."""

_LOOKED_AT: Final = 4096
"""Bytes at the beginning of a .json file that tell a log from a transcript."""


def read_dialogues(file: Path | str, form: str | None = None) -> tuple[Dialogue, ...]:
    """The dialogues of a file.

    Args:
        file: the file.
        form: chat or inspect; None: see `form_of`.

    Raises:
        InputError: there is no such form, or the file is not of it.
        RecordError: it cannot be read.
    """
    named = form_of(file) if form is None else form
    if named not in FORMS:
        raise InputError(f"no form {named!r}", f"there are: {', '.join(FORMS)}")
    return FORMS[named](Path(file))


def form_of(file: Path | str) -> str:
    """inspect for an .eval file, and for a .json file that begins like a log of Inspect; else chat.

    Raises:
        RecordError: it cannot be read.
    """
    file = Path(file)
    if file.suffix == ".eval":
        return "inspect"
    if file.suffix != ".json":
        return "chat"
    try:
        with file.open("rb") as opened:
            start = b"".join(opened.read(_LOOKED_AT).split())
    except OSError as error:
        raise RecordError(f"cannot read {str(file)!r}: {error.strerror}") from error
    return "inspect" if start.startswith(b'{"version":') and b'"eval":' in start else "chat"
