"""How a command hands an outcome over: as a report, or as one JSON object."""

import sys
from pathlib import Path

from folkmoot.records import Outcome
from folkmoot.report import report
from folkmoot.screen import console, emit, print_json

RECORD_DIR = Path("runs")
"""Where runs are recorded unless said otherwise."""


def show_outcome(
    outcome: Outcome, *, json: bool, headed: bool, messages: bool = False, whole: bool = False
) -> None:
    """Print an outcome on stdout.

    Args:
        json: as one JSON object.
        headed: with the question and the panel first; a live view has shown them already.
        messages: with every message in full.
        whole: with every conflict, not only the worst ones.
    """
    if json:
        print_json(outcome.as_json())
        return
    emit(console(sys.stdout), report(outcome, headed=headed, messages=messages, whole=whole))
