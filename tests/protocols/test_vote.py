"""Ballots as seats cast them, and every rule over ballots that were cast or made out of stances."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import RULES, BlindVote, Debate, Rule
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.marks import approvals, grades, points
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.vote import Vote
from folkmoot.records import Party, Reply, audit

SEATS = ("ann", "bo", "cy")
OPTIONS = ("a tax", "a ban", "neither")
GIVEN = {
    "dictator": {"seat": "ann"},
    "competence": {"competences": dict.fromkeys(SEATS, 0.7)},
    "calibrated": {"calibration": dict.fromkeys(SEATS, (1.0, 0.0))},
}


class Voting:
    """Stances, a vote over the options and a decision."""

    name, version = "voting", "1"

    def __init__(self, *votes: Vote, rule: Rule) -> None:
        self.votes, self.rule = votes, rule

    def params(self):
        return {}

    def parts(self, setting):
        first = (Speak(),) if setting.open_question else (Stand(), Speak())
        return (*first, *self.votes, Contest(), Decide(rule=self.rule), Conclude())


def a_rule(name: str, **params) -> Rule:
    return Rule(name=name, **GIVEN.get(name, {}), **params)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("options", [OPTIONS, None], ids=["choice", "open"])
@settings(deadline=None, max_examples=3)
@given(st.integers(0, 10**6), st.sampled_from(["declare", "order", "lot"]), st.booleans())
def test_every_rule_decides_and_the_audit_counts_the_same(
    begin, walk, anything, name, options, lot, ties, forced
):
    rule = a_rule(name, ties=ties, forced=forced)
    seen = walk(BlindVote(rule=rule), begin(SEATS, options, seed=lot), anything(lot, 0.1)).seen
    assert audit(seen) == ()
    assert seen.decision.rule == name
    assert seen.answer.text
    json.dumps(seen.decision.plain())


def filled(call, **fields):
    """A ballot of the kind that is asked for: labels as they were offered."""
    wanted = call.json_schema["properties"]
    said = {}
    for name, field in wanted.items():
        if name in fields:
            said[name] = fields[name]
        elif field["type"] == "array":
            said[name] = []
        elif field["type"] == "object":
            said[name] = dict.fromkeys(field["properties"], 1)
        else:
            said[name] = field.get("enum", [50])[0]
    return json.dumps(said)


@pytest.mark.parametrize("name", RULES)
@settings(deadline=None, max_examples=2)
@given(st.integers(0, 10**6), st.booleans())
def test_every_rule_counts_ballots_that_were_cast(begin, walk, anything, name, lot, veto):
    parties = [
        Party(seat="ann", model="m"),
        Party(seat="bo", model="m", stance="stated", red_lines=("lies",)),
        Party(seat="cy", model="m", red_lines=("taxes",)),
    ]
    rule = a_rule(name, veto=veto)
    usual = anything(lot, 0.1)

    def say(call):
        stated = call.purpose == "vote" and call.op == "generate"
        return filled(call) if stated else usual(call)

    protocol = Voting(Vote(rule=rule), rule=rule)
    seen = walk(protocol, begin(parties, OPTIONS, seed=lot), say).seen
    assert audit(seen) == ()
    assert {ballot.step for ballot in seen.ballots} >= {2}


@pytest.mark.parametrize(
    ("reads", "said", "expected"),
    [
        ("borda", {"ranking": ["B", "A", "B"]}, {"ranking": ("a ban", "a tax")}),
        ("approval", {"approvals": ["C", "A"]}, {"approvals": ("a tax", "neither")}),
        ("cumulative", {"points": {"A": 3, "B": 3, "C": 0}}, {"points": (5, 5, 0)}),
        ("score", {"scores": {"A": 0, "B": 9, "C": 4}}, {"scores": (0.0, 9.0, 4.0)}),
        ("majority-judgement", {"grades": {"A": 5, "B": 0, "C": 1}}, {"grades": (5, 0, 1)}),
        ("confidence", {"vote": "C", "sure": 85}, {"confidence": 0.85, "ranking": ("neither",)}),
        ("plurality", {"vote": "abstain"}, {"state": "abstained"}),
        ("borda", {"ranking": []}, {"state": "abstained"}),
        ("score", {"scores": {"A": 11, "B": 9, "C": 4}}, {"state": "unreadable"}),
        ("plurality", {"vote": "D"}, {"state": "unreadable"}),
    ],
)
def test_a_stated_ballot_is_read_to_the_letter(begin, walk, reads, said, expected):
    party = Party(seat="ann", model="m", stance="stated")

    def say(call):
        return json.dumps(said) if call.purpose == "vote" else filled(call, reason="So.")

    protocol = Voting(Vote(rule=Rule.of(reads)), rule=Rule.of(reads))
    (cast,) = walk(protocol, begin([party], OPTIONS), say).seen.ballots
    for field, value in expected.items():
        got = getattr(cast, field)
        assert (tuple(got.values()) if isinstance(got, dict) else got) == value


def test_a_seat_with_a_red_line_may_block_and_no_other_is_asked(begin, walk, weigh_by):
    parties = ["ann", "bo", Party(seat="cy", model="m", red_lines=("taxes",))]

    def say(call):
        if call.op == "generate":
            return "So."
        if call.purpose == "block":
            taxed = "a tax" in call.segments[-2].text
            return weigh_by(call, lambda o: 0.9 if (o == "yes") == taxed else 0.1)
        return weigh_by(call, lambda o: 0.5 if o == "a tax" else 0.3 if o == "a ban" else 0.2)

    rule = Rule(name="plurality", veto=True)
    run = walk(Voting(Vote(rule=rule), rule=rule), begin(parties, OPTIONS), say)
    assert {call.seat for call in run.calls if call.purpose == "block"} == {"cy"}
    assert [ballot.blocks for ballot in run.seen.ballots] == [None, None, ("a tax",)]
    decision = run.seen.decision
    assert (decision.winner, decision.blocked) == ("a ban", {"a tax": ("cy",)})
    assert "a tax blocked by cy" in decision.reason
    assert audit(run.seen) == ()


def test_an_informed_chair_sees_the_votes_and_decides(begin, walk, seats):
    rule = Rule(name="dictator", seat="cy")
    run = walk(
        Voting(Vote(rule=rule), Vote(rule=rule, seats=("cy",), informed=True), rule=rule),
        begin(list(SEATS)),
        seats(ann=0.9, bo=0.9, cy=0.1),
    )
    shown = [s.text for c in run.calls if c.step == 3 for s in c.segments if s.label == "tally"]
    assert shown == ["\nThe votes so far: yes 2, no 1.\n"] * 2
    decision = run.seen.decision
    assert (decision.winner, decision.decided_by, decision.pivotal) == ("no", "cy", None)
    assert {each.status for each in run.seen.settlements} == {"outvoted"}
    assert len(decision.ballots) == 3
    assert audit(run.seen) == ()


def test_what_a_stance_amounts_to():
    third = dict.fromkeys("ABC", 0.333333)
    assert approvals(third) == ("A", "B", "C")
    assert approvals({"A": 0.6, "B": 0.3, "C": 0.1}) == ("A",)
    assert points(third) == {"A": 4, "B": 3, "C": 3}
    assert points({"A": 0.66, "B": 0.25, "C": 0.09}) == {"A": 7, "B": 2, "C": 1}
    assert grades({"A": 1.0, "B": 0.5, "C": 0.1}) == {"A": 5, "B": 3, "C": 0}


def test_the_stances_of_all_rounds_count_under_the_trajectory_rule(begin, walk, seats):
    protocol = Debate(rule="trajectory", contest_claims=False)
    seen = walk(protocol, begin(list(SEATS)), seats(ann=0.9, bo=[0.1, 0.8], cy=0.1)).seen
    assert [ballot.held for ballot in seen.ballots] == [("yes", "yes"), ("no", "yes"), ("no", "no")]
    assert seen.decision.tally == {"yes": 22.5, "no": 18.75}  # 45/2; (20-12.5+30)/2
    assert audit(seen) == ()


def test_a_judge_that_turns_with_the_order_abstains_if_it_must_be_consistent(begin, walk, seats):
    usual = seats(ann=0.9, bo=0.1)

    def say(call):
        return (
            [0.9, 0.2]
            if call.purpose == "verdict" and call.order == 0
            else ([0.6, 0.4] if call.purpose == "verdict" else usual(call))
        )

    class Judged(Voting):
        def parts(self, setting):
            judge = JudgeDecides(judge="ann", consistent=self.rule.quorum == 0)
            return (Stand(), Speak(), Contest(), judge, Conclude())

    for quorum, status in ((0.5, "decided"), (0, "deadlock")):
        protocol = Judged(rule=Rule(name="plurality", quorum=quorum))
        seen = walk(protocol, begin(["ann", "bo"]), say).seen
        assert seen.decision.status == status
        assert audit(seen) == ()


def test_an_unavailable_voter_is_unavailable(begin, walk, seats):
    usual = seats(ann=0.9, bo=0.1, cy=0.9)

    def say(call):
        gone = call.purpose == "vote" and call.seat == "bo"
        return Reply.to(call, "unavailable") if gone else usual(call)

    rule = Rule.of("approval")
    seen = walk(Voting(Vote(rule=rule), rule=rule), begin(list(SEATS)), say).seen
    assert seen.decision.not_valid == {"bo": "unavailable"}
    assert seen.decision.winner == "yes"
