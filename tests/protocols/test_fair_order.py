"""The order of conflicts: neither a flood nor many trifles push another's out of sight."""

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols.fair_order import fair_order
from folkmoot.records import QUESTION, Conflict, Detection, Event, Position, Severity

SEATS = ("ann", "bo", "cy", "di")


def conflict(by: tuple[str, ...], number: int, level: int = 1) -> Conflict:
    """One that these seats opened and joined; nobody in particular where there are none."""
    events = [Event(round=1, event="opened", by=by[0] if by else None)]
    events += [Event(round=2, event="sharpened", by=seat) for seat in by[1:]]
    return Conflict(
        step=0,
        order=number,
        id="",
        issue=f"Is {number} so?",
        about=f"M{number}",
        positions=tuple(Position(id=side, summary=side, parties=()) for side in "ab"),
        severity=Severity(level=level, breadth=0.1),
        history=tuple(events),
        status="open",
        detection=Detection(method="protocol_act", rule="acts/3"),
    )


OPENED = st.lists(st.sampled_from(SEATS), max_size=3, unique=True).map(tuple)
FOUND = st.lists(st.tuples(OPENED, st.integers(1, 3)), max_size=30).map(
    lambda given: [conflict(by, number, level) for number, (by, level) in enumerate(given)]
)


@given(FOUND)
def test_all_are_there_once_and_in_each_seats_own_order(found):
    ordered = fair_order(found)
    assert sorted(each.order for each in ordered) == list(range(len(found)))
    for seat in SEATS:
        alone = [
            (-each.severity.level, each.order)
            for each in ordered
            if {event.by for event in each.history} == {seat}
        ]
        assert alone == sorted(alone)


def of(seat: str, found: list[Conflict]) -> list[Conflict]:
    return [each for each in found if seat in {event.by for event in each.history}]


@given(FOUND)
def test_before_a_seats_worst_stand_two_for_each_seat_that_opened_no_more(found):
    """Whatever the others open, of whichever level, alone or together."""
    ordered = fair_order(found)
    for seat in SEATS:
        mine = of(seat, found)
        if mine:
            worst = min(mine, key=lambda each: (-each.severity.level, each.order))
            nobodys = [each for each in found if not each.history[0].by]
            no_more = sum(0 < len(of(each, found)) <= len(mine) for each in SEATS)
            no_more += 0 < len(nobodys) <= len(mine)
            assert ordered.index(worst) < 2 * no_more, "the gravest have every second place"


LEVELS = st.lists(st.integers(1, 3), min_size=2, max_size=60)


