"""The conflict over the question: who held what, who moved, and why. One end never looks like another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import Debate
from folkmoot.protocols.question_conflict import question_conflict
from folkmoot.records import Event, Party, Place, audit, span

DEBATE = Debate(rounds=2, contest_claims=False)


def test_four_identical_seats_log_no_conflict(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.9, cy=0.9, di=0.9)
    seen = walk(Debate(rounds=2), begin(["ann", "bo", "cy", "di"]), leaning).seen
    assert seen.conflicts == ()
    assert seen.decision.winner == "yes"
    assert "yes: " in seen.answer.text


def test_a_difference_that_stays_is_open_and_then_outvoted(begin, walk, seats):
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), seats(ann=0.9, bo=0.8, cy=0.1)).seen
    (conflict,), (settled,) = seen.conflicts, seen.settlements
    assert conflict.status == "open"
    assert [(p.summary, p.parties, p.held_first) for p in conflict.positions] == [
        ("yes", ("ann", "bo"), ("ann", "bo")),
        ("no", ("cy",), ("cy",)),
    ]
    assert (settled.status, settled.resolution.rule) == ("outvoted", "vote")
    (dissent,) = settled.dissent
    assert (dissent.seat, dissent.position) == ("cy", "cf1.b")
    turn = seen.turn(dissent.span.message)
    assert (turn.seat, turn.answer) == ("cy", "no")
    assert dissent.span.exact == turn.text[dissent.span.start : dissent.span.end]


def test_a_seat_that_names_what_moved_it_conceded(begin, walk, seats):
    seen = walk(DEBATE, begin(["ann", "bo"]), seats(ann=0.9, bo=[0.1, 0.8])).seen
    (conflict,), (settled,) = seen.conflicts, seen.settlements
    moved = next(turn for turn in seen.turns if turn.seat == "ann")
    assert conflict.history == (
        Event(round=0, event="opened"),
        Event(
            round=1,
            event="conceded",
            by="bo",
            from_position="cf1.b",
            to_position="cf1.a",
            reason="argument",
            cites=(moved.id,),
            spans=(span(moved, 0, moved.text.index(". ") + 1),),
        ),
    )
    assert (conflict.status, settled.status) == ("conceded", "conceded")
    assert settled.resolution.rule == "concession"
    assert conflict.positions[1].parties == ()
    assert conflict.positions[1].held_first == ("bo",)


def test_a_seat_that_names_nothing_went_along(begin, walk, seats):
    leaning = seats(traces=False, ann=0.9, bo=[0.1, 0.8])
    seen = walk(DEBATE, begin(["ann", "bo"]), leaning).seen
    (conflict,), (settled,) = seen.conflicts, seen.settlements
    assert conflict.history[1].event == "withdrawn"
    assert conflict.history[1].cites == ()
    assert (conflict.status, settled.status) == ("went_along", "went_along")
    assert settled.resolution.rule == "none"
    assert settled.dissent == ()


def test_a_side_that_shrinks_but_stays_is_narrowed(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.8], cy=0.1)
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), leaning).seen
    assert seen.conflicts[0].status == "narrowed"
    assert seen.settlements[0].status == "outvoted"
    assert [each.seat for each in seen.settlements[0].dissent] == ["cy"]


def test_a_seat_that_abstains_is_dropped_not_won_over(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.5])
    seen = walk(DEBATE, begin(["ann", "bo"]), leaning).seen
    (conflict,) = seen.conflicts
    assert [each.event for each in conflict.history] == ["opened", "dropped"]
    assert conflict.status == "dropped"
    assert seen.moves == ()
    assert audit(seen) == ()


def test_a_side_held_only_in_between_is_a_position_of_the_log(begin, walk, seats):
    """ann and bo begin and end as one; in between bo differed. cy never takes a side."""
    leaning = seats(ann=0.9, bo=[0.9, 0.1, 0.9], cy=0.5)
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), leaning).seen
    assert audit(seen) == ()
    (conflict,) = seen.conflicts
    assert [(p.summary, p.parties, p.held_first) for p in conflict.positions] == [
        ("yes", ("ann", "bo"), ("ann", "bo")),
        ("no", (), ()),
    ]
    assert [each.event for each in conflict.history] == ["opened", "withdrawn", "conceded"]


def test_without_a_decision_nobody_is_outvoted(begin, walk, seats):
    seen = walk(DEBATE, begin(["ann", "bo"]), seats(ann=0.9, bo=0.1)).seen
    assert seen.decision.status == "deadlock"
    assert (seen.settlements[0].status, seen.settlements[0].dissent) == ("open", ())


def test_values_that_one_side_alone_declared_are_in_tension(begin, walk, seats):
    parties = [
        Party(seat="ann", model="m", values={"face": 1.0, "tradition": 1.0}),
        Party(seat="bo", model="m", values={"humility": 1.0, "tradition": 0.5}),
    ]
    seen = walk(DEBATE, begin(parties), seats(ann=0.9, bo=0.1)).seen
    (conflict,) = seen.conflicts
    assert conflict.kind == "value"
    assert [(each.value, each.position) for each in conflict.values_in_tension] == [
        ("face", "cf1.a"),
        ("humility", "cf1.b"),
    ]


@pytest.mark.parametrize(
    ("yes", "level"), [((0.95, 0.05), 3), ((0.62, 0.38), 2), ((0.95, 0.95, 0.95, 0.95, 0.05), 2)]
)
def test_severity_weighs_breadth_and_certainty(begin, walk, seats, yes, level):
    names = ["ann", "bo", "cy", "di", "ed"][: len(yes)]
    seen = walk(DEBATE, begin(names), seats(**dict(zip(names, yes, strict=True)))).seen
    assert seen.conflicts[0].severity.level == level


def told(seen) -> list[tuple[int, str]]:
    return [(each.round, each.event) for each in seen.conflicts[0].history]


@pytest.mark.parametrize(
    ("yes", "events"),
    [
        ({"ann": 0.9, "bo": [0.4, 0.1, 0.1]}, [(1, "sharpened")]),
        ({"ann": 0.9, "bo": [0.4, 0.35, 0.35]}, []),
        ({"ann": 0.9, "bo": 0.1, "cy": [0.5, 0.1]}, [(1, "sharpened")]),
        (
            {"ann": 0.9, "bo": [0.1, 0.9, 0.1], "cy": 0.5},
            [(1, "conceded"), (2, "reopened"), (2, "withdrawn")],
        ),
        ({"ann": 0.9, "bo": [0.1, 0.5, 0.1]}, [(1, "dropped")]),
    ],
)
def test_what_a_round_shows_is_an_event(begin, walk, seats, yes, events):
    seen = walk(DEBATE, begin(list(yes)), seats(**yes)).seen
    assert told(seen) == [(0, "opened"), *events]
    assert audit(seen) == ()


def by_letter(held: dict[str, str]):
    """Every seat is sure of what its letter says, round by round."""

    def say(call, weigh_by):
        if call.op == "generate":
            return "So it is."
        if call.purpose == "account":
            return weigh_by(call, lambda option: 1.0)
        letters = held[call.seat]
        mine = letters[min(call.round, len(letters) - 1)]
        return weigh_by(call, lambda option: 0.96 if option == mine else 0.02)

    return say


@pytest.mark.parametrize(
    ("held", "events"),
    [
        ({"ann": "xx", "bo": "xx", "cy": "yx", "di": "zz"}, ["narrowed"]),
        ({"ann": "xx", "bo": "xy", "cy": "zz"}, ["split"]),
        ({"ann": "xz", "bo": "yz"}, ["merged"]),
        ({"ann": "xz", "bo": "yz", "cy": "ww"}, ["merged", "narrowed"]),
        ({"ann": "xx", "bo": "yx", "cy": "zx"}, []),
        ({"ann": "xy", "bo": "yx"}, []),
    ],
)
def test_sides_split_narrow_and_merge(begin, walk, weigh_by, held, events):
    say = by_letter(held)
    opening = begin(list(held), tuple("wxyz"))
    debate = Debate(rounds=1, contest_claims=False)
    seen = walk(debate, opening, lambda call: say(call, weigh_by)).seen
    sides = [each for each in seen.conflicts[0].history if each.by is None and each.round]
    assert [each.event for each in sides] == events
    places = {each.id: each.summary for each in seen.conflicts[0].positions}
    if events == ["split"]:
        assert places[sides[0].from_position] == "x"
    if events[:1] == ["merged"]:
        assert places[sides[0].to_position] == "z"
    assert audit(seen) == ()


def test_the_answers_sensitivity_is_of_the_stances_at_the_end(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.8], cy=0.1, di=[0.1, 0.9])
    seen = walk(DEBATE, begin(["ann", "bo", "cy", "di"]), leaning).seen
    assert seen.conflicts[0].severity.answer_sensitivity == 0.0
    seen = walk(DEBATE, begin(["ann", "bo", "cy"]), leaning).seen
    assert seen.conflicts[0].severity.answer_sensitivity == pytest.approx(2 / 3, abs=1e-5)


NAMES = ("ann", "bo", "cy", "di")


@settings(deadline=None, max_examples=15)
@given(
    st.permutations(NAMES),
    st.tuples(*[st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=3, max_size=3)] * 4),
)
def test_the_order_of_the_seats_does_not_shape_the_conflict(begin, walk, seats, order, yes):
    leaning = seats(traces=False, **dict(zip(NAMES, yes, strict=True)))
    found = [
        question_conflict(walk(DEBATE, begin(each), leaning).seen.at(Place(99, 3, "contest")))
        for each in (NAMES, order)
    ]
    assert _content(found[0]) == _content(found[1])


def _content(conflict):
    if conflict is None:
        return None
    said = [(p.summary, set(p.parties), set(p.held_first)) for p in conflict.positions]
    events = {(e.round, e.event, e.by, e.from_position, e.to_position) for e in conflict.history}
    return said, events, conflict.severity, conflict.status, conflict.kind
