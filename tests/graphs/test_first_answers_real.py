"""The packaged model on an open question: what it writes is set off, and first answers are compared or counted."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import BlindVote
from folkmoot.records import Sampling, verify
from folkmoot.records.first_answers import blind
from folkmoot.records.wording import wording

pytestmark = pytest.mark.real

STATEMENTS = (
    "Streets without cars are safe for children and good for the air.",
    "My shop lives from customers who come by car.",
    "People should decide for themselves how they travel.",
)


async def test_free_answers_of_a_small_model_are_compared_or_counted(
    embedded_pool: Pool, tmp_path: Path
):
    panel = Panel(
        Agent(
            f"seat {number}",
            model="smollm2",
            perspective=Perspective(statement=said),
            sampling=Sampling(max_tokens=48),
        )
        for number, said in enumerate(STATEMENTS, start=1)
    )
    outcome = await deliberate(
        "What should the town do about cars in its centre?",
        panel,
        BlindVote(),
        embedded_pool,
        record_dir=tmp_path,
    )
    seen, found = outcome.transcript, outcome.conflict_log.coverage.first_answers
    answers = blind(seen)
    assert found is not None
    assert found.given == len(answers) == len(panel)
    assert found.wordings == len({wording(turn.text) for turn in answers.values()})
    # Whoever is on another side than all others is compared; of the rest it is said that they are not.
    sides = {s: p.id for c in outcome.conflicts for p in c.positions for s in p.parties}
    alone = [s for s in sides if list(sides.values()).count(sides[s]) == 1]
    assert found.not_compared <= len(panel) - (len(alone) if len(sides) == len(panel) else 0)
    winner = outcome.decision.winner if outcome.decision else None
    if winner is not None:
        text = seen.turn(winner).text
        head = outcome.answer.splitlines()[0]
        assert head in (f"“{text}” [{winner}]", f"> {text.splitlines()[0]}")
    assert outcome.record is not None
    assert verify(outcome.record).findings == ()
