"""`folkmoot diff`: what two runs, or the runs of two folders, come to otherwise."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from folkmoot.commands.options import Json
from folkmoot.diff_table import arms_lines, diff_lines
from folkmoot.records import InputError
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.diff import diff as diff_of
from folkmoot.records.diff_arms import diff_arms
from folkmoot.screen import console, emit, print_json

First = Annotated[
    Path, typer.Argument(help="The folder of a run, or of several runs.", metavar="FIRST")
]
Second = Annotated[Path, typer.Argument(help="What it is compared with.", metavar="SECOND")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit code 1 where anything differs.")]


def diff(first: First, second: Second, exit_code: ExitCode = False, json: Json = False) -> int:
    """Compare two runs, or two folders of runs, question by question.

    Which conflicts appeared, vanished, or changed their kind, sides or end; the answers, the
    decisions, the ballots, the cost. Conflicts are compared by what they say, not by their ids.
    """
    if _is_run(first) != _is_run(second):
        run, folder = (first, second) if _is_run(first) else (second, first)
        raise InputError(
            f"{str(run)!r} is a run, and {str(folder)!r} is none",
            "compare two runs, or two folders of runs",
        )
    if _is_run(first):
        found = diff_of(first, second)
        plain, lines = found.plain(), diff_lines(found)
    else:
        found = diff_arms(first, second)
        plain, lines = found.plain(), arms_lines(found)
    if json:
        print_json({**plain, "empty": found.empty})
    else:
        emit(console(sys.stdout), lines)
    return 1 if exit_code and not found.empty else 0


def _is_run(folder: Path) -> bool:
    return (folder / JOURNAL_FILE).exists()
