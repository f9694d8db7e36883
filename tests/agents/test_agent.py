"""An agent: what its contributor declared is what the record holds."""

import pytest
from pydantic import ValidationError

from folkmoot.agents import Agent, Contribution, Perspective
from folkmoot.records import Sampling


@pytest.mark.parametrize("name", ["", " nurse", "nurse ", "nu\nrse", "<nurse>", "n" * 61])
def test_a_name_that_cannot_be_a_seat_is_refused(name):
    with pytest.raises(ValidationError, match="name"):
        Agent(name, model="m")


def test_a_contribution_takes_a_seat_under_a_perspective():
    brought = Contribution(model="m", licence="MIT", contributor="Ada", priorities=("triage",))
    agent = Agent.of(brought, "nurse", Perspective(statement="I see it."))
    assert (agent.name, agent.licence, agent.priorities) == ("nurse", "MIT", ("triage",))
    assert agent.perspective.statement == "I see it."


def test_the_record_holds_all_that_was_declared():
    perspective = Perspective(statement="s", values={"face": 0.5}, red_lines=("lies",))
    agent = Agent(
        "nurse",
        model="m",
        perspective=perspective,
        licence="MIT",
        contributor="Ada",
        stance="stated",
        sampling=Sampling(max_tokens=9),
    )
    held = agent.party().model_dump()
    assert held.pop("seat") == "nurse"
    assert held == agent.model_dump(exclude={"name", "perspective", "priorities"}) | {
        "statement": "s",
        "values": {"face": 0.5},
        "red_lines": ("lies",),
    }
