"""On a question of values nobody is made to win where seats differ, whoever decides."""

import pytest

from folkmoot.protocols import CritiqueRevise, Debate, Rule
from folkmoot.records.recount import recount


def valued(opening):
    return opening.model_copy(update={"of_values": True})


@pytest.mark.parametrize(
    ("leaning", "status"),
    [
        ({"ann": 0.9, "bo": 0.1, "cy": 0.9}, "no_forced_winner"),
        ({"ann": 0.9, "bo": 0.8, "cy": 0.9}, "decided"),
    ],
)
def test_a_judges_choice_does_not_win_against_a_seat_that_differs(
    walk, begin, seats, leaning, status
):
    about, opening = Debate(judge="cy", rounds=1), begin(leaning)
    seen = walk(about, valued(opening), seats(**leaning)).seen
    assert seen.decision.status == status
    assert (seen.decision.winner is None) == (status != "decided")
    assert list(recount(seen)) == []
    assert walk(about, opening, seats(**leaning)).seen.decision.winner == "yes"


def test_who_differs_is_on_record_and_the_answer_sets_the_positions_out(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.1, "cy": 0.9}
    seen = walk(Debate(judge="cy", rounds=1), valued(begin(leaning)), seats(**leaning)).seen
    assert seen.decision.params == {"forced": False, "differ": ["bo"]}
    assert seen.decision.reason.endswith("nobody is made to win: bo differs")
    assert seen.decision.tally["yes"] > 0.5, "what the judge held is there"
    assert {each.status for each in seen.settlements}.isdisjoint({"resolved", "outvoted"})
    assert "yes" in seen.answer.text
    assert "no" in seen.answer.text


def test_forced_it_wins(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.1, "cy": 0.9}
    about = Debate(judge="cy", rounds=1, rule=Rule(forced=True))
    assert walk(about, valued(begin(leaning)), seats(**leaning)).seen.decision.winner == "yes"


@pytest.mark.parametrize(("against", "status"), [("di", "no_forced_winner"), ("", "decided")])
def test_a_draft_that_somebody_rejects_is_not_adopted(
    walk, begin, seats, weigh_by, against, status
):
    names = ("ann", "bo", "cy", "di")

    def say(call):
        if call.op == "generate":
            return f"Words {call.id}. More."
        wanted = "reject" if call.seat == against else "accept"
        return weigh_by(call, lambda option: 0.9 if option == wanted else 0.1)

    opening = begin(names, None)
    about = CritiqueRevise(rounds=1)
    seen = walk(about, valued(opening), say).seen
    assert seen.decision.status == status
    assert list(recount(seen)) == []
    assert walk(about, opening, say).seen.decision.status == "decided"
