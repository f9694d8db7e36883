"""Conflicts below the question: a claim that some agree with and others surely do not."""

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols import Debate
from folkmoot.protocols.claim_conflict import claim_conflicts
from folkmoot.records import Stance
from tests.protocols.threads import Threads

DEBATE = Debate(rounds=0)


def disagreeing(seats, weigh_by, who: str, agree: float, **yes):
    """Seats as they lean, of which one judges every claim its own way."""
    leaning = seats(**yes)

    def say(call):
        if call.purpose == "judge" and call.seat == who:
            return weigh_by(call, lambda o: agree if o == "agree" else 1 - agree)
        return leaning(call)

    return say


def test_everybody_judges_every_first_claim_its_own_among_them(begin, walk, seats):
    went = walk(Debate(rounds=1), begin(["ann", "bo"]), seats(ann=0.9, bo=0.1))
    judged = [(call.about, call.seat) for call in went.calls if call.purpose == "judge"]
    assert judged == [(m, s) for m in ("M1", "M2") for s in ("ann", "ann", "bo", "bo")]


def test_a_claim_is_contested_where_seats_are_sure_on_both_sides(begin, walk, seats, weigh_by):
    say = disagreeing(seats, weigh_by, "bo", 0.2, ann=0.9, bo=0.9, cy=0.9)
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen
    assert len(seen.conflicts) == 3
    conflict = seen.conflicts[0]
    assert [(p.summary, p.parties) for p in conflict.positions] == [
        ("agree", ("ann", "cy")),
        ("disagree", ("bo",)),
    ]
    (span,) = conflict.positions[0].spans
    assert conflict.issue == f"Does this hold: “{span.exact}”?"
    assert (span.message, span.exact) == (
        conflict.about,
        seen.turn(conflict.about).text[: span.end],
    )


def test_a_faint_judgement_is_no_side(begin, walk, seats, weigh_by):
    say = disagreeing(seats, weigh_by, "bo", 0.45, ann=0.9, bo=0.9)
    assert walk(DEBATE, begin(["ann", "bo"]), say).seen.conflicts == ()


def test_a_claim_contested_between_the_same_camps_is_a_part_of_the_question(
    begin, walk, seats, weigh_by
):
    say = disagreeing(seats, weigh_by, "bo", 0.1, ann=0.9, bo=0.1, cy=0.9)
    main, *claims = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen.conflicts
    assert (main.id, main.about, main.parent) == ("cf1", "question", None)
    assert {claim.parent for claim in claims} == {"cf1"}
    across = disagreeing(seats, weigh_by, "cy", 0.1, ann=0.9, bo=0.1, cy=0.9)
    main, *claims = walk(DEBATE, begin(["ann", "bo", "cy"]), across).seen.conflicts
    assert {claim.parent for claim in claims} == {None}


def test_the_worst_comes_first_and_the_questions_own_is_no_later_than_second(
    begin, walk, seats, weigh_by
):
    say = disagreeing(seats, weigh_by, "bo", 0.1, ann=0.55, bo=0.45, cy=0.55)
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen
    levels = [each.severity.level for each in seen.conflicts if each.about != "question"]
    assert levels == sorted(levels, reverse=True)
    assert "question" in [each.about for each in seen.conflicts[:2]]
    assert [each.id for each in seen.conflicts] == [f"cf{n + 1}" for n in range(len(levels) + 1)]


def judged(claim: str, *said: tuple[str, str, float]):
    """The conflicts over ann's claim, where seats say so surely that they agree or disagree."""
    threads = Threads("ann", "bo", "cy", "di")
    threads.say("ann", claim)
    for order, (seat, choice, sure) in enumerate(said):
        other = {"agree": "disagree", "disagree": "agree"}[choice]
        threads.records.append(
            Stance(
                step=20,
                order=order,
                seat=seat,
                round=0,
                stage="judge",
                about="M1",
                options=("agree", "disagree"),
                state="valid",
                choice=choice,
                probabilities={choice: sure, other: 1 - sure},
                source="probabilities",
            )
        )
    return claim_conflicts(threads.seen, 0.6, None)


def test_a_claim_without_words_to_quote_is_contested_like_any_other():
    (conflict,) = judged("👍👍", ("ann", "agree", 0.9), ("bo", "disagree", 0.9))
    assert (conflict.issue, conflict.about) == ("Does M1 hold?", "M1")
    assert [(p.parties, p.spans) for p in conflict.positions] == [(("ann",), ()), (("bo",), ())]


SURE = st.floats(0.6, 1.0)


@given(SURE, SURE, SURE, st.sampled_from(["agree", "disagree"]))
def test_a_seat_that_joins_makes_a_conflict_over_a_claim_no_slighter(ann, bo, cy, side):
    """cy joins, at whatever certainty, on either side."""
    two = (("ann", "agree", ann), ("bo", "disagree", bo))
    (before,) = judged("It helps the town.", *two)
    (after,) = judged("It helps the town.", *two, ("cy", side, cy))
    assert after.severity.score >= before.severity.score
    assert after.severity.level >= before.severity.level