@given(
    st.lists(st.tuples(OPENED.filter(bool), st.integers(1, 3)), min_size=1, max_size=1),
    LEVELS,
    st.lists(st.sampled_from((("di",), ("di", "cy"), ("cy",))), max_size=60).filter(
        lambda together: sum("di" in who for who in together) != 1
    ),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_what_two_open_together_leaves_the_real_one_and_the_questions_in_the_first_three(
    real, levels, together, of_question, lot
):
    """cy and di flood, each by itself, with each other, at any level; bo or ann opened the real one."""
    ((by, level),) = real
    mine = conflict(tuple(seat for seat in by if seat in ("ann", "bo")) or ("bo",), 1, level)
    main = conflict((), 0, of_question).model_copy(update={"about": QUESTION})
    flood = [conflict(("cy",), 100 + number, each) for number, each in enumerate(levels)]
    flood += [conflict(who, 1000 + number, 2) for number, who in enumerate(together)]
    every = [main, mine, *flood]
    lot.shuffle(every)
    ordered = fair_order(every)
    assert ordered.index(main) < 2
    assert ordered.index(mine) < 3


def test_seats_take_turns_and_what_nobody_opened_has_a_row_too():
    nobody = [conflict((), n) for n in (0, 1)]
    di = [conflict(("di",), n) for n in (2, 3, 4)]
    bo = [conflict(("bo",), n) for n in (5, 6)]
    worse = conflict(("di",), 7, level=2)
    ordered = fair_order([*nobody, *di, *bo, worse])
    assert [each.order for each in ordered] == [7, 0, 5, 1, 2, 6, 3, 4]


def test_what_nobody_opened_is_in_a_turn_of_who_made_the_claim():
    trifles = [conflict((), n, level=3) for n in range(30)]
    real = conflict((), 30)
    authors = {"M30": "ann", **{f"M{n}": "di" for n in range(30)}}
    assert fair_order([*trifles, real], authors).index(real) == 1
    assert fair_order([*trifles, real]).index(real) == 30, "else they are all nobody's"
    mine = conflict(("di",), 31)
    assert fair_order([*trifles, mine], authors).index(mine) == 1, "apart from what di opens"


@given(st.integers(2, 9), st.integers(2, 3), st.booleans())
def test_no_trifles_of_however_many_seats_push_a_grave_conflict_out_of_sight(many, level, asked):
    """Of a seat that opened two; each of the others opens a single trifle."""
    trifles = [conflict((f"h{n}",), n) for n in range(many)]
    real, other = conflict(("bo",), 100, level), conflict(("bo",), 101, level)
    main = conflict((), 200, level).model_copy(update={"about": QUESTION})
    ordered = fair_order([*trifles, real, other, *([main] if asked else [])])
    assert ordered.index(real) == asked
    assert ordered.index(other) == 2 + asked


@given(st.integers(2, 5), st.integers(2, 20), st.integers(1, 3), st.integers(1, 3))
def test_nor_does_a_flood_by_five_of_whatever_level_push_out_one_of_a_seat_that_opened_one(
    seats, many, high, level
):
    flood = [conflict((f"h{n}",), 10 * n + k, high) for n in range(seats) for k in range(many)]
    main = conflict((), 500, 2).model_copy(update={"about": QUESTION})
    real = conflict(("bo",), 501, level)
    ordered = fair_order([*flood, main, real])
    assert ordered.index(main) < 2
    assert ordered.index(real) < 3


def test_the_questions_own_is_first_or_second_after_a_worse_one():
    main = conflict((), 0, level=2).model_copy(update={"about": QUESTION})
    equal, worse = conflict(("di",), 1, level=2), conflict(("di",), 2, level=3)
    assert [each.order for each in fair_order([equal, main])] == [0, 1]
    assert [each.order for each in fair_order([equal, main, worse])] == [2, 0, 1]


@given(
    st.lists(OPENED.filter(bool), max_size=8),
    st.integers(0, 500),
    st.lists(st.lists(st.sampled_from(SEATS[:-1]), max_size=2, unique=True), max_size=3),
    st.randoms(use_true_random=False),
)
def test_no_flood_displaces_the_first_conflict_of_another_seat(others, many, joined, lot):
    """di floods: alone, and with conflicts that others have joined."""
    real = [conflict(by, number) for number, by in enumerate(others)]
    flood = [conflict(("di",), 1000 + number) for number in range(many)]
    flood += [conflict(("di", *by), 2000 + number) for number, by in enumerate(joined)]
    every = [*real, *flood]
    lot.shuffle(every)
    ordered = fair_order(every)
    for seat in SEATS[:-1]:
        mine = [each for each in every if seat in {event.by for event in each.history}]
        if mine:
            rank = ordered.index(mine[0]) + 1
            assert rank < len(SEATS) + 1


@given(FOUND, st.integers(31, 50))
def test_a_flood_of_trifles_sets_the_worst_of_others_back_by_two_places_at_most(found, many):
    alone = [each for each in found if "di" not in {event.by for event in each.history}]
    flood = [conflict(("di",), 1000 + number) for number in range(many)]
    before, after = fair_order(alone), fair_order([*flood, *alone])
    assert after[: bool(alone)] == before[:1]
    for seat in SEATS[:-1]:
        mine = of(seat, alone)
        if mine:
            worst = min(mine, key=lambda each: (-each.severity.level, each.order))
            assert after.index(worst) <= before.index(worst) + 2
