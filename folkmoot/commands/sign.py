"""`folkmoot sign`: a record is signed, or a key made to sign with."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.commands.verify import checked
from folkmoot.records import InputError, RecordError
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import new_key
from folkmoot.records.seal import sign as sign_record
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible


def sign(
    record: Annotated[
        Path | None, typer.Argument(help="The folder of a run.", metavar="RECORD")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The file of the private key.", metavar="FILE")
    ] = None,
    make: Annotated[
        Path | None,
        typer.Option("--new-key", help="Make a key in FILE and FILE.pub.", metavar="FILE"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who signs; it is signed too.", metavar="NAME")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="When, in ISO 8601, UTC. Without it: now.", metavar="TIME")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also a run that has not ended: as far as it goes.")
    ] = False,
    json: Json = False,
) -> None:
    """Sign a record, or make a key to sign with. Only a record that verifies is signed.

    The signature stands beside the journal, in signature.json.
    """
    if make is not None:
        if record is not None or key is not None:
            raise InputError("--new-key makes a key and signs nothing", "sign in a second step")
        public, print_of = new_key(make)
        said = {"key": str(make), "public": str(public), "fingerprint": print_of}
        _show(said, f"{make} and {public}", print_of, json=json)
        return
    if record is None or key is None:
        raise InputError("a record is signed with a key", "folkmoot sign RECORD --key FILE")
    reading, _ = read_lines(record)
    _hold(record, unfinished=unfinished)
    made = sign_record(record, reading, key, at, by)
    said = {**made.statement.plain(), "fingerprint": made.fingerprint, "record": str(record)}
    count = made.statement.count
    _show(said, f"signed {record}, {count} lines", made.fingerprint, json=json)


def _hold(record: Path, *, unfinished: bool) -> None:
    found, _ = checked(record)
    if not found.ok:
        raise RecordError(
            f"{str(record)!r} does not verify and is not signed: {found.findings[0]}",
            f"folkmoot verify {record} says all that is wrong with it",
        )
    if found.status != "complete" and not unfinished:
        raise InputError(
            f"the run in {str(record)!r} has not ended",
            "resume it first, or sign it as far as it goes with --unfinished",
        )


def _show(said: Mapping[str, object], what: str, fingerprint: str, *, json: bool) -> None:
    if json:
        print_json(said)
        return
    lines = [Text(visible(what), "bold"), Text(f"  fingerprint {fingerprint}", "dim")]
    emit(console(sys.stdout), lines)
