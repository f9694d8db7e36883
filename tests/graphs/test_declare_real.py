"""The packaged model declares acts: guided JSON that can be read, each act its seat's own to do."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Composed, Contest, Decide, Rule, Speak, Stand
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.declare import Declare, declarations
from folkmoot.records import Sampling, audit, verify

pytestmark = pytest.mark.real

STATEMENTS = (
    "Streets without cars are safe for children and good for the air.",
    "My shop lives from customers who come by car.",
    "People should decide for themselves how they travel.",
)


async def test_a_small_model_declares_acts_that_are_its_own_to_do(
    embedded_pool: Pool, tmp_path: Path
):
    panel = Panel(
        Agent(
            f"seat {number}",
            model="smollm2",
            perspective=Perspective(statement=said),
            sampling=Sampling(max_tokens=192),
        )
        for number, said in enumerate(STATEMENTS, start=1)
    )
    stages = (Stand(), Speak(), Declare(), Contest(), Decide(rule=Rule()), Conclude())
    outcome = await deliberate(
        "Should the town close its centre to cars?",
        panel,
        Composed(name="declared", parts=stages),
        embedded_pool,
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    seen = outcome.transcript
    replies = [each for each in seen.replies if each.purpose == "declare"]
    assert len(replies) == len(panel)
    whole = [each for each in replies if each.state == "ok"]
    assert whole, "the schema leaves room for what it asks"
    for reply in whole:
        declared = declarations(reply, 3)
        assert declared
        assert all(each.act is not None for each in declared)
    assert seen.acts
    for act in seen.acts:
        assert seen.turn(act.message).seat == act.seat
        if act.about is not None:
            assert (seen.turn(act.about).seat == act.seat) == (act.act == "hold")
    history = [event for conflict in seen.conflicts for event in conflict.history]
    for move in (each for each in history if each.event in ("conceded", "withdrawn")):
        assert bool(move.spans) == (move.reason not in ("unexplained", "format_error"))
    assert audit(seen) == ()
    assert outcome.record is not None
    assert verify(outcome.record).ok
