"""Decisions: counted, tied, deadlocked or a judge's; nobody is made to win."""

import pytest

from folkmoot.protocols import BlindVote, Debate, Rule
from folkmoot.records import Reply, audit


def decide(walk, begin, seats, protocol, **yes):
    return walk(protocol, begin(list(yes)), seats(**yes)).seen


def test_a_seats_last_stance_is_its_ballot(begin, walk, seats):
    seen = decide(walk, begin, seats, Debate(contest_claims=False), ann=0.9, bo=[0.1, 0.8], cy=0.1)
    assert [(b.seat, b.ranking) for b in seen.ballots] == [
        ("ann", ("yes",)),
        ("bo", ("yes",)),
        ("cy", ("no",)),
    ]
    assert (seen.decision.tally, seen.decision.margin) == ({"yes": 2.0, "no": 1.0}, 1.0)
    assert seen.decision.reason == "majority, first choices 2:1 of 3 ballots"


@pytest.mark.parametrize(
    ("rule", "status"), [("plurality", "tied"), ("majority", "deadlock"), ("schulze", "tied")]
)
def test_two_against_two_is_no_decision(begin, walk, seats, rule, status):
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1, "di": 0.1}
    seen = decide(walk, begin, seats, BlindVote(rule=rule), **leaning)
    assert (seen.decision.status, seen.decision.winner) == (status, None)
    lines = seen.answer.text.splitlines()
    assert lines[0].startswith("No decision: ")
    assert [line.split(".")[0] for line in lines[1:3]] == ["yes: ann, bo", "no: cy, di"]


def test_too_few_valid_ballots_are_no_decision(begin, walk, seats):
    protocol = BlindVote(rule=Rule(name="plurality", quorum=0.7))
    seen = decide(walk, begin, seats, protocol, ann=0.9, bo=0.5, cy=0.9)
    assert (seen.decision.status, seen.decision.not_valid) == ("deadlock", {"bo": "abstained"})


def test_schulze_over_a_choice_ranks_by_probability(begin, walk, weigh_by):
    shares = {"a tax": 0.5, "a ban": 0.3, "neither": 0.2}

    def say(call):
        return "So." if call.op == "generate" else weigh_by(call, lambda o: shares[o])

    seen = walk(BlindVote(rule="schulze"), begin(["ann"], tuple(shares)), say).seen
    assert seen.ballots[0].ranking == ("a tax", "a ban", "neither")
    assert seen.decision.tally == {"a tax": 2.0, "a ban": 1.0, "neither": 0.0}


def test_a_judge_decides_and_it_is_no_vote(begin, walk, seats):
    seen = decide(walk, begin, seats, Debate(judge="cy"), ann=0.9, bo=0.9, cy=0.1)
    assert (seen.decision.winner, seen.decision.decided_by) == ("no", "cy")
    (settled, *_) = seen.settlements
    assert (settled.status, settled.resolution.rule) == ("outvoted", "judge")
    assert [each.seat for each in settled.dissent] == ["ann", "bo"]
    assert seen.answer.text.startswith("No. Decided by the judge, cy.")


def test_a_judge_that_cannot_choose_leaves_a_deadlock(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.9)

    def say(call):
        gone = call.purpose == "verdict"
        return Reply.to(call, "unavailable") if gone else leaning(call)

    seen = walk(Debate(judge="cy"), begin(["ann", "bo", "cy"]), say).seen
    assert (seen.decision.status, seen.decision.winner) == ("deadlock", None)
    assert seen.decision.not_valid == {"cy": "unavailable"}
    assert audit(seen) == ()


def test_a_judge_must_have_a_seat():
    assert Debate(judge="zoe").faults(("ann", "bo")) == (
        "the judge 'zoe' has no seat on the panel (ann, bo)",
    )
