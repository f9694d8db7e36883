"""Conflicts below the question: a claim that some agree with and others surely do not."""

from folkmoot.protocols import Debate

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


def test_the_worst_comes_first(begin, walk, seats, weigh_by):
    say = disagreeing(seats, weigh_by, "bo", 0.1, ann=0.55, bo=0.45, cy=0.55)
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), say).seen
    levels = [each.severity.level for each in seen.conflicts]
    assert levels == sorted(levels, reverse=True)
    assert [each.id for each in seen.conflicts] == [f"cf{n + 1}" for n in range(len(levels))]
