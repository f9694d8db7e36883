"""A scheduler picks who acts next."""

import re

import pytest

from folkmoot.protocols import Blackboard, Conclude, Contest, Decide, Library, Repeat, Stand, picked
from folkmoot.records import Reply

SEATS = ("ann", "bo", "cy")


@pytest.fixture
def board(walk, begin, seats, weigh_by):
    """A blackboard on which the scheduler picks these, one a round; nobody ever agrees."""

    def run(order, options=("yes", "no"), **given):
        leaning = seats(ann=0.9, bo=0.1, cy=0.8)

        def say(call):
            if call.purpose != "pick":
                return leaning(call)
            wanted = order[(call.round - 1) % len(order)]
            if wanted is None:
                return Reply.to(call, "unavailable", error="gone")
            return weigh_by(call, lambda text: 0.9 if text == last[wanted] else 0.05)

        def heard(call):
            reply = say(call)
            if call.op == "generate":
                last[call.seat] = reply
            return reply

        last: dict[str, str] = {}
        return walk(Blackboard(**given), begin(SEATS, options), heard)

    return run


@pytest.mark.parametrize("options", [("yes", "no"), None])
def test_one_seat_acts_in_a_round_the_one_that_was_picked(board, options):
    order = ["cy", "cy", "ann", "bo"]
    walked = board(order, options, rounds=4)
    spoken = {turn.round: turn.seat for turn in walked.seen.turns if turn.round}
    assert spoken == dict(enumerate(order, 1))
    assert {call.seat for call in walked.calls if call.purpose == "pick"} == {"ann"}
    picks = [each for each in walked.seen.stances if each.about == "next"]
    assert [walked.seen.turn(each.choice).seat for each in picks] == order
    assert all(len(each.options) == 3 and each.seat == "ann" for each in picks)


def test_the_scheduler_never_learns_whose_words_they_are(board, prompt):
    walked = board(["cy", "bo"], rounds=2)
    asked = [prompt(call) for call in walked.calls if call.purpose == "pick"]
    assert len(asked) == 4
    assert not any(re.search(r"\b(bo|cy)\b", each) for each in asked)


def test_whoever_acts_reads_the_whole_board(board, prompt):
    walked = board(["cy", "bo"], rounds=2)
    last = [call for call in walked.calls if call.seat == "bo" and call.round == 2]
    assert last
    ids = {turn.id for turn in walked.seen.turns if turn.round < 2}
    assert len(ids) == 4
    assert all(f'id="{name}"' in prompt(call) for call in last[:2] for name in ids)


def test_a_scheduler_that_cannot_choose_leaves_it_to_who_has_spoken_least(board):
    walked = board(["ann", None, None, None], rounds=4)
    spoken = [turn.seat for turn in walked.seen.turns if turn.round]
    assert spoken == ["ann", "bo", "cy", "ann"]


def test_the_scheduler_may_be_another_seat(board):
    walked = board(["bo"], rounds=1, scheduler="cy")
    assert {call.seat for call in walked.calls if call.purpose == "pick"} == {"cy"}


def test_it_ends_once_all_agree(walk, begin, seats):
    walked = walk(Blackboard(), begin(SEATS), seats(ann=0.9, bo=[0.1, 0.9], cy=0.9))
    assert walked.seen.decision.winner == "yes"
    acted = {turn.round for turn in walked.seen.turns}
    assert len(acted) < 7


def test_a_scheduler_without_a_seat_is_a_fault():
    assert "'mo' has no seat" in Blackboard(scheduler="mo").faults(SEATS)[0]


def test_a_stage_without_seats_cannot_be_for_one_alone():
    with pytest.raises(TypeError, match="cannot take turns"):
        picked((Contest(),), SEATS)


def test_without_a_pick_it_is_whoever_has_spoken_least(walk, begin, seats):
    class Least(Library):
        name: str = "least"
        version: str = "1"

        def parts(self, setting):
            turns = picked((Stand(),), setting.seats)
            return (Stand(), Repeat(turns, 2), Contest(), Decide(), Conclude())

    walked = walk(Least(), begin(SEATS), seats(ann=0.9, bo=0.1, cy=0.8))
    assert [s.seat for s in walked.seen.stands() if s.round] == ["ann", "ann"]
