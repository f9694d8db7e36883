"""Seats on probation on a terminal: they are asked when a run is shown, and each is shown in a line."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from folkmoot.agents import Agent, Vocabulary
from folkmoot.commands.showing import show_outcome
from folkmoot.graphs import planned, shadowed
from folkmoot.graphs.shadow import standing
from folkmoot.pool import Pool
from folkmoot.records import FolkmootError, Outcome, Shadow
from folkmoot.screen import console, emit
from folkmoot.stopping import until_stopped
from folkmoot.visible import shortened, visible

_WORDS = 200
"""Characters of an answer to an open question that a line repeats."""

_SILENT = {
    "abstained": "would have abstained",
    "unreadable": "gave no answer that could be read",
    "empty": "said nothing",
    "unavailable": "is absent",
}


def show_with_shadows(
    outcome: Outcome,
    agents: Sequence[Agent],
    vocabulary: Vocabulary | None,
    pool: Pool,
    pool_file: Path | None,
    *,
    json: bool,
    headed: bool,
    gate: bool,
) -> int:
    """Show what a run came to, then ask those on probation and show them too.

    As JSON it is one object, printed at the end. What is wrong with a shadow is said, and changes neither
    the outcome nor the exit code.

    Returns:
        the exit code, as `show_outcome` has it.

    Raises:
        Stopped: a signal came meanwhile; the run has ended, and the record can be resumed for the rest.
    """

    def ask() -> tuple[Shadow, ...]:
        work = shadowed(outcome, agents, pool, vocabulary=vocabulary)
        try:
            return until_stopped(work, lambda: str(outcome.record), pool_file)
        except FolkmootError as fault:
            return tuple(
                Shadow(seat=each.name, model=each.model, state="unavailable", error=fault.message)
                for each in agents
            )

    if not agents or outcome.status != "complete":
        return show_outcome(outcome, json=json, headed=headed, gate=gate)
    if json:
        return show_outcome(outcome, json=True, headed=headed, gate=gate, shadows=ask())
    code = show_outcome(outcome, json=False, headed=headed, gate=gate)
    target = console(sys.stdout)
    if target.is_terminal:
        emit(target, [Text(), Text("those on probation are asked …", "dim")])
    emit(target, [Text(), *shadow_lines(ask())])
    return code


def on_probation(record: Path) -> tuple[tuple[Agent, ...], Vocabulary | None]:
    """Who is to be asked beside a run, as its folder says; where that cannot be read, it is said."""
    try:
        plan = planned(record)
    except FolkmootError as fault:
        print(visible(f"on probation: nobody is asked: {fault.message}"), file=sys.stderr)
        return (), None
    return ((), None) if plan is None else (plan.agents, plan.vocabulary)


def shadows_on_record(outcome: Outcome) -> tuple[Shadow, ...]:
    """What stands beside a run, without asking anybody; () where that cannot be read."""
    try:
        return standing(outcome)
    except FolkmootError:
        return ()


def shadow_lines(shadows: Sequence[Shadow]) -> list[Text]:
    """A line for each seat on probation."""
    return [
        Text.assemble(
            ("on probation: ", "bold"), f"{visible(each.seat)} {_said(each)}; not counted"
        )
        for each in shadows
    ]


def _said(shadow: Shadow) -> str:
    if shadow.state in _SILENT:
        why = f" ({shortened(shadow.error, _WORDS)})" if shadow.error else ""
        return f"{_SILENT[shadow.state]}{why}"
    if shadow.choice is None:
        return f"would have said “{shortened(shadow.text, _WORDS)}”"
    likely = (shadow.probabilities or {}).get(shadow.choice)
    sure = "" if likely is None else f" ({likely:.2f})"
    other = ", not as decided" if shadow.agrees is False else ""
    return f"would have said {visible(shadow.choice)}{sure}{other}"
