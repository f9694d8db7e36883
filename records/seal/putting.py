"""The files of a record that is made from another: what is taken over, and how it is put down."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from json.encoder import encode_basestring, encode_basestring_ascii
from pathlib import Path
from typing import Final

from folkmoot.records.annotations import ANNOTATIONS_FILE
from folkmoot.records.chain import HEAD_FILE, JOURNAL_FILE
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.files import read_plain, replace
from folkmoot.records.seal.masking import Taken
from folkmoot.records.seal.signature import SIGNATURE_FILE
from folkmoot.records.shadows import SHADOWS

DERIVED: Final = ("transcript.json", "conflicts.json", "outcome.json")


def kept(folder: Path) -> dict[str, bytes]:
    """What stays as it was: a signature (of the lines up to its own), and what was said beside the run."""
    found: dict[str, bytes] = {}
    with suppress(FileNotFoundError):
        found[SIGNATURE_FILE] = read_plain(folder / SIGNATURE_FILE)
    for path in _files(folder / SHADOWS):
        found[str(path.relative_to(folder))] = read_plain(path)
    return found


def others(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every ordinary file of the folder that is none of these, and none that is derived."""
    names = {*files, *DERIVED}
    found = ((str(path.relative_to(folder)), path) for path in _files(folder))
    return {name: read_plain(path) for name, path in found if name not in names}


def hold_gone(files: Mapping[str, bytes], taken: Sequence[Taken]) -> None:
    """Hold that the words stand nowhere, however they are spelt.

    Raises:
        InputError: they do.
    """
    for each in taken:
        spelt = {spelling for text in each.whole for spelling in _spellings(text)}
        for name, data in files.items():
            if any(spelling in data for spelling in spelt):
                raise InputError(
                    f"words of {each.message} still stand in {name}",
                    "take the file away first, or redact what it quotes",
                )


def _spellings(text: str) -> Iterator[bytes]:
    """A text as it may stand in a file: as it is, in JSON, and in JSON inside JSON."""
    for encode in (encode_basestring, encode_basestring_ascii):
        once = encode(text)[1:-1]
        yield from (spelt.encode() for spelt in (text, once, encode(once)[1:-1]))


def write(folder: Path, to: Path, files: Mapping[str, bytes]) -> None:
    """Put the files into a folder that is not there yet, whole or not at all.

    Raises:
        InputError: it cannot be made there.
        RecordError: something could not be written. Nothing is left behind.
    """
    making = to.with_name(f".{to.name}.{secrets.token_hex(8)}.new")
    try:
        making.mkdir(parents=True)
        for name, data in files.items():
            (making / name).parent.mkdir(parents=True, exist_ok=True)
            replace(making / name, data)
        making.rename(to)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise RecordError(
            f"cannot write {str(to)!r}: {error.strerror or error}",
            f"{str(folder)!r} is as it was; name another folder",
        ) from error


def write_in_place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put the files in the place of those of a record.

    What is derived is removed first and written last: killed at any point, it leaves a record that
    resuming makes whole, or the one that it was.

    Raises:
        RecordError: something could not be written.
    """
    first = [name for name in (ANNOTATIONS_FILE, JOURNAL_FILE, HEAD_FILE) if name in files]
    try:
        for name in DERIVED:
            (folder / name).unlink(missing_ok=True)
        for name in (*first, *(name for name in DERIVED if name in files)):
            replace(folder / name, files[name])
    except OSError as error:
        raise RecordError(
            f"cannot write in {str(folder)!r}: {error.strerror or error}",
            "make room and resume the record: what is derived is derived again",
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    """Every ordinary file in a folder, links passed over."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
