"""The command line: `folkmoot COMMAND …`. Errors are one line what and where, one line what to do.

Exit codes: 0 done, also where the panel came to no decision; 1 a record that does not verify, or a
fault of Folkmoot itself; 2 what was given cannot be used; 3 the run waits for a person,
`--gate` is shut, or `--fail-on` finds; 130 and 143 stopped by a signal.
"""

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Annotated, Any, TextIO

import typer

from folkmoot.commands.annotate import annotate
from folkmoot.commands.answer import answer
from folkmoot.commands.ask import ask
from folkmoot.commands.clerk import clerk_commands
from folkmoot.commands.contribution import contribution_commands
from folkmoot.commands.controls import controls
from folkmoot.commands.diff import diff
from folkmoot.commands.doctor import doctor
from folkmoot.commands.export import export
from folkmoot.commands.graph import graph_commands
from folkmoot.commands.head import head
from folkmoot.commands.import_record import import_record
from folkmoot.commands.init import init
from folkmoot.commands.ledger import ledger
from folkmoot.commands.migrate import migrate
from folkmoot.commands.participation import participation
from folkmoot.commands.pool import pool_commands
from folkmoot.commands.protocols import protocols
from folkmoot.commands.query import query
from folkmoot.commands.redact import redact
from folkmoot.commands.redecide import redecide
from folkmoot.commands.replay import replay
from folkmoot.commands.resume import resume
from folkmoot.commands.resynthesize import resynthesize
from folkmoot.commands.roster import roster_commands
from folkmoot.commands.scan import scan
from folkmoot.commands.show import show
from folkmoot.commands.sign import sign
from folkmoot.commands.verify import verify
from folkmoot.commands.view import view
from folkmoot.commands.worth import worth
from folkmoot.records import FolkmootError, Waiting
from folkmoot.screen import forget
from folkmoot.stopping import Stopped
from folkmoot.visible import visible, visible_lines

_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""What a wrong command line raises: typer has this class, but exports only one of its children."""

_DEBUG = "--debug"

_NAMED = {"import_record": "import"}
"""Commands that go by a word that no function can be called by."""

_FOREIGN_BARS = ("TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS")
"""Switch off the progress bars of libraries: they would be drawn across our own."""


def build() -> typer.Typer:
    """The command line as typer runs it."""
    app = typer.Typer(
        name="folkmoot",
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_folkmoot)
    for command in (
        ask,
        show,
        ledger,
        verify,
        redecide,
        replay,
        resynthesize,
        diff,
        view,
        sign,
        head,
        redact,
        migrate,
        annotate,
        scan,
        query,
        export,
        import_record,
        worth,
        answer,
        resume,
        protocols,
        controls,
        participation,
        init,
        doctor,
    ):
        app.command(_NAMED.get(command.__name__))(command)
    app.add_typer(graph_commands(), name="graph")
    app.add_typer(pool_commands(), name="pool")
    app.add_typer(contribution_commands(), name="contribution")
    app.add_typer(roster_commands(), name="roster")
    app.add_typer(clerk_commands(), name="clerk")
    return app


def _folkmoot(
    debug: Annotated[
        bool, typer.Option(_DEBUG, help="Show where an error comes from. Anywhere in the line.")
    ] = False,
) -> None:
    """A panel of models deliberates and ends in one answer and a conflict log."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = _DEBUG in given
    if not debug and not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries warn their users, and that is us
    for bars in _FOREIGN_BARS:
        os.environ.setdefault(bars, "1")
    # Started with a closed stream, Python has none at all.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        _replace_what_cannot_be_encoded(stream)
    try:
        return _run([argument for argument in given if argument != _DEBUG] or ["--help"])
    except (Exception, KeyboardInterrupt) as fault:
        if debug and not isinstance(fault, Stopped | KeyboardInterrupt):
            traceback.print_exc()
        return _explain(fault)


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(build())
    done: Any = command.main(arguments, prog_name="folkmoot", standalone_mode=False)
    return done if isinstance(done, int) else 0


def _explain(fault: BaseException) -> int:
    """Say what went wrong on stderr; the exit code."""
    if isinstance(fault, Stopped):
        what, todo = fault.lines()
        print(f"{what}\n  {visible(todo)}", file=sys.stderr)
        return fault.exit_code
    if isinstance(fault, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    if isinstance(fault, BrokenPipeError):
        forget(sys.stdout)
        return 1
    if isinstance(fault, Waiting):
        print(f"{visible(fault.message)}\n  {visible(fault.hint)}", file=sys.stderr)
        return 3
    if isinstance(fault, FolkmootError):
        return _error(fault.message, fault.hint)
    if isinstance(fault, _USAGE_ERROR):
        return _error(_usage(fault), "folkmoot COMMAND --help says what there is")
    kind = type(fault).__name__
    _error(f"{kind}: {fault}", "this is a fault of folkmoot itself; --debug shows where")
    return 1


def _error(message: str, hint: str) -> int:
    lines = [f"error: {line}" for line in visible_lines(message).splitlines()]
    lines += [f"       {line}" for line in visible_lines(hint).splitlines()]
    print("\n".join(lines), file=sys.stderr)
    return 2


def _usage(fault: Exception) -> str:
    message: str = getattr(fault, "format_message", fault.__str__)()
    message = visible(message).rstrip(".")
    return message[:1].lower() + message[1:]


def _replace_what_cannot_be_encoded(stream: TextIO) -> None:
    reconfigure: Any = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
