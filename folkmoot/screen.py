"""Where text goes: consoles that take text as it is, and never send a control code into a pipe."""

import json
import os
import sys
from collections.abc import Iterable
from typing import IO, TextIO

from rich.console import Console, RenderableType

WIDTH = 80
"""Columns of piped output, and all that any layout needs."""

_NARROWEST, _WIDEST = 40, 100
"""Columns below which nothing fits, and beyond which lines only get harder to read."""


def console(stream: TextIO) -> Console:
    """A console on a stream: no markup, no emoji codes, no highlighting of what it prints."""
    terminal = stream.isatty()
    made = Console(
        file=stream,
        force_terminal=terminal,
        width=None if terminal else WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )
    made.width = min(max(made.width, _NARROWEST), _WIDEST)
    return made


def emit(target: Console, parts: Iterable[RenderableType]) -> None:
    """Print; into a pipe as plain lines without the blanks that pad a table's cells.

    Where whoever was reading is gone, it goes nowhere: a run is not lost for that.
    """
    try:
        _emit(target, parts)
    except BrokenPipeError:
        forget(target.file)


def forget(stream: IO[str]) -> None:
    """Let what a stream has buffered, and what is still to come, go nowhere."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _emit(target: Console, parts: Iterable[RenderableType]) -> None:
    if target.is_terminal:
        for part in parts:
            target.print(part)
        return
    with target.capture() as captured:
        for part in parts:
            target.print(part)
    for line in captured.get().splitlines():
        target.file.write(line.rstrip() + "\n")
    target.file.flush()


def print_json(value: object, stream: TextIO | None = None) -> None:
    """One JSON object, in ASCII: characters that could act on a terminal are escaped."""
    target = sys.stdout if stream is None else stream
    target.write(json.dumps(value, indent=2) + "\n")
    target.flush()
