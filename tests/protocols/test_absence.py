"""Who is not heard has not moved: an engine that dies, or a reply that cannot be read, changes no side."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import BlindVote, Debate, catalogue, named
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.vote import Vote
from folkmoot.records import ConflictLog, Party, Place, Reply, Transcript, audit
from folkmoot.records.conflict_log import entries
from folkmoot.records.first_answers import FirstAnswers

SEATS = ("ann", "bo", "cy")
DEBATE = Debate(rounds=1, contest_claims=False)


def dying(seats, who: tuple[str, ...], state: str = "unavailable", since: int = 1):
    """ann and cy say yes and bo no; from a round on, some are not heard."""
    leaning = seats(ann=0.9, bo=0.1, cy=0.9)

    def say(call):
        if call.seat in who and call.round >= since:
            return Reply.to(call, state)
        return leaning(call)

    return say


def test_a_dissenter_whose_engine_dies_still_dissents(begin, walk, seats):
    seen = walk(DEBATE, begin(SEATS), dying(seats, ("bo",))).seen
    (entry,) = entries(seen)
    assert (entry.contested_status, entry.status) == ("open", "outvoted")
    assert [(p.summary, p.parties, p.last_heard) for p in entry.positions] == [
        ("yes", ("ann", "cy"), None),
        ("no", ("bo",), {"bo": 0}),
    ]
    assert [each.event for each in entry.history] == ["opened"]
    (dissent,) = entry.dissent
    assert dissent.seat == "bo"
    assert dissent.span is not None
    assert seen.turn(dissent.span.message).answer == "no"
    assert "no: bo (last heard in round 0). “" in seen.answer.text
    assert "no one any more" not in seen.answer.text
    assert (entry.treatment.treatment, entry.treatment.flagged) == ("addressed", False)
    assert audit(seen) == ()


def test_where_all_engines_die_both_sides_stay(begin, walk, seats):
    seen = walk(DEBATE, begin(SEATS), dying(seats, SEATS)).seen
    (entry,) = entries(seen)
    assert (entry.status, seen.decision.status) == ("open", "deadlock")
    assert [(p.parties, p.last_heard) for p in entry.positions] == [
        (("ann", "cy"), {"ann": 0, "cy": 0}),
        (("bo",), {"bo": 0}),
    ]
    assert "yes: ann (last heard in round 0), cy (last heard in round 0)." in seen.answer.text
    assert audit(seen) == ()


def test_a_stance_that_cannot_be_read_is_no_change_of_mind(begin, walk):
    """bo says no, then something unreadable; then it is heard again, and says yes."""

    def say(call):
        said = {"ann": ("yes",) * 3, "bo": ("no", None, last), "cy": ("no",) * 3}[call.seat]
        if call.json_schema is None:
            return "So it is."
        answer = said[call.round]
        reason = f"It is so, says {call.seat} in {call.round}."
        stated = {"reason": reason, "answer": answer, "moved_by": []}
        return "garbled" if answer is None else json.dumps(stated)

    parties = [Party(seat=seat, model="m", stance="stated") for seat in SEATS]
    for last, events in ((None, ["opened"]), ("no", ["opened"]), ("yes", ["opened", "withdrawn"])):
        debate = Debate(rounds=2, contest_claims=False)
        seen = walk(debate, begin(parties), say).seen
        (conflict,) = seen.conflicts
        assert [each.event for each in conflict.history] == events
        assert {s for p in conflict.positions for s in p.parties} == set(SEATS)
        heard = {s: r for p in conflict.positions for s, r in (p.last_heard or {}).items()}
        assert heard == ({"bo": 0} if last is None else {})
        assert audit(seen) == ()


@given(
    st.dictionaries(st.sampled_from(SEATS), st.sampled_from(["unavailable", "empty", "refused"])),
    st.integers(1, 2),
)
def test_whoever_is_not_heard_after_the_first_round_is_on_the_side_it_took(
    begin, walk, seats, gone, since
):
    leaning = seats(ann=0.9, bo=0.1, cy=0.9)

    def say(call):
        lost = call.seat in gone and call.round >= since
        return Reply.to(call, gone[call.seat]) if lost else leaning(call)

    seen = walk(Debate(rounds=2, contest_claims=False), begin(SEATS), say).seen
    (conflict,) = seen.conflicts
    assert [p.parties for p in conflict.positions] == [("ann", "cy"), ("bo",)]
    assert conflict.status == "open"
    assert audit(seen) == ()


def answering(weigh_by, gone: tuple[str, ...] = ()):
    """bo goes right, the others left; each puts its own answer first. The ballots of some are lost."""
    texts = {"ann": "We go left now.", "bo": "We go right now.", "cy": "We go left now indeed."}

    def say(call):
        if call.op == "generate":
            return texts[call.seat]
        if call.seat in gone:
            return Reply.to(call, "unavailable")
        mine = "right" if call.seat == "bo" else "left now."
        return weigh_by(call, lambda option: 0.9 if mine in option else 0.05)

    return say


@pytest.mark.parametrize("gone", [(), ("bo",)])
def test_an_open_answer_whose_ballot_is_lost_is_its_authors_position(begin, walk, weigh_by, gone):
    seen = walk(BlindVote(), begin(SEATS, None), answering(weigh_by, gone)).seen
    (entry,) = entries(seen)
    mine = next(turn for turn in seen.turns if turn.seat == "bo")
    (side,) = (p for p in entry.positions if p.parties == ("bo",))
    assert (side.summary, side.held_first) == (mine.id, ("bo",))
    assert side.last_heard == ({"bo": 0} if gone else None)
    assert [(each.seat, each.span.exact) for each in entry.dissent] == [("bo", "We go right now.")]
    assert "We go right now." in seen.answer.text
    assert audit(seen) == ()


def drifting(call):
    """Two blind answers; after the exchange bo says what ann said, to the letter. No ballot is valid."""
    if call.op == "generate":
        left = call.round > 0 or call.seat == "ann"
        return "We must go left now." if left else "We must go right now."
    return [1 / len(call.options)] * len(call.options)


@pytest.mark.parametrize("judge", [None, "ann"])
def test_first_answers_that_nothing_compares_are_counted(begin, walk, judge):
    seen = walk(Debate(rounds=1, judge=judge), begin(("ann", "bo"), None), drifting).seen
    assert seen.conflicts == ()
    coverage = ConflictLog.of(seen).coverage
    assert coverage.first_answers == FirstAnswers(given=2, wordings=2, not_compared=2, taken_over=1)
    assert audit(seen) == ()


def test_ballots_and_judgements_compare_first_answers(begin, walk, weigh_by):
    seen = walk(BlindVote(), begin(SEATS, None), answering(weigh_by)).seen
    # bo is on another side than the others; nothing says how these two stand to each other.
    found = ConflictLog.of(seen).coverage.first_answers
    assert (found.given, found.wordings, found.not_compared) == (3, 3, 2)
    say = answering(weigh_by)

    def judging(call):
        agree = {"agree": 0.9, "disagree": 0.1}
        return weigh_by(call, agree.__getitem__) if call.purpose == "judge" else say(call)

    judged = walk(Debate(rounds=0), begin(SEATS, None), judging).seen
    assert ConflictLog.of(judged).coverage.first_answers.not_compared == 0


@pytest.mark.parametrize("texts", [("A tax.", "A tax.\u200b"), ("Caf\u00e9.", "Cafe\u0301.")])
def test_first_answers_of_the_same_words_are_one(begin, walk, weigh_by, texts):
    """And no conflict, whichever of the two a seat puts first."""

    def say(call):
        if call.op == "generate":
            return texts[call.seat == "bo"]
        up = (call.seat == "ann") == (call.order % 2 == 0)
        return [0.9, 0.1] if up else [0.1, 0.9]

    seen = walk(BlindVote(rule="plurality"), begin(("ann", "bo"), None), say).seen
    assert len({ballot.ranking for ballot in seen.ballots}) == 2
    assert seen.conflicts == ()
    found = ConflictLog.of(seen).coverage.first_answers
    assert found == FirstAnswers(given=2, wordings=1, not_compared=0, taken_over=0)


def test_who_voted_for_the_words_that_won_dissents_from_nothing(begin, walk, weigh_by):
    """ann and bo wrote the same, with a hidden character between them; cy differs."""
    texts = {"ann": "A tax on it.", "bo": "A tax\u200b on it.", "cy": "A ban on it."}

    def say(call):
        if call.op == "generate":
            return texts[call.seat]
        return weigh_by(call, lambda option: 0.9 if option == texts[call.seat] else 0.05)

    seen = walk(BlindVote(rule="plurality"), begin(SEATS, None), say).seen
    for winner in (turn.id for turn in seen.turns if turn.seat in ("ann", "bo")):
        # Their votes are split: whichever of the two wins, neither of them lost.
        seen = decided(seen, winner)
        (entry,) = entries(seen)
        assert {p.parties for p in entry.positions} == {("ann", "bo"), ("cy",)}
        assert [each.seat for each in entry.dissent] == ["cy"]
        assert [each for each in audit(seen) if "ballots" not in each] == []


def decided(seen: Transcript, winner: str) -> Transcript:
    """The record as if that candidate had won."""
    from_here = [r for r in seen if r.record not in ("settlement", "answer", "decision")]
    decision = seen.decision.model_copy(
        update={"status": "decided", "winner": winner, "tied": (), "margin": 1.0}
    )
    at = Place(decision.step, 1, "decide")
    settled = settlements(Transcript(seen.opening, [*from_here, decision], at), decision)
    return Transcript(seen.opening, [*from_here, decision, *settled])


def test_ballots_over_options_where_nobody_takes_a_stance_show_a_conflict(begin, walk, weigh_by):
    parts = (Speak(), Vote(), Contest(), Decide(), Conclude())

    def say(call):
        if call.op == "generate":
            return f"Reason of {call.seat} stands."
        yes = 0.1 if call.seat == "bo" else 0.9
        return weigh_by(call, lambda option: yes if option == "yes" else 1 - yes)

    seen = walk(Composed(name="voted", parts=parts), begin(SEATS), say).seen
    (conflict,) = seen.conflicts
    assert conflict.detection.rule == "ballots/3"
    assert [p.parties for p in conflict.positions] == [("ann", "cy"), ("bo",)]
    assert audit(seen) == ()


@pytest.mark.parametrize("options", [("yes", "no"), ("a tax on all", "a ban", "neither"), None])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
@settings(max_examples=4, deadline=None)
@given(lot=st.integers(0, 10**6), trouble=st.sampled_from([0.0, 0.2, 0.5]))
def test_whatever_is_lost_every_record_is_sound(begin, walk, anything, name, options, lot, trouble):
    """Replies of every kind, many of them missing: all that can be worked out again comes out so."""
    params = next(each.params for each in catalogue() if each.name == name)
    needed = {"seat": "ann"} if "seat" in params else {}
    opening = begin(["ann", "bo", "cy", "di"], options, seed=lot)
    seen = walk(named(name, **needed), opening, anything(lot, trouble)).seen
    assert audit(seen) == ()
    for conflict in seen.conflicts:
        lines = [line for line in seen.answer.text.splitlines() if not line.startswith("> ")]
        for seat in (s for p in conflict.positions for s in p.last_heard or {}):
            assert any(f"{seat} (last heard in round" in line for line in lines)
