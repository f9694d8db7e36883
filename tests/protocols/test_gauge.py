"""Kinds and severities: rules that anyone can apply again by hand."""

import pytest

from folkmoot.protocols import gauge
from folkmoot.records import Stance, Tension


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
def test_severity_is_breadth_times_intensity(sides, gaps, level, breadth, intensity):
    found = gauge.severity(sides, stances(*gaps))
    assert (found.level, found.breadth, found.intensity) == (level, breadth, intensity)


def test_the_least_level_is_a_floor():
    assert gauge.severity([4, 0], [], least=2).level == 2
    assert gauge.severity([2, 2], [], least=2).level == 3


def tension(position: str) -> Tension:
    return Tension(value="face", position=position, parties=("ann",))


@pytest.mark.parametrize(
    ("issue", "tensions", "kind"),
    [
        ("Should we share?", [tension("a"), tension("b")], "value"),
        ("Should we share?", [tension("a"), tension("a")], "preference"),
        ("Is it fair?", [], "preference"),
        ("Does it cost more?", [tension("a"), tension("b")], "factual"),
        ("Did the mustard go up?", [], "factual"),
    ],
)
def test_the_kind_is_read_from_the_words_and_the_declared_values(issue, tensions, kind):
    assert gauge.kind(issue, tensions) == kind
