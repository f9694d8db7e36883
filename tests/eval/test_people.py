"""The panels that controls need."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval import people
from folkmoot.records import InputError

PANEL = Panel(
    [
        Agent("a", model="one", perspective=Perspective(statement="First.", values={"face": 0.4})),
        Agent(
            "b",
            model="two",
            perspective=Perspective(
                statement="Second.", values={"face": 0.8, "tradition": 1.0}, red_lines=("lies",)
            ),
        ),
        Agent(
            "copy 1",
            model="three",
            perspective=Perspective(statement="First.", red_lines=("lies",)),
        ),
        Agent("d", model="four"),
    ]
)


def test_copies_are_one_agent_under_the_panels_names_first():
    agent = PANEL.agents[1]
    for count in (2, 4, 6):
        made = people.copies(PANEL, agent, count)
        assert [each.name for each in made] == ["a", "b", "copy 1", "d", "copy 2", "copy 3"][:count]
        assert all(each.model_copy(update={"name": "b"}) == agent for each in made)


def test_one_agent_declares_every_perspective_once():
    one = people.together(PANEL, PANEL.agents[0])
    assert (one.name, one.model) == ("a", "one")
    assert one.perspective.statement.count("First.") == 1
    assert "You hold 2 perspectives at once: (1) First. (2) Second." in one.perspective.statement
    assert one.perspective.values == {"face": 0.6, "tradition": 1.0}
    assert one.perspective.red_lines == ("lies",)


@given(st.integers(0, 10**6))
def test_perspectives_are_dealt_and_nobody_keeps_its_own(seed):
    dealt = people.dealt(PANEL, seed)
    assert [(each.name, each.model) for each in dealt] == [(a.name, a.model) for a in PANEL]
    was, now = [a.perspective for a in PANEL], [a.perspective for a in dealt]
    assert sorted(map(str, now)) == sorted(map(str, was))
    # Four different perspectives here: no seat can have its own by another's hand.
    assert all(old != new for old, new in zip(was, now, strict=True))


def test_every_derangement_is_as_likely():
    panel = Panel(Agent(n, model="m", perspective=Perspective(statement=n)) for n in "abcd")
    drawn = Counter(
        "".join(each.perspective.statement for each in people.dealt(panel, seed))
        for seed in range(1800)
    )
    assert len(drawn) == 9
    assert min(drawn.values()) > 150


def test_one_perspective_cannot_be_dealt():
    same = Panel([Agent("a", model="m"), Agent("b", model="n")])
    with pytest.raises(InputError, match="same perspective"):
        people.dealt(same, 1)


def test_limits_are_scaled_and_never_below_one():
    assert {a.sampling.max_tokens for a in people.limited(PANEL, 50)} == {48}
    assert {a.sampling.max_tokens for a in people.limited(PANEL, 0)} == {1}
    assert [a.name for a in people.limited(PANEL, 50)] == [a.name for a in PANEL]


def test_some_seats_keep_the_panels_order():
    made = people.seated(PANEL, ["d", "b"])
    assert made.agents == (PANEL.agents[1], PANEL.agents[3])
    assert made.vocabulary == PANEL.vocabulary
    with pytest.raises(InputError, match="no agent is named 'e'"):
        people.seated(PANEL, ["a", "e"])
    with pytest.raises(InputError, match="no seat is left"):
        people.seated(PANEL, [])


@given(st.sets(st.sampled_from(["a", "b", "copy 1", "d"]), min_size=1), st.integers(1, 5))
def test_k_agents_have_m_seats_each(seats, times):
    made = people.multiplied(PANEL, times, seats)
    assert len(made) == len(seats) * times
    by_model = Counter(agent.model for agent in made)
    assert set(by_model.values()) == {times}
    for agent in PANEL:
        mine = [each for each in made if each.model == agent.model]
        assert all(each.model_copy(update={"name": agent.name}) == agent for each in mine)
        assert not mine or mine[0].name == agent.name


def test_names_of_copies_are_free():
    panel = Panel([Agent("a", model="one"), Agent("a 2", model="two")])
    made = [(each.name, each.model) for each in people.multiplied(panel, 2)]
    assert made == [("a", "one"), ("a 3", "one"), ("a 2", "two"), ("a 2 2", "two")]
    with pytest.raises(InputError, match="times"):
        people.multiplied(panel, 0)
