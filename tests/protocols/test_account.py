"""Who moves says why: of what it heard, or of nothing."""

import pytest

from folkmoot.protocols import Debate
from folkmoot.protocols.account import NONE_OF_THEM
from folkmoot.records import Reply

DEBATE = Debate(rounds=1, contest_claims=False)


def asked(went):
    return [call for call in went.calls if call.purpose == "account"]


def test_only_messages_of_others_for_the_new_side_are_offered(begin, walk, seats, prompt):
    leaning = seats(ann=0.9, bo=[0.1, 0.9], cy=0.1, di=0.9)
    went = walk(DEBATE, begin(["ann", "bo", "cy", "di"]), leaning)
    calls = asked(went)
    assert [call.seat for call in calls] == ["bo", "bo"]
    for_yes = [turn.text for turn in went.seen.turns if turn.seat in ("ann", "di")][:2]
    task = calls[0].segments[-2].text
    assert task.count("Reason c") == 2
    assert all(text in task for text in for_yes)
    assert f"C. {NONE_OF_THEM}" in task
    assert f"A. {NONE_OF_THEM}" in calls[1].segments[-2].text


def test_where_nobody_spoke_for_the_new_side_the_move_is_unexplained_unasked(begin, walk, seats):
    went = walk(DEBATE, begin(["ann", "bo", "cy"]), seats(ann=0.1, bo=[0.1, 0.9], cy=0.5))
    assert asked(went) == []
    (move,) = went.seen.moves
    assert (move.seat, move.because, move.cites) == ("bo", "unexplained", ())


@pytest.mark.parametrize("state", ["unavailable", "refused"])
def test_no_reply_names_no_message(begin, walk, seats, state):
    leaning = seats(ann=0.9, bo=[0.1, 0.9])

    def say(call):
        return Reply.to(call, state) if call.purpose == "account" else leaning(call)

    (move,) = walk(DEBATE, begin(["ann", "bo"]), say).seen.moves
    assert move.because == "unexplained"


def test_a_preference_for_the_first_letter_names_no_message(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.9])

    def say(call):
        return (0.9, 0.1) if call.purpose == "account" else leaning(call)

    (move,) = walk(DEBATE, begin(["ann", "bo"]), say).seen.moves
    assert move.because == "unexplained"


def test_two_messages_with_the_same_words_are_told_apart(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.9], cy=0.9)

    def say(call):
        if call.purpose == "account":
            return (0.1, 0.8, 0.1)
        return "The same." if call.purpose == "reason" else leaning(call)

    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen
    heard = [turn.id for turn in seen.turns if turn.round == 0 and turn.seat != "bo"]
    (move,) = seen.moves
    assert move.cites == (heard[1],), "the middle place is the same in both orders"


def test_a_seats_own_earlier_words_are_no_argument_for_it(begin, walk, seats):
    leaning = seats(ann=0.1, bo=[0.9, 0.1, 0.9], cy=0.5)
    went = walk(Debate(rounds=2, contest_claims=False), begin(["ann", "bo", "cy"]), leaning)
    assert {call.round for call in asked(went)} == {1}
    assert [move.because for move in went.seen.moves] == ["argument", "unexplained"]


def test_what_a_seat_declares_stands_apart_from_what_its_words_show(begin, walk, seats):
    leaning = seats(traces=False, ann=0.9, bo=[0.1, 0.9])

    def say(call):
        return "Everyone says so." if call.op == "generate" else leaning(call)

    seen = walk(DEBATE, begin(["ann", "bo"]), say).seen
    assert [move.because for move in seen.moves] == ["unexplained"]
    told = [each.reason for each in seen.conflicts[0].history if each.by == "bo"]
    assert told == ["majority"]
