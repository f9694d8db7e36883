"""A panel is measured, routed and weighed on the packaged model in this process."""

from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval.collaboration import (
    answers_of,
    by_competence,
    competence_rule,
    competences,
    near_by_embeddings,
    one_coin,
)
from folkmoot.eval.redecide import redecide
from folkmoot.graphs import Question, deliberate, deliberate_many
from folkmoot.pool import Pool
from folkmoot.protocols import Composed, Conclude, Contest, Decide, Rule, Stand
from folkmoot.records import load, verify

pytestmark = pytest.mark.real

ALONE = Composed(
    name="alone", parts=(Stand(), Contest(), Decide(rule=Rule(name="plurality")), Conclude())
)
ITEMS = (
    ("What is three times four?", ("twelve", "fifty", "nine")),
    ("Which of these can fly?", ("a cow", "a sparrow", "a stone")),
    ("What is nine minus four?", ("five", "twenty", "eleven")),
)
RIGHT = {"i0": "twelve", "i1": "a sparrow", "i2": "five"}
SAID = {"clerk": "I count carefully.", "cook": "I know the house.", "dreamer": "I like stories."}


async def test_measured_routed_and_decided(embedded_pool: Pool, tmp_path: Path):
    panel = Panel(
        Agent(name, model="smollm2", perspective=Perspective(statement=said))
        for name, said in SAID.items()
    )
    questions = [
        Question(text, options, f"i{place}") for place, (text, options) in enumerate(ITEMS)
    ]
    runs = [
        run
        async for run in deliberate_many(
            questions, panel, ALONE, embedded_pool, record_dir=tmp_path / "development"
        )
    ]
    sheet = answers_of(sorted(runs, key=lambda run: str(run.record)), RIGHT)
    assert set(sheet.seats) == set(SAID)
    measured = competences(sheet)
    for seat, found in measured.items():
        own = [sheet.by_item()[item].get(seat) == right for item, right in RIGHT.items()]
        assert (found.asked, found.right) == (3, sum(own))
        assert 0 < found.at(3) < 1
    assert one_coin(sheet).converged

    near = await near_by_embeddings("What is six plus two?", sheet.items, embedded_pool, "smollm2")
    assert (near.by, near.why) == ("embeddings", "")
    assert all(0 < figure <= 1 for figure in near.figures.values())
    again = await near_by_embeddings(ITEMS[0][0], sheet.items, embedded_pool, "smollm2")
    assert again.nearest(1, RIGHT) == ("i0",)
    assert again.figures["i0"] == pytest.approx(1, abs=1e-3)

    chosen, route = by_competence(panel, sheet, near, 2, nearest=2)
    rule = competence_rule(measured, 3, route.seats, floor=True)
    parts = (Stand(), Contest(), Decide(rule=rule), Conclude())
    protocol = Composed(name="weighed", parts=parts)
    run = await deliberate(
        "What is six plus two?",
        chosen,
        protocol,
        embedded_pool,
        options=("eight", "forty", "three"),
        record_dir=tmp_path,
    )
    assert run.decision is not None
    assert run.record is not None
    assert run.decision.params["competences"] == rule.competences
    assert verify(run.record).ok
    assert load(run.record).decision == run.decision
    alone = redecide(run, without=[route.seats[1]])
    assert [each for each in run.transcript.ballots if each.id in alone.ballots] == [
        each for each in run.transcript.ballots if each.seat == route.seats[0]
    ]
