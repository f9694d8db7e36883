"""The controls: as little deliberation as can be, under the same record."""

import pytest

from folkmoot.protocols import BlindVote, Debate, SelfConsistency, Single

SEATS = ["ann", "bo", "cy"]


@pytest.mark.parametrize("options", [("yes", "no"), None])
@pytest.mark.parametrize("kind", [Single, SelfConsistency])
def test_one_seat_is_asked_and_nobody_else(begin, walk, anything, kind, options):
    went = walk(kind(seat="bo"), begin(SEATS, options), anything(3, 0.0))
    assert {call.seat for call in went.calls} == {"bo"}
    assert {seat for seat in SEATS if seat in str(went.seen.ballots)} == {"bo"}


def test_one_seat_alone_decides(begin, walk, seats):
    seen = walk(Single(seat="bo"), begin(SEATS), seats(bo=0.2)).seen
    assert (seen.decision.winner, len(seen.ballots)) == ("no", 1)
    assert seen.conflicts == ()


@pytest.mark.parametrize("kind", [Single, SelfConsistency])
def test_the_seat_must_be_on_the_panel(kind):
    assert "'zoe'" in kind(seat="zoe").faults(("ann",))[0]
    assert kind(seat="ann").faults(("ann",)) == ()


def test_a_blind_vote_is_a_debate_without_the_debate(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.9)
    blind = walk(BlindVote(), begin(SEATS), leaning)
    debate = walk(Debate(rounds=0, contest_claims=False), begin(SEATS), leaning)
    assert blind.calls == debate.calls
    assert blind.seen.answer.text == debate.seen.answer.text


def test_draws_differ_by_their_seeds_alone(begin, walk, anything):
    calls = walk(SelfConsistency(seat="ann", draws=7), begin(SEATS), anything(1, 0.0)).calls
    assert len({call.sampling.seed for call in calls}) == len(calls) == 7
    assert len({call.segments for call in calls}) == 1


def test_each_draw_is_a_ballot_and_an_unreadable_one_is_none(begin, walk):
    said = ["yes, since it helps.", "No. It costs.", "yes", "Perhaps", "yes\nReason: so"]
    protocol = SelfConsistency(seat="ann", draws=5)
    seen = walk(protocol, begin(SEATS), lambda call: said[call.order]).seen
    assert [ballot.ranking for ballot in seen.ballots] == [
        ("yes",),
        ("no",),
        ("yes",),
        (),
        ("yes",),
    ]
    assert seen.decision.tally == {"yes": 3.0, "no": 1.0}
