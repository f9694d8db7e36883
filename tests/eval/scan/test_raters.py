"""Agreement between annotators, against values from the literature and worked out by hand."""

import importlib.util

import pytest

from folkmoot.eval.scan.raters import (
    Annotated,
    Rating,
    agreement_of,
    alpha,
    alpha_interval,
    kappa,
)
from folkmoot.records.annotations import About, Annotation

AT = "2026-01-01T00:00:00.000+00:00"


def annotation(
    n: int, by: str, message: str, label: str | None, value: Rating | None = None, **more
):
    fields = {"about": About(what="message", id=message), "label": label, "value": value} | more
    return Annotation(id=f"a{n}", at=AT, by=by, **fields)


def test_kappa_of_two_raters_by_hand() -> None:
    """Fifty things: both yes 20, both no 15, five and ten apart. po = 0.7, pe = 0.5, κ = 0.4."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = kappa(pairs)
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert 0.1 < found.low < 0.4 < found.high < 0.7
    assert kappa([(True, True), (True, True)]) is None
    if importlib.util.find_spec("sklearn") is not None:
        from sklearn.metrics import cohen_kappa_score

        assert found.value == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


def test_alpha_of_the_literature() -> None:
    """Krippendorff 2011, example C: four observers, twelve units, nominal α = 0.743 and interval 0.849."""
    rows = (
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    columns = zip(*(row.split() for row in rows), strict=True)
    units = [[int(value) for value in unit if value != "."] for unit in columns]
    units = [unit for unit in units if len(unit) > 1]
    nominal, interval = alpha(units), alpha_interval(units)
    assert nominal is not None
    assert interval is not None
    assert nominal.value == pytest.approx(0.743, abs=5e-4)
    assert interval.value == pytest.approx(0.849, abs=5e-4)
    assert nominal.low < nominal.value < nominal.high
    assert alpha([["a", "a"], ["a", "a"]]) is None
    assert alpha_interval([[1, 1], [1, 1]]) is None


def test_what_counts_is_what_stands_of_people_alone() -> None:
    said = (
        annotation(1, "ann", "M1", "bad", True),
        annotation(2, "bo", "M1", "bad", False),
        annotation(3, "bo", "M1", "bad", True, kind="correction", corrects="a2", reason="slip"),
        annotation(4, "ann", "M2", "bad", False),
        annotation(5, "bo", "M2", "bad", False),
        annotation(6, "scanner:x/1", "M1", "bad", False, kind="finding"),
        annotation(7, "ann", "M3", "bad", True),
        annotation(8, "ann", "M4", "alone", True),
    )
    (found,) = agreement_of([Annotated("r1", said)])
    assert (found.label, found.annotators, found.n) == ("bad", ("ann", "bo"), 2)
    assert found.measure == "cohen_kappa"
    assert found.value is not None
    assert found.value.value == 1
    # A copy of the record, annotated by somebody else, is the same thing.
    copied = [
        Annotated("r1", said),
        Annotated("r1", (annotation(1, "cy", "M2", "bad", True),)),
    ]
    (found,) = agreement_of(copied)
    assert (found.annotators, found.measure, found.n) == (
        ("ann", "bo", "cy"),
        "krippendorff_alpha",
        2,
    )
    other = [Annotated("r1", said[:1]), Annotated("r2", (annotation(1, "bo", "M1", "bad", True),))]
    assert agreement_of(other) == ()


def test_a_label_without_values_is_given_or_not() -> None:
    said = (
        annotation(1, "ann", "M1", "vague"),
        annotation(2, "bo", "M1", "vague"),
        annotation(3, "ann", "M2", "vague"),
        annotation(4, "bo", "M2", "clear"),
        annotation(5, "ann", "M3", "clear"),
        annotation(6, "bo", "M3", "clear"),
    )
    clear, vague = agreement_of([Annotated("r", said)])
    assert (clear.label, vague.label) == ("clear", "vague")
    assert clear.n == vague.n == 3
    assert clear.same is not None
    assert clear.same.value == pytest.approx(2 / 3)
    assert vague.value is not None
    assert vague.value.value == pytest.approx(0.4)  # po 2/3, pe 4/9


def test_figures_are_as_far_apart_as_they_differ() -> None:
    said = [annotation(1, "ann", f"M{n}", "score", float(n)) for n in range(5)]
    said += [annotation(1, "bo", f"M{n}", "score", n + 0.5) for n in range(5)]
    unlike = [each.model_copy(update={"id": f"a{n}"}) for n, each in enumerate(said, 1)]
    (found,) = agreement_of([Annotated("r", unlike)])
    assert found.measure == "krippendorff_alpha_interval"
    assert found.value is not None
    assert found.value.value > 0.9
    assert found.same is not None
    assert found.same.value == 0
