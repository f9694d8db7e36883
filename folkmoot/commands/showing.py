"""How a command hands an outcome over: as a report, or as one JSON object; and through the gate."""

import sys
from collections.abc import Sequence
from pathlib import Path

from folkmoot.records import Outcome, Shadow
from folkmoot.report import report
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import shortened

RECORD_DIR = Path("runs")
"""Where runs are recorded unless said otherwise."""

SHUT = 3
"""The exit code where the gate is shut."""

_ISSUE = 60
"""Characters of an issue that the gate repeats."""


def show_outcome(
    outcome: Outcome,
    *,
    json: bool,
    headed: bool,
    messages: bool = False,
    whole: bool = False,
    gate: bool = False,
    shadows: Sequence[Shadow] = (),
) -> int:
    """Print an outcome on stdout, and on stderr what keeps the gate shut, if it is asked for.

    Args:
        json: as one JSON object.
        headed: with the question and the panel first; a live view has shown them already.
        messages: with every message in full.
        whole: with every conflict, not only the worst ones.
        gate: whether an answer that hides a conflict is a failure.
        shadows: what seats on probation said; in the JSON object, where there are any.

    Returns:
        the exit code: 0, or `SHUT`.
    """
    if json:
        beside = {"shadows": [each.plain() for each in shadows]} if shadows else {}
        print_json({**outcome.as_json(), **beside})
    else:
        emit(console(sys.stdout), report(outcome, headed=headed, messages=messages, whole=whole))
    shut = shut_by(outcome) if gate else None
    if shut is None:
        return 0
    print(shut, file=sys.stderr)
    return SHUT


def shut_by(outcome: Outcome) -> str | None:
    """What keeps the gate shut, on one line; None where it is open.

    It is shut by every serious conflict that no agreement settled and that the answer is silent on,
    misstates, or does not treat; and where there is no answer yet.
    """
    if outcome.transcript.answer is None:
        return "gate: there is no answer that could say what it makes of the conflicts"
    found: dict[str, list[str]] = {}
    for each in outcome.conflicts:
        if each.treatment.flagged if each.treatment else each.serious:
            misstated = each.treatment is not None and each.treatment.treatment == "misstated"
            how = "misstates" if misstated else "is silent on"
            found.setdefault(how, []).append(f"{each.id} “{shortened(each.issue, _ISSUE)}”")
    if not found:
        return None
    said = (f"{how} {', '.join(conflicts)}" for how, conflicts in found.items())
    return f"gate: no agreement settled this, and the answer {' and '.join(said)}"
