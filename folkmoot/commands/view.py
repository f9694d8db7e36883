"""`folkmoot view`: records as a page, served to this machine alone or saved as one file."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.records import InputError
from folkmoot.records.viewer import Shelf, ViewServer, save
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

Records = Annotated[
    list[Path],
    typer.Argument(
        help="The folder of a run, or a folder of such folders; several are shown together.",
        metavar="RECORD|FOLDER…",
    ),
]


def view(
    records: Records,
    port: Annotated[
        int, typer.Option(help="The port to listen on; any free one without it.", min=0, max=65535)
    ] = 0,
    to: Annotated[
        Path | None,
        typer.Option(help="Save one self-contained page there, and serve nothing.", metavar="FILE"),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser; print the address alone.")
    ] = False,
    json: Json = False,
) -> int:
    """Show records as a page: in a browser on this machine, or as one file that opens anywhere.

    The page is served on the loopback address until Ctrl-C, under an address that nobody can guess.
    Nothing is changed but by annotations.
    """
    if to is not None:
        size = save(records, to)
        if json:
            print_json({"file": str(to), "bytes": size})
        else:
            emit(console(sys.stdout), [Text(f"saved {visible(str(to))} ({size:,} bytes)")])
        return 0
    shelf = Shelf(records)
    try:
        server = ViewServer(shelf, port)
    except OSError as error:
        raise InputError(
            f"cannot listen on port {port}: {error.strerror}", "give another --port, or none"
        ) from error
    if json:
        print_json({"url": server.url, "records": list(shelf.names())})
    else:
        emit(
            console(sys.stdout),
            [Text(server.url, no_wrap=True, overflow="ignore"), Text("Ctrl-C ends it")],
        )
    if not no_browser:
        webbrowser.open(server.url)
    try:
        server.serve()
    except KeyboardInterrupt:
        return 0
    finally:
        server.release()
    return 0
