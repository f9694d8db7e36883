"""An answer stands unless so many other seats refute it."""

import pytest

from folkmoot.protocols import RefuteToSurvive, Rule
from folkmoot.records.recount import recount

LEANING = {"ann": 0.9, "bo": 0.8, "cy": 0.7, "di": 0.1}
"""Three say yes, one says no."""


@pytest.fixture
def refuted(walk, begin, seats, weigh_by):
    """What comes of it where some seats disagree with every claim for the options named."""

    def run(protocol, options, *deniers):
        opening = begin(LEANING)
        first = walk(protocol, opening, seats(**LEANING)).seen.turns
        denied = {turn.id for turn in first if turn.answer in options}

        def say(call):
            if call.purpose != "judge" or call.seat not in deniers or call.about not in denied:
                return seats(**LEANING)(call)
            return weigh_by(call, lambda option: 0.9 if option == "disagree" else 0.1)

        return walk(protocol, opening, say).seen

    return run


def test_an_option_that_so_many_others_refute_is_out(refuted):
    decision = refuted(RefuteToSurvive(refuters=1), {"yes"}, "di").decision
    assert decision.blocked == {"yes": ("di",)}
    assert (decision.status, decision.winner) == ("decided", "no")
    assert decision.params["refuters"] == 1
    assert "yes refuted by di" in decision.reason


def test_fewer_refuters_than_the_bar_put_nothing_out(refuted):
    decision = refuted(RefuteToSurvive(refuters=2), {"yes"}, "di").decision
    assert (decision.blocked, decision.winner) == ({}, "yes")


def test_the_bar_is_more_than_half_of_the_others_if_none_is_given(refuted):
    decision = refuted(RefuteToSurvive(), {"no"}, "ann", "bo").decision
    assert decision.params["refuters"] == 2
    assert decision.blocked == {"no": ("ann", "bo")}


def test_who_proposed_an_option_is_no_refuter_of_it(refuted):
    decision = refuted(RefuteToSurvive(refuters=1), {"yes"}, "ann").decision
    assert (decision.blocked, decision.winner) == ({}, "yes")


def test_all_options_may_be_refuted_and_then_nobody_wins(refuted):
    decision = refuted(RefuteToSurvive(refuters=1), {"yes", "no"}, "ann", "di").decision
    assert decision.blocked == {"yes": ("di",), "no": ("ann",)}
    assert (decision.status, decision.winner) == ("deadlock", None)
    assert "every option is refuted" in decision.reason


def test_on_an_open_question_each_answer_is_a_proposal(walk, begin, weigh_by):
    def say(call):
        if call.op == "generate":
            return f"Words of {call.seat}. More."
        if call.purpose == "judge":
            mine = next(name for name in LEANING if f"Words of {name}." in task(call))
            return weigh_by(call, lambda o: 0.9 if (o == "agree") == (mine != "di") else 0.1)
        return weigh_by(call, lambda row: 0.9 if "Words of di" in row else 0.1)

    def task(call):
        return next(segment.text for segment in call.segments if segment.label == "task")

    seen = walk(RefuteToSurvive(refuters=3), begin(LEANING, None), say).seen
    theirs = next(turn.id for turn in seen.turns if turn.seat == "di")
    assert seen.decision.blocked == {theirs: ("ann", "bo", "cy")}
    assert theirs not in (seen.decision.winner, *seen.decision.tied)
    assert list(recount(seen)) == []


@pytest.mark.parametrize("options", [("yes", "no"), None])
def test_who_judges_has_the_refutations_before_it_and_no_name(walk, begin, seats, prompt, options):
    walked = walk(RefuteToSurvive(), begin(LEANING, options), seats(**LEANING))
    refutations = {turn.id for turn in walked.seen.turns if turn.role == "critique"}
    assert len(refutations) == 4
    judged = [prompt(call) for call in walked.calls if call.purpose == "judge"]
    assert len(judged) == 2 * 4 * 4
    for each in judged:
        assert all(f'id="{name}"' in each for name in refutations)
        assert 'seat="' not in each


def test_the_decision_is_counted_again_from_its_ballots(refuted):
    for bar in (1, 2, 3):
        assert list(recount(refuted(RefuteToSurvive(refuters=bar), {"no"}, "ann", "bo"))) == []


def test_a_ballot_whose_first_choice_is_out_counts_for_what_else_it_approves(refuted):
    seen = refuted(RefuteToSurvive(refuters=1, rule="score"), {"yes"}, "di")
    assert seen.decision.tally == {"no": pytest.approx((0.1 + 0.2 + 0.3 + 0.9) / 4)}


def test_a_bar_that_nobody_can_reach_is_a_fault():
    (fault,) = RefuteToSurvive(refuters=4).faults(("ann", "bo", "cy", "di"))
    assert "4 seats are to refute" in fault
    assert RefuteToSurvive(refuters=3).faults(("ann", "bo", "cy", "di")) == ()
    assert RefuteToSurvive().faults(("ann", "bo")) == ()
    assert len(RefuteToSurvive().faults(("ann",))) == 1


@pytest.mark.parametrize("more", [{"veto": True}, {"refuters": 2}])
def test_who_puts_an_option_out_is_said_once(more):
    with pytest.raises(ValueError, match="here refuters put an option out"):
        RefuteToSurvive(rule={"name": "approval", **more})


def test_a_veto_and_refuters_do_not_go_together():
    with pytest.raises(ValueError, match="do not go together"):
        Rule(name="approval", veto=True, refuters=2)
