"""Probation: seats that are asked beside a run, on record, and counted for nothing.

    outcome = await deliberate(question, panel, protocol, pool, watch=planning(panel))
    shadows = await shadowed(outcome, panel.shadows, pool)

A shadow cannot change what a run comes to: it is asked when the run has ended, in a deliberation of its
own, by itself (`protocols.shadow`), and its record stands in a folder of its own inside the run's
(`records.shadows`). Whatever happens to it, the run stands.
"""

import asyncio
import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents import Agent, Panel, Vocabulary
from folkmoot.agents.values import SCHWARTZ_20
from folkmoot.graphs.build import build
from folkmoot.graphs.check import check_replies, check_size, require
from folkmoot.graphs.conduct import Watch
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.run import begin, conduct, held, resume_as
from folkmoot.graphs.shadow_plan import noted, planned
from folkmoot.pool import Pool
from folkmoot.pool.absent import Absent
from folkmoot.protocols import Setting
from folkmoot.protocols.shadow import SHADOW
from folkmoot.records import (
    HUMAN,
    Beside,
    InputError,
    Opening,
    Outcome,
    RecordError,
    Shadow,
)
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.shadows import SHADOWS, ShadowRun, beside, read_shadows, shadow_runs


class _Job(NamedTuple):
    """What the shadows of one run have in common."""

    outcome: Outcome
    named: Beside
    folder: Path
    vocabulary: Vocabulary | None
    pool: Pool
    watch: Watch | None


async def shadowed(
    outcome: Outcome,
    agents: Iterable[Agent],
    pool: Pool,
    *,
    vocabulary: Vocabulary | None = SCHWARTZ_20,
    watch: Watch | None = None,
) -> tuple[Shadow, ...]:
    """Ask agents on probation what a run was about, each by itself and blind, for the record alone.

    A seat whose record is there is not asked again; one that was stopped is taken up where it was. One that
    cannot be asked is `unavailable`, on record with the reason: nothing is raised for it.

    Args:
        outcome: what the run came to. It has ended, and has a record.
        agents: who is on probation, such as `panel.shadows`.
        pool: what answers; opened for each of them if it is not open yet.
        vocabulary: what the names of their values come from.
        watch: hears every event of their runs.

    Returns:
        what each would have said, in their order.

    Raises:
        InputError: the run has not ended, or an agent cannot be asked beside it: it has a seat in it, is a
            person, or the agents are no panel.
        RecordError: the run's record cannot be read, or its folder for shadows is a link.
    """
    asked = tuple(agents)
    if not asked:
        return ()
    _check(outcome, asked, vocabulary)
    named = beside(outcome)
    assert outcome.record is not None
    job = _Job(outcome, named, outcome.record / SHADOWS, vocabulary, pool, watch)
    if job.folder.is_symlink():
        raise RecordError(f"{str(job.folder)!r} is a link", "what is beside a run is in its folder")
    noted(outcome.record, asked, vocabulary)
    known = {each.seat: each for each in shadow_runs(outcome)}
    names = _names(job.folder, asked)
    runs = (_one(job, agent, names[agent.name], known.get(agent.name)) for agent in asked)
    return tuple(await asyncio.gather(*runs))


def standing(outcome: Outcome) -> tuple[Shadow, ...]:
    """What seats on probation said beside a run, and after them who is still to be asked.

    Raises:
        RecordError: the record or the plan cannot be read.
    """
    there = {each.seat: each for each in read_shadows(outcome)}
    plan = None if outcome.record is None else planned(outcome.record)
    for agent in () if plan is None else plan.agents:
        waits = Shadow(
            seat=agent.name, model=agent.model, state="unavailable", error="it was not asked yet"
        )
        there.setdefault(agent.name, waits)
    return tuple(there.values())


async def _one(job: _Job, agent: Agent, name: str, known: ShadowRun | None) -> Shadow:
    try:
        if known is not None:
            outcome = await resume_as(known.folder, SHADOW, job.pool, job.watch)
        else:
            outcome = await _begun(job, agent, name)
    except Exception as fault:  # whatever it is: the run stands, and the other shadows are asked
        there = known.folder if known else _there(job.folder / name)
        return Shadow(
            seat=agent.name,
            model=agent.model,
            state="unavailable",
            record=there,
            error=_said(fault),
        )
    assert outcome.record is not None
    return ShadowRun(agent.name, outcome.record, outcome).shadow(job.outcome.decision)


async def _begun(job: _Job, agent: Agent, name: str) -> Outcome:
    try:
        return await _run(job, agent, name, job.pool)
    except Exception as fault:
        if _there(job.folder / name):
            raise
        # Nobody could even be asked: that, too, belongs on record.
        return await _run(job, agent, name, Pool([Absent(_said(fault))], patience_s=0))


async def _run(job: _Job, agent: Agent, name: str, pool: Pool) -> Outcome:
    panel = Panel((agent,), job.vocabulary)
    async with held(pool, panel.models, job.watch):
        require(check_replies(panel, pool))
        opening = _opening(job, panel, name, pool)
        require(await check_size(worst_case(SHADOW, opening), pool, None))
        graph = build(SHADOW, Setting.of(opening))
        return await conduct(graph, opening, pool, job.folder, job.watch)


def _opening(job: _Job, panel: Panel, name: str, pool: Pool) -> Opening:
    """The run's own question, options and seed; one seat."""
    of = job.outcome.transcript.opening
    opening = begin(of.question, panel, SHADOW, pool, of.options, of.seed, None, name, of.of_values)
    return opening.model_copy(update={"shadow_of": job.named})


def _check(outcome: Outcome, agents: tuple[Agent, ...], vocabulary: Vocabulary | None) -> None:
    Panel(agents, vocabulary)
    for agent in agents:
        if agent.name in outcome.transcript.opening.seats:
            raise InputError(
                f"{agent.name!r} has a seat in the run", "nobody is on probation beside itself"
            )
        if agent.model == HUMAN:
            raise InputError(f"{agent.name!r} is a person", "probation is for models")


def _there(folder: Path) -> Path | None:
    return folder if (folder / JOURNAL_FILE).is_file() else None


def _said(fault: Exception) -> str:
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__


def _names(folder: Path, agents: Iterable[Agent]) -> dict[str, str]:
    """Seat → a name for its folder that is not taken: its number on probation here, and its name."""
    taken = {each.name for each in folder.iterdir()} if folder.is_dir() else set[str]()
    found: dict[str, str] = {}
    for agent in agents:
        numbers = (f"{number}-{_slug(agent.name)}" for number in count(len(found) + 1))
        found[agent.name] = next(name for name in numbers if name not in taken)
        taken.add(found[agent.name])
    return found


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "seat"
