"""Deliberations on the packaged model in this process: identical seats, and every protocol."""

import asyncio
from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Debate, Entry, catalogue, named
from folkmoot.records import Sampling, verify

pytestmark = pytest.mark.real

QUESTION = "Should the town close its centre to cars?"
STATEMENTS = (
    "Streets without cars are safe for children and good for the air.",
    "My shop lives from customers who come by car.",
    "People should decide for themselves how they travel.",
)


def panel_of(*statements: str, max_tokens: int = 24) -> Panel:
    """Seats on the packaged model, brief."""
    return Panel(
        Agent(
            f"seat {number}",
            model="smollm2",
            perspective=Perspective(statement=said),
            sampling=Sampling(max_tokens=max_tokens),
        )
        for number, said in enumerate(statements, start=1)
    )


async def test_four_identical_seats_log_no_conflict(embedded_pool: Pool, tmp_path: Path):
    outcome = await deliberate(
        QUESTION,
        panel_of(*STATEMENTS[:1] * 4),
        Debate(rounds=1),
        embedded_pool,
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    assert outcome.conflicts == ()
    assert outcome.dissents == ()
    assert len({stance.choice for stance in outcome.transcript.stances}) <= 2
    assert len({turn.text for turn in outcome.transcript.turns}) > 1, "they do not say the same"


def _small(entry: Entry) -> dict[str, object]:
    """The parameters with which a protocol asks little."""
    small = {"seat": "seat 1", "contest_claims": False, "rounds": 1, "layers": 2}
    return {name: value for name, value in small.items() if name in entry.params}


async def test_every_protocol_ends_in_an_outcome(embedded_pool: Pool, tmp_path: Path):
    """One of them on a choice, the next on an open question, all at once."""
    outcomes = await asyncio.gather(
        *(
            deliberate(
                QUESTION,
                panel_of(*STATEMENTS, max_tokens=8),
                named(entry.name, **_small(entry)),
                embedded_pool,
                options=None if number % 2 else ("yes", "no"),
                record_dir=tmp_path,
                run_id=entry.name,
            )
            for number, entry in enumerate(catalogue())
        )
    )
    assert len(outcomes) > 30
    for outcome in outcomes:
        assert outcome.answer.strip()
        assert {absence.state for absence in outcome.absences} <= {"empty", "cut_off"}
        assert outcome.record is not None
        assert verify(outcome.record).ok
