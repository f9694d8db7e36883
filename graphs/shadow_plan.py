"""The plan of a run's shadows: who is to be asked beside it, in its folder before anybody is.

So a run that was killed, or waits for a person, goes on with its shadows from the record alone.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from folkmoot.agents import Agent, Panel, Vocabulary
from folkmoot.graphs.conduct import Watch
from folkmoot.graphs.events import Event, Opened
from folkmoot.records import RecordError, canonical
from folkmoot.records.base import Frozen
from folkmoot.records.files import read_plain, replace
from folkmoot.records.shadows import SHADOWS

PLAN = "plan.json"


class Plan(Frozen):
    """Who is to be asked beside a run: their models, perspectives and all."""

    plan: Literal["shadows/1"] = "shadows/1"
    agents: tuple[Agent, ...]
    vocabulary: Vocabulary | None = None


def planning(panel: Panel, watch: Watch | None = None) -> Watch | None:
    """A watcher that notes the panel's shadows beside the run's record as soon as there is one.

    So `planned` knows them where the run, or this process, is stopped before they were asked.
    """
    if not panel.shadows:
        return watch

    def noting(event: Event) -> None:
        if isinstance(event, Opened) and event.opening.shadow_of is None:
            noted(Path(event.record), panel.shadows, panel.vocabulary)
        if watch is not None:
            watch(event)

    return noting


def planned(record: str | Path) -> Plan | None:
    """Who is to be asked beside a run, as its folder says; None where nobody is.

    Raises:
        RecordError: that cannot be read.
    """
    file = Path(record) / SHADOWS / PLAN
    if file.parent.is_symlink():
        return None
    try:
        return Plan.model_validate_json(read_plain(file))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as fault:
        raise RecordError(
            f"cannot read {str(file)!r}: {str(fault).splitlines()[0]}",
            "the run itself is whole; remove the file to go without seats on probation",
        ) from fault


def noted(record: Path, agents: Iterable[Agent], vocabulary: Vocabulary | None) -> None:
    """Note who is asked, after those that are noted. Where it cannot be written, they are asked all the
    same: it is needed only to go on after a stop."""
    file = record / SHADOWS / PLAN
    try:
        before = planned(record)
        there = () if before is None else before.agents
        names = {agent.name for agent in there}
        every = (*there, *(agent for agent in agents if agent.name not in names))
        if file.parent.is_symlink() or every == there:
            return
        file.parent.mkdir(exist_ok=True)
        replace(file, canonical(Plan(agents=every, vocabulary=vocabulary).plain()) + b"\n")
    except (OSError, RecordError, ValueError):
        return
