"""Stances: weighed in both orders, or stated; absent where a reply is."""

import json

import pytest

from folkmoot.protocols import Debate
from folkmoot.records import Party, Reply

DEBATE = Debate(rounds=1, contest_claims=False)
MIXED = [Party(seat="ann", model="m"), Party(seat="bo", model="m", stance="stated")]


def said(answer: str, *moved_by: str, reason: str = "It costs. A lot.") -> str:
    return json.dumps({"reason": reason, "answer": answer, "moved_by": list(moved_by)})


def test_a_seat_that_weighs_is_asked_in_both_orders(begin, walk, seats):
    went = walk(DEBATE, begin(["ann"]), seats(ann=0.9))
    asked = [call for call in went.calls if call.purpose == "stand"]
    assert [call.options for call in asked] == [(" yes", " no"), (" no", " yes")]
    (stance,) = went.seen.stands()
    assert stance.probabilities == pytest.approx({"yes": 0.9, "no": 0.1})
    assert stance.source == "probabilities"


def test_a_seat_that_states_is_asked_once_and_heard_in_its_own_words(begin, walk, seats):
    weighs = seats(ann=0.9)
    went = walk(
        DEBATE,
        begin(MIXED),
        lambda call: said("no") if call.purpose == "state" else weighs(call),
    )
    mine = [call.purpose for call in went.calls if call.seat == "bo"]
    assert mine == ["state", "state"]
    (first, _) = went.seen.stands(seat="bo")
    assert (first.choice, first.source, first.probabilities) == ("no", "stated", None)
    turn = next(turn for turn in went.seen.turns if turn.seat == "bo")
    assert (turn.text, turn.answer) == ("It costs. A lot.", "no")


@pytest.mark.parametrize(
    ("cites", "because"), [(["M1"], "argument"), (["M2"], "unexplained"), ([], "unexplained")]
)
def test_a_stated_move_counts_as_argued_only_by_anothers_message(
    begin, walk, seats, cites, because
):
    """M1 and M2 are ann's and bo's, whichever way the order of this seed fell."""
    weighs, opening = seats(ann=0.9), begin(MIXED)
    blind = walk(
        Debate(rounds=0, contest_claims=False), opening, lambda c: _or(c, said("no"), weighs)
    ).seen
    ids = {turn.seat: turn.id for turn in blind.turns}
    names = {"M1": ids["ann"], "M2": ids["bo"]}

    def say(call):
        later = said("yes", *(names[cite] for cite in cites))
        return _or(call, said("no") if call.round == 0 else later, weighs)

    (move,) = walk(DEBATE, opening, say).seen.moves
    assert (move.because, len(move.cites)) == (because, because == "argument")


def _or(call, stated, weighs):
    return stated if call.purpose == "state" else weighs(call)


@pytest.mark.parametrize("state", ["unavailable", "refused", "empty"])
def test_an_absent_reply_is_no_stance_and_no_vote(begin, walk, seats, state):
    weighs = seats(ann=0.9, bo=0.9, cy=0.1)

    def say(call):
        gone = call.seat == "cy" and call.purpose == "stand"
        return Reply.to(call, state) if gone else weighs(call)

    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen
    stances = seen.stands(seat="cy")
    assert {(each.choice, each.probabilities) for each in stances} == {(None, None)}
    assert "cy" not in {turn.seat for turn in seen.turns}, "it has no voice"
    assert seen.decision.not_valid == {"cy": stances[-1].state}
    assert seen.decision.tally == {"yes": 2.0, "no": 0.0}


@pytest.mark.parametrize("text", ["", "yes", '{"answer": "yes"}', said("maybe"), said("yes")[:-9]])
def test_an_unreadable_statement_is_no_stance_and_no_vote(begin, walk, seats, text):
    weighs = seats(ann=0.9)
    seen = walk(DEBATE, begin(MIXED), lambda call: _or(call, text, weighs)).seen
    assert {stance.state for stance in seen.stands(seat="bo")} == {"unreadable"}
    assert seen.decision.not_valid == {"bo": "unreadable"}


def test_a_stated_stance_without_words_is_an_empty_message(begin, walk, seats):
    weighs = seats(ann=0.9)
    seen = walk(DEBATE, begin(MIXED), lambda c: _or(c, said("no", reason=" "), weighs)).seen
    assert {turn.state for turn in seen.turns if turn.seat == "bo"} == {"empty"}
    assert {turn.seat for turn in seen.spoken()} == {"ann"}


def test_a_lone_surrogate_in_a_statement_is_scrubbed(begin, walk, seats):
    weighs = seats(ann=0.9)
    text = r'{"reason": "It \ud800 costs.", "answer": "no", "moved_by": []}'
    seen = walk(DEBATE, begin(MIXED), lambda call: _or(call, text, weighs)).seen
    assert {turn.text for turn in seen.turns if turn.seat == "bo"} == {"It \ufffd costs."}
