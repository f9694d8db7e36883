"""A debate ends when nothing is left to exchange, and not before."""

import pytest

from folkmoot.protocols import Debate


@pytest.mark.parametrize(
    ("yes", "rounds", "why"),
    [
        ({"ann": 0.9, "bo": 0.9}, 0, "all agree at once"),
        ({"ann": 0.9, "bo": [0.1, 0.9]}, 1, "all agree in the end"),
        ({"ann": 0.9, "bo": 0.1}, 1, "nobody moved"),
        ({"ann": 0.9, "bo": [0.1, 0.9, 0.1, 0.9], "cy": 0.1}, 3, "somebody always moves"),
        ({"ann": 0.9, "bo": 0.5}, 1, "an abstainer has not agreed, but is still"),
        ({"ann": 0.5, "bo": 0.5}, 1, "that nobody takes a side is no agreement"),
        ({"ann": 0.9, "bo": [0.5, 0.9]}, 1, "an abstainer comes to agree"),
    ],
)
def test_rounds_are_held_while_there_is_something_to_exchange(begin, walk, seats, yes, rounds, why):
    went = walk(Debate(rounds=3), begin(list(yes)), seats(**yes))
    assert went.stages.count("stand") == rounds + 1, why


def test_an_open_question_is_exchanged_to_its_bound(begin, walk, anything):
    went = walk(Debate(rounds=3), begin(["ann", "bo"], None), anything(1, 0.0))
    assert went.stages.count("speak") == 4
