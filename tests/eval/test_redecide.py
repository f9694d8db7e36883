"""Re-decision: the same ballots counted otherwise, by the rules' own code and without a model."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.eval.agreement import agreement
from folkmoot.eval.redecide import redecide, redecision
from folkmoot.protocols import (
    RULES,
    BlindVote,
    Consensus,
    CritiqueRevise,
    Debate,
    Rule,
    catalogue,
    named,
)
from folkmoot.records import Ballot, InputError, Party

SEATS = ("ann", "bo", "cy", "di")
OPTIONS = ("a tax", "a ban", "neither")
NEEDS = {
    "dictator": {"seat": "bo"},
    "competence": {"competences": {"ann": 0.9, "bo": 0.6, "cy": 0.3, "di": 0.7}},
    "calibrated": {"calibration": dict.fromkeys(SEATS, (1.2, -0.1))},
}


def rule_of(name, **more):
    return Rule(name=name, **NEEDS.get(name, {}), **more)


def of_random(walk, begin, anything, protocol, lot, options=OPTIONS, seats=SEATS):
    return walk(protocol, begin(seats, options, seed=lot), anything(lot)).seen


@pytest.mark.parametrize("name", RULES)
@given(lot=st.integers(0, 10_000), ties=st.sampled_from(("declare", "order", "lot")))
@settings(max_examples=12)
def test_nothing_changed_is_the_decision_on_record(walk, begin, anything, name, lot, ties):
    protocol = Debate(rule=rule_of(name, ties=ties), contest_claims=False)
    seen = of_random(walk, begin, anything, protocol, lot)
    assert redecide(seen) == seen.decision


@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
@pytest.mark.parametrize("options", [OPTIONS, None], ids=["choice", "open"])
@pytest.mark.parametrize("lot", range(3))
def test_nothing_changed_under_every_protocol(walk, begin, anything, name, options, lot):
    params = {"seat": "ann"} if "seat" in _params(name) else {}
    seen = of_random(walk, begin, anything, named(name, **params), lot, options)
    assert redecide(seen) == seen.decision


def _params(name):
    return next(entry.params for entry in catalogue() if entry.name == name)


def first_choices(seen, without=()):
    last = {s.seat: s.choice for s in seen.stands() if s.seat not in without}
    return [last[seat] for seat in last if last[seat] is not None]


@given(lot=st.integers(0, 10_000), gone=st.sets(st.sampled_from(SEATS), max_size=3))
def test_a_seat_left_out_is_a_count_of_the_others(walk, begin, anything, lot, gone):
    protocol = Debate(rule=Rule(name="plurality", quorum=0), contest_claims=False)
    seen = of_random(walk, begin, anything, protocol, lot)
    held = first_choices(seen, gone)
    tally = {option: float(held.count(option)) for option in OPTIONS}
    decision = redecide(seen, without=gone)
    assert decision.tally == tally
    top = [option for option in OPTIONS if tally[option] == max(tally.values())]
    if not held:
        assert decision.status == "deadlock"
    else:
        assert (decision.winner, decision.tied) == (
            (top[0], ()) if len(top) == 1 else (None, tuple(top))
        )


@given(lot=st.integers(0, 5_000), name=st.sampled_from(sorted(RULES)))
@settings(max_examples=60)
def test_another_rule_is_what_a_run_under_it_would_have_decided(walk, begin, anything, lot, name):
    """What seats say does not depend on the rule here, so a run under the rule has the same stances."""
    recorded = of_random(walk, begin, anything, BlindVote(rule="plurality"), lot)
    under_it = of_random(walk, begin, anything, BlindVote(rule=rule_of(name)), lot)
    assert recorded.stances == under_it.stances
    try:
        found = redecide(recorded, rule=rule_of(name))
    except InputError:
        assert not any(ballot.state == "valid" and ballot.scores for ballot in recorded.ballots)
        return
    assert found == under_it.decision


def test_pivotal_seats_are_those_whose_absence_changes_the_count(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.8, "cy": 0.1}
    protocol = BlindVote(rule="plurality")
    seen = walk(protocol, begin(list(leaning)), seats(**leaning)).seen
    assert redecide(seen).pivotal == ("ann", "bo")
    for seat in leaning:
        came = redecide(seen, without=[seat])
        assert (came.winner != "yes") == (seat in ("ann", "bo"))


def test_the_quorum_and_weights(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1}
    seen = walk(BlindVote(), begin(list(leaning)), seats(**leaning)).seen
    assert redecide(seen, params={"quorum": 1.0}).status == "decided"
    heavy = redecide(seen, weights={"cy": 2.5})
    assert (heavy.winner, heavy.tally, heavy.margin) == ("no", {"yes": 2.0, "no": 2.5}, 0.5)
    assert heavy.params["weights"] == {"cy": 2.5}
    assert redecide(seen, weights={"cy": 2}).tied == ("yes", "no")
    assert redecide(seen, weights={"ann": 0.0, "bo": 0.0}).winner == "no"


def test_guards_stay_when_the_rule_changes(walk, begin, seats):
    rule = Rule(name="majority", ties="order", quorum=0.9)
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1, "di": 0.1}
    seen = walk(BlindVote(rule=rule), begin(list(leaning)), seats(**leaning)).seen
    assert seen.decision.status == "deadlock"
    again = redecide(seen, rule="plurality")
    assert (again.winner, again.params["ties"], again.params["quorum"]) == ("yes", "order", 0.9)
    assert redecide(seen, rule=Rule(name="plurality")).status == "tied"


def test_how_many_rules_agree(walk, begin, weigh_by):
    # A Condorcet winner that few put first: rules of first choices and of rankings differ.
    shares = {
        "ann": (0.6, 0.1, 0.3),
        "bo": (0.6, 0.1, 0.3),
        "cy": (0.1, 0.6, 0.3),
        "di": (0.1, 0.6, 0.3),
        "ed": (0.15, 0.25, 0.6),
    }

    def say(call):
        if call.op == "generate":
            return "So."
        held = dict(zip(OPTIONS, shares[call.seat], strict=True))
        return weigh_by(call, lambda option: held[option])

    seen = walk(BlindVote(rule="schulze"), begin(list(shares), OPTIONS), say).seen
    assert seen.decision.winner == "neither"
    found = agreement(seen)
    assert found.winner == "neither"
    for name in ("schulze", "copeland", "minimax", "ranked-pairs", "split-cycle"):
        assert name in found.agree
    assert found.differ["plurality"] is None
    assert set(found.cannot) == {"dictator", "calibrated", "competence"}
    assert found.counted == len(RULES) - 3 - 3, "lotteries and a plural rule are left out"


def test_a_rule_with_parameters_on_record_is_one_of_them(walk, begin, seats):
    protocol = BlindVote(rule=rule_of("dictator"))
    leaning = {"ann": 0.9, "bo": 0.1, "cy": 0.9}
    seen = walk(protocol, begin(list(leaning)), seats(**leaning)).seen
    assert "dictator" in agreement(seen).agree
    again = redecide(seen, rule="plurality")
    found = agreement(seen, again)
    assert (found.winner, found.differ["dictator"]) == ("yes", "no")
    assert "majority" in found.agree


def test_a_ranking_is_read_from_probabilities_on_record_or_refused(walk, begin, weigh_by):
    def say(call):
        if call.json_schema is not None:
            answers = call.json_schema["properties"]["answer"]["enum"]
            return json.dumps({"reason": "So.", "answer": answers[0]})
        return "So." if call.op == "generate" else weigh_by(call, lambda o: {"a tax": 3}.get(o, 1))

    seen = walk(BlindVote(rule="plurality"), begin(SEATS, OPTIONS), say).seen
    assert redecide(seen, rule="borda").tally["a tax"] == 8.0
    stated = [Party(seat=seat, model="m", stance="stated") for seat in SEATS]
    seen = walk(BlindVote(rule="plurality"), begin(stated, OPTIONS), say).seen
    assert seen.decision.winner == "a tax"
    for name in ("borda", "approval", "score", "confidence"):
        with pytest.raises(InputError, match=f"the rule '{name}' cannot count these ballots"):
            redecide(seen, rule=name)
    assert {"borda", "approval"} <= set(agreement(seen).cannot)
    assert "majority" in agreement(seen).agree


def test_on_an_open_question_who_is_left_out_has_no_candidate(walk, begin, anything):
    for lot in range(20):
        seen = of_random(walk, begin, anything, Consensus(rounds=0), lot, None)
        if seen.decision.winner is None:
            continue
        author = seen.turn(seen.decision.winner).seat
        came = redecide(seen, without=[author])
        assert seen.decision.winner not in came.options
        assert came.winner is None or seen.turn(came.winner).seat != author
        assert all(option in seen.decision.options for option in came.options)
        return
    raise AssertionError("no lot decided anything")


def test_a_draft_is_adopted_or_not_by_the_others_alone(walk, begin, seats):
    def say(call):
        if call.op == "generate":
            return "A draft."
        weights = {"accept": 0.9 if call.seat in ("ann", "bo") else 0.1}
        return [weights.get(o.strip(), 1 - weights["accept"]) for o in call.options]

    seen = walk(CritiqueRevise(), begin(("ann", "bo", "cy"), None), say).seen
    assert (seen.decision.rule, redecide(seen)) == ("acceptance", seen.decision)
    came = redecide(seen, without=["cy"])
    assert sum(came.tally.values()) == len(came.ballots) == 2
    assert redecide(seen, without=["ann"]).status == "deadlock", "without its author, no draft"
    with pytest.raises(InputError, match="no other rule counts them"):
        redecide(seen, rule="plurality")


def test_a_judge_that_is_left_out_leaves_no_decision_but_the_votes(walk, begin, seats):
    seen = walk(Debate(judge="cy"), begin(("ann", "bo", "cy")), seats(ann=0.9, bo=0.9, cy=0.1)).seen
    assert redecide(seen, without=["ann"]) == seen.decision
    with pytest.raises(InputError, match="decided alone"):
        redecide(seen, without=["cy"])
    assert redecide(seen, rule="plurality", without=["cy"]).winner == "yes"


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"without": ["eve"]}, "no seat is named 'eve'"),
        ({"rule": "borders"}, "no decision rule is named 'borders'"),
        ({"rule": "dictator"}, "needs its seat"),
        ({"params": {"quorums": 1}}, "no parameter 'quorums'"),
        ({"params": {"quorum": 7}}, "rule 'majority'"),
        ({"weights": {"ann": -1}}, "the weight of 'ann'"),
        ({"weights": {"eve": 1}}, "no seat is named 'eve'"),
        ({"weights": {}, "rule": "borda"}, "a rule of their own"),
    ],
)
def test_what_cannot_be_counted_says_so(walk, begin, seats, given, part):
    seen = walk(BlindVote(), begin(("ann", "bo")), seats(ann=0.9, bo=0.9)).seen
    with pytest.raises(InputError) as fault:
        redecide(seen, **given)
    assert part in fault.value.message
    assert fault.value.hint


def test_the_record_stays_as_it_is(walk, begin, seats):
    seen = walk(BlindVote(), begin(("ann", "bo", "cy")), seats(ann=0.9, bo=0.9, cy=0.1)).seen
    before = [record.plain() for record in seen]
    found = redecision(seen, without=["ann"], rule="borda")
    assert [record.plain() for record in seen] == before
    assert (found.recorded, found.without) == (seen.decision, ("ann",))
    assert found.changed == (found.decision.winner != "yes")
    assert not any(isinstance(each, Ballot) and each.id == "b4" for each in seen)
