"""An agent: what its contributor declared is what the record holds."""

import pytest
from pydantic import ValidationError

from folkmoot.agents import SCHWARTZ_20, Agent, Contribution, Perspective
from folkmoot.records import Sampling


@pytest.mark.parametrize("name", ["", " nurse", "nurse ", "nu\nrse", "<nurse>", "n" * 61])
def test_a_name_that_cannot_be_a_seat_is_refused(name):
    with pytest.raises(ValidationError, match="name"):
        Agent(name, model="m")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bo, ann", "a seat's name has no ,"),
        ("bo\uff0cann", "a seat's name has no ,"),
        ("no: bo", "a seat's name has no :"),
        ("bo (last heard in round 0)", "a seat's name has no \\( \\)"),
        ("a\u200bnn", "no hidden characters"),
        ("ann\u3164", "no hidden characters"),
        ("a\u202enn", "no hidden characters"),
        ("no one any more", "answers call something else"),
        ("No  one any more", "answers call something else"),
        ("M1", "answers call something else"),
    ],
)
def test_a_name_that_could_pass_for_words_of_an_answer_is_refused(name, said):
    with pytest.raises(ValidationError, match=said):
        Agent(name, model="m")


@pytest.mark.parametrize("name", ["zoë-1", "Dr. Who", "budget officer", "医师", "salt and pepper"])
def test_any_other_name_is_a_seats(name):
    assert Agent(name, model="m").name == name


def test_a_contribution_takes_a_seat_under_a_perspective():
    brought = Contribution(model="m", licence="MIT", contributor="Ada", priorities=("triage",))
    agent = Agent.of(brought, "nurse", Perspective(statement="I see it."))
    assert (agent.name, agent.licence, agent.priorities) == ("nurse", "MIT", ("triage",))
    assert agent.perspective.statement == "I see it."


def test_a_contribution_speaks_for_what_its_contributor_declared():
    declared = Perspective(statement="I bring it.", values={"face": 0.5})
    brought = Contribution(model="m", perspective=declared, priorities=("triage",))
    agent = Agent.of(brought, "nurse")
    assert (agent.perspective, agent.stance) == (declared, "probabilities")
    assert Agent.of(agent, "clerk").name == "clerk", "an agent is a contribution, too"


def test_the_record_holds_all_that_was_declared():
    perspective = Perspective(statement="s", values={"face": 0.5}, red_lines=("lies",))
    agent = Agent(
        "nurse",
        model="m",
        perspective=perspective,
        licence="MIT",
        contributor="Ada",
        priorities=("triage",),
        stance="stated",
        sampling=Sampling(max_tokens=9),
    )
    held = agent.party(SCHWARTZ_20).model_dump()
    assert held.pop("seat") == "nurse"
    assert held.pop("vocabulary") == SCHWARTZ_20.ref(["face"]).model_dump()
    assert held == agent.model_dump(exclude={"name", "perspective"}) | {
        "statement": "s",
        "values": {"face": 0.5},
        "red_lines": ("lies",),
    }


def test_what_was_not_declared_is_absent_from_the_record():
    valued = Agent("nurse", model="m", perspective=Perspective(values={"thrift": 1.0}))
    assert valued.party(None).vocabulary is None
    held = Agent("clerk", model="m").party(SCHWARTZ_20).plain()
    assert not {"vocabulary", "priorities", "licence", "contributor"} & set(held)
