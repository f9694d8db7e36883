"""Severity: rubric sev/2, from breadth, certainty, stakes and who is pivotal."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols import Debate
from folkmoot.protocols.severity import sensitivity, severity, stakes
from folkmoot.records import Party, Position, Stance, Tension
from folkmoot.records.recount import pivotal

PART = st.one_of(st.none(), st.floats(0, 1))


def stances(*gaps: float) -> list[Stance]:
    return [
        Stance(
            step=0,
            order=0,
            seat="s",
            round=0,
            stage="stand",
            options=("yes", "no"),
            state="valid",
            choice="yes",
            probabilities={"yes": 0.5 + gap / 2, "no": 0.5 - gap / 2},
            source="probabilities",
        )
        for gap in gaps
    ]


@pytest.mark.parametrize(
    ("sides", "gaps", "level", "breadth", "intensity"),
    [
        ([2, 2], [1, 1, 1, 1], 3, 1.0, 1.0),
        ([2, 2], [0.2, 0.2], 2, 1.0, 0.2),
        ([2, 2], [0.1, 0.1], 1, 1.0, 0.1),
        ([9, 1], [1], 2, 0.2, 1.0),
        ([3, 1], [], 3, 0.5, None),
        ([4, 0], [1], 1, 0.0, 1.0),
        ([1, 1, 1], [1], 3, 1.0, 1.0),
        ([0, 0], [], 1, 0.0, None),
    ],
)
def test_without_more_it_is_breadth_times_intensity(sides, gaps, level, breadth, intensity):
    found = severity(sides, stances(*gaps))
    assert (found.level, found.breadth, found.intensity) == (level, breadth, intensity)
    assert (found.stakes, found.answer_sensitivity, found.rubric) == (None, None, "sev/2")


@pytest.mark.parametrize(
    ("stakes", "sensitivity", "level"),
    [(None, None, 1), (0.0, 0.0, 1), (None, 1.0, 2), (1.0, None, 3), (0.2, 0.0, 1), (0.3, 0.1, 2)],
)
def test_stakes_alone_make_it_serious_and_pivotal_seats_notable(stakes, sensitivity, level):
    found = severity([2, 2], stances(0.05), stakes=stakes, sensitivity=sensitivity)
    assert (found.level, found.stakes, found.answer_sensitivity) == (level, stakes, sensitivity)


def test_the_least_level_is_a_floor():
    assert severity([4, 0], [], least=2).level == 2
    assert severity([2, 2], [], least=2).level == 3


@given(st.integers(1, 9), st.integers(0, 9), st.floats(0, 1), PART, PART, st.floats(0, 1))
def test_a_greater_part_never_makes_it_less_severe(one, other, gap, at_stake, hangs, more):
    lower = severity([one, other], stances(gap), stakes=at_stake, sensitivity=hangs)
    raised = max(more, at_stake or 0.0)
    assert (
        severity([one, other], stances(gap), stakes=raised, sensitivity=hangs).level >= lower.level
    )
    raised = max(more, hangs or 0.0)
    higher = severity([one, other], stances(gap), stakes=at_stake, sensitivity=raised)
    assert higher.level >= lower.level


@pytest.mark.parametrize(
    ("held", "share"),
    [("yn", 1.0), ("yyn", 2 / 3), ("yyyn", 0.0), ("yynn", 1.0), ("yyynn", 0.6), ("yyy", 0.0)],
)
def test_the_answer_hangs_on_those_without_whom_another_would_lead_or_tie(held, share):
    seats = {str(at): choice for at, choice in enumerate(held)}
    assert sensitivity(seats) == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize("held", [{}, {"ann": "y"}])
def test_of_one_seat_nothing_hangs_on_who_else_there_is(held):
    assert sensitivity(held) is None


@given(st.dictionaries(st.text(max_size=2), st.sampled_from("abc"), min_size=2, max_size=7))
def test_pivotal_is_who_cannot_be_left_out(held):
    def leading(choices):
        votes = Counter(choices).most_common()
        return {choice for choice, count in votes if count == votes[0][1]}

    for seat in held:
        rest = [choice for other, choice in held.items() if other != seat]
        assert (seat in pivotal(held)) == (leading(rest) != leading(held.values()))


POSITIONS = (
    Position(id="a", summary="share all records", parties=("ann", "bo")),
    Position(id="b", summary="keep them", parties=("cy",)),
)


def panel(red_line: str = "", **values: dict[str, float]) -> list[Party]:
    lines = (red_line,) if red_line else ()
    return [
        Party(seat="ann", model="m", values=values.get("ann", {})),
        Party(seat="bo", model="m", values=values.get("bo", {})),
        Party(seat="cy", model="m", values=values.get("cy", {}), red_lines=lines),
    ]


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("Sharing of any records", 1 / 3),
        ("No shared record at all", 1 / 3),
        ("No tax on bread", None),
        ("", None),
    ],
)
def test_a_red_line_that_a_position_touches_is_at_stake(begin, walk, seats, line, share):
    opening = begin(panel(line), tuple(each.summary for each in POSITIONS))
    seen = walk(Debate(rounds=0), opening, seats(ann=0.9, bo=0.9, cy=0.1)).seen
    found = stakes(seen, POSITIONS, ())
    assert found == (None if share is None else pytest.approx(share, abs=1e-5))


def test_our_own_names_of_sides_touch_no_red_line(begin, walk, seats):
    opening = begin(panel("That anybody is attacked"))
    seen = walk(Debate(rounds=0), opening, seats(ann=0.9, bo=0.9, cy=0.1)).seen
    ours = [Position(id=side, summary="attacked", parties=("cy",)) for side in "ab"]
    assert stakes(seen, ours, ()) is None


def test_of_values_the_weightiest_in_tension_is_at_stake(begin, walk, seats):
    parties = panel(ann={"face": 0.4, "tradition": 1.0}, cy={"humility": 0.9})
    seen = walk(Debate(rounds=0), begin(parties), seats(ann=0.9, bo=0.9, cy=0.1)).seen
    declared = (
        Tension(value="face", position="a", parties=("ann",)),
        Tension(value="humility", position="b", parties=("cy",)),
    )
    assert stakes(seen, POSITIONS, declared) == pytest.approx((0.4 + 0.9) / 3, abs=1e-5)
    (conflict, *_) = seen.conflicts
    assert conflict.severity.stakes == pytest.approx((1.0 + 0.9) / 3, abs=1e-5)
    read = tuple(each.model_copy(update={"source": "text"}) for each in declared)
    assert stakes(seen, POSITIONS, read) is None
