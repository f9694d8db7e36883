"""The conflict over an open question: drawn up from the rankings, settled and voiced like any other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import (
    BlindVote,
    Consensus,
    Debate,
    Repeat,
    SelfConsistency,
    Setting,
    Single,
)
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.speak import Speak
from folkmoot.records import ConflictLog, Place, Reply, Transcript, audit
from folkmoot.records.first_answers import FirstAnswers
from folkmoot.records.treat import treatments
from folkmoot.records.wording import wording

FIVE = ("ann", "bo", "cy", "di", "ed")
SPLIT = {"ann": "ann", "bo": "ann", "cy": "ann", "di": "di", "ed": "di"}
"""Three prefer what ann wrote, two what di did."""


def electorate(weigh_by, *prefers: dict[str, str]):
    """Every seat puts first what a seat wrote, table by table; all agree with every claim."""

    def say(call):
        if call.op == "generate":
            return f"In round {call.round} {call.seat} says this. “More” of it."
        if call.purpose == "judge":
            return weigh_by(call, lambda o: 0.9 if o == "agree" else 0.1)
        author = prefers[min(call.round, len(prefers) - 1)].get(call.seat)
        if author is None:
            return [1 / len(call.options)] * len(call.options)
        return weigh_by(call, lambda o: 0.8 if f" {author} says" in o else 0.05)

    return say


def by_parties(conflict):
    """The positions, in the order of their first holders."""
    return sorted(conflict.positions, key=lambda position: position.parties)


OPEN = {
    "blind-vote": BlindVote(),
    "debate": Debate(rounds=1),
    "debate without claims": Debate(rounds=0, contest_claims=False),
    "consensus": Consensus(rounds=0, candidates=5),
}


@pytest.mark.parametrize("protocol", OPEN.values(), ids=OPEN)
def test_three_to_two_is_a_conflict_and_the_two_dissent(begin, walk, weigh_by, protocol):
    seen = walk(protocol, begin(FIVE, None), electorate(weigh_by, SPLIT)).seen
    (conflict,) = seen.conflicts
    (settled,) = seen.settlements
    won, lost = by_parties(conflict)
    assert (conflict.about, conflict.detection.rule) == ("question", "ballots/3")
    assert (won.parties, lost.parties) == (("ann", "bo", "cy"), ("di", "ed"))
    assert (won.summary, conflict.status) == (seen.decision.winner, "open")
    assert conflict.step < seen.decision.step
    for position in conflict.positions:
        (span,) = position.spans
        assert span.message == position.summary
        assert seen.turn(span.message).text[span.start : span.end] == span.exact
    assert (settled.status, settled.resolution.rule) == ("outvoted", "vote")
    assert [(each.seat, each.position) for each in settled.dissent] == [
        ("di", lost.id),
        ("ed", lost.id),
    ]
    assert [seen.turn(each.span.message).seat for each in settled.dissent] == ["di", "ed"]
    assert audit(seen) == ()


@pytest.mark.parametrize("protocol", OPEN.values(), ids=OPEN)
def test_the_same_first_choice_is_no_conflict(begin, walk, weigh_by, protocol):
    alike = electorate(weigh_by, dict.fromkeys(FIVE, "bo"))
    seen = walk(protocol, begin(FIVE, None), alike).seen
    assert seen.turn(seen.decision.winner).seat == "bo"
    assert seen.conflicts == ()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from(sorted(OPEN)))
def test_whatever_is_ranked_a_difference_is_logged_and_a_loser_dissents(
    begin, walk, anything, lot, name
):
    seen = walk(OPEN[name], begin(FIVE, None, seed=lot), anything(lot)).seen
    counted = [ballot for ballot in seen.ballots if ballot.id in seen.decision.ballots]
    firsts = {ballot.seat: ballot.ranking[0] for ballot in counted if ballot.ranking}
    main = next((each for each in seen.conflicts if each.about == "question"), None)
    words = {seat: wording(seen.turn(first).text) for seat, first in firsts.items()}
    if len(set(words.values())) > 1:
        assert main is not None
    if main is None or main.status not in ("open", "narrowed"):
        return
    # A seat without a ballot holds what it wrote itself; who voted holds what it voted for.
    assert {
        wording(seen.turn(p.summary).text): set(p.parties) & set(firsts)
        for p in main.positions
        if set(p.parties) & set(firsts)
    } == {said: {seat for seat in words if words[seat] == said} for said in words.values()}
    settled = next(each for each in seen.settlements if each.conflict == main.id)
    if seen.decision.winner is not None:
        won = wording(seen.turn(seen.decision.winner).text)
        lost = {seat for seat, said in words.items() if said != won}
        assert {each.seat for each in settled.dissent} & set(firsts) == lost
    assert audit(seen) == ()


def test_the_answer_voices_both_sides_and_the_gate_flags_a_silent_one(begin, walk, weigh_by):
    seen = walk(BlindVote(), begin(FIVE, None), electorate(weigh_by, SPLIT)).seen
    won, lost = by_parties(seen.conflicts[0])
    lines = seen.answer.text.splitlines()
    assert lines[:3] == [
        f"> {seen.turn(won.summary).text}",
        f"[{won.summary}]",
        "Decided by majority 3:2:0:0:0.",
    ]
    for side, named in ((won, "ann, bo, cy"), (lost, "di, ed")):
        at = lines.index(f"{side.summary}: {named}.")
        assert lines[at + 1 : at + 3] == [f"> {side.spans[0].exact}", f"[{side.summary}]"]
    assert seen.answer.treatments[0].treatment == "addressed"
    (silent,) = treatments(seen.at(Place(99, 0, "conclude")), f"{lost.summary}: says one line")
    assert (silent.treatment, silent.flagged) == ("silent", True)


def test_who_abstains_is_on_no_side_and_who_is_not_heard_on_that_of_its_own_words(
    begin, walk, weigh_by
):
    usual = electorate(weigh_by, {**SPLIT, "cy": None})

    def say(call):
        gone = call.purpose == "rank" and call.seat == "ed"
        return Reply.to(call, "unavailable") if gone else usual(call)

    seen = walk(BlindVote(), begin(FIVE, None), say).seen
    assert {b.seat: b.state for b in seen.ballots if b.state != "valid"} == {
        "cy": "abstained",
        "ed": "unavailable",
    }
    sides = by_parties(seen.conflicts[0])
    assert [each.parties for each in sides] == [("ann", "bo"), ("di",), ("ed",)]
    assert [each.last_heard for each in sides] == [None, None, {"ed": 0}]
    assert seen.turn(sides[2].summary).seat == "ed"
    assert {each.seat for each in seen.settlements[0].dissent} == {"di", "ed"}
    assert f"{sides[2].summary}: ed (last heard in round 0).\n> " in seen.answer.text
    assert seen.answer.treatments[0].treatment == "addressed"
    assert audit(seen) == ()


def test_where_no_ballot_came_there_is_nothing_to_tell_answers_apart_by(begin, walk):
    def say(call):
        return f"{call.seat} says so." if call.op == "generate" else Reply.to(call, "unavailable")

    seen = walk(BlindVote(), begin(FIVE, None), say).seen
    assert seen.conflicts == ()
    assert all(turn.text in seen.answer.text for turn in seen.turns)
    log = ConflictLog.of(seen)
    assert log.coverage.first_answers == FirstAnswers(
        given=5, wordings=5, not_compared=5, taken_over=0
    )
    assert audit(seen) == ()


def test_candidates_of_the_same_words_are_no_difference(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return "A tax."
        # Each puts first what it sees first or last: the two are the same words.
        up = (call.seat == "ann") == (call.order % 2 == 0)
        return [0.9, 0.1] if up else [0.1, 0.9]

    seen = walk(BlindVote(rule="plurality"), begin(["ann", "bo"], None), say).seen
    assert len({ballot.ranking for ballot in seen.ballots}) == 2
    assert seen.conflicts == ()


@pytest.mark.parametrize("kind", [Single, SelfConsistency])
def test_draws_of_one_seat_are_no_conflict_between_seats(begin, walk, anything, kind):
    seen = walk(kind(seat="bo"), begin(FIVE, None), anything(5, 0.0)).seen
    assert seen.decision is not None
    assert seen.conflicts == ()


def test_where_nobody_wins_every_answer_and_who_backs_it_is_set_out(begin, walk, weigh_by):
    prefers = {"ann": "ann", "bo": "bo", "cy": None}
    say = electorate(weigh_by, prefers)
    seen = walk(BlindVote(rule="plurality"), begin(list(prefers), None), say).seen
    assert (seen.decision.status, seen.settlements[0].status) == ("tied", "open")
    assert seen.settlements[0].dissent == ()
    assert all(turn.text in seen.answer.text for turn in seen.turns)
    assert seen.answer.treatments[0].treatment == "addressed"


def test_statements_that_were_written_anew_drop_the_old_sides(begin, walk, weigh_by):
    """Two rounds of rankings: split over the first statements, at one over the second."""
    seats = ("ann", "bo", "cy")
    say = electorate(weigh_by, {"ann": "ann", "bo": "ann", "cy": "cy"}, dict.fromkeys(seats, "bo"))
    seen = walk(Consensus(rounds=1, candidates=3), begin(seats, None), say).seen
    (conflict,) = seen.conflicts
    assert {(p.parties, p.held_first) for p in conflict.positions} == {
        ((), ("ann", "bo")),
        ((), ("cy",)),
        (seats, ()),
    }
    assert [(e.round, e.event, e.by) for e in conflict.history] == [
        (0, "opened", None),
        (1, "dropped", "ann"),
        (1, "dropped", "bo"),
        (1, "dropped", "cy"),
        (1, "merged", None),
    ]
    assert {e.to_position for e in conflict.history[1:]} == {conflict.positions[2].id}
    assert conflict.status == "dropped"
    assert (seen.settlements[0].status, seen.settlements[0].resolution.rule) == (
        "resolved",
        "merge",
    )
    assert conflict.severity.breadth == pytest.approx(2 / 3, abs=1e-5)
    assert audit(seen) == ()


class Again:
    """The same answers are ranked twice."""

    name, version = "again", "1"

    def params(self):
        return {}

    def parts(self, setting: Setting):
        decide = Decide(rule=Rule(name="plurality"))
        return (Speak(), Rank(), Repeat((Rank(),), 1), Contest(), decide, Conclude())

    def faults(self, seats):
        return ()


@pytest.mark.parametrize(
    ("later", "status"),
    [({"cy": "ann"}, "went_along"), ({"cy": "cy", "bo": "bo"}, "narrowed"), ({}, "dropped")],
)
def test_a_seat_that_changes_its_first_choice_names_no_reason(begin, walk, weigh_by, later, status):
    first = {"ann": "ann", "bo": "ann", "cy": "cy"}
    second = {"ann": "ann", "bo": "ann", **later}
    seen = walk(Again(), begin(list(first), None), electorate(weigh_by, first, second)).seen
    (conflict,) = seen.conflicts
    assert conflict.status == status
    event = conflict.history[1]
    moved = status != "dropped"
    assert (event.event, event.reason) == (
        ("withdrawn", "unexplained") if moved else ("dropped", None)
    )
    assert audit(seen) == ()


def test_a_log_stripped_of_a_move_between_ballots_is_found(begin, walk, weigh_by):
    first, second = ({"ann": "ann", "bo": "ann", "cy": who} for who in ("cy", "ann"))
    seen = walk(Again(), begin(list(first), None), electorate(weigh_by, first, second)).seen
    (conflict,) = seen.conflicts
    bare = conflict.model_copy(update={"history": conflict.history[:1], "status": "conceded"})
    found = audit(Transcript(seen.opening, [bare if each is conflict else each for each in seen]))
    assert "cf1 has no event for the move of cy in round 1" in found
    assert any("cy left cf1." in each for each in found)
