"""Formulas: what they come to, how they are written, and that they are nothing else."""

import re
from fractions import Fraction

import formulas
import pytest
from hypothesis import given
from hypothesis import strategies as st

POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
DIGITS = str.maketrans(POWERS, "0123456789")
NAMES = {"n": 4, "r": 3, "moved": 5}
leaves = st.one_of(st.sampled_from([*NAMES, "min(n, 3)"]), st.integers(0, 9).map(str))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda each: f"({' '.join(each)})"),
        st.tuples(inner, st.integers(1, 9)).map(lambda each: f"({each[0]} / {each[1]})"),
        st.tuples(inner, st.integers(1, 3)).map(lambda each: f"({each[0]}) ** {each[1]}"),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("formula", "comes_to"),
    [
        ("2*n*(r+1)", 32),
        ("n**2*r*(r+1)/2", 96),
        ("min(n, 3)*r - 1", 8),
        ("max(n, 7)", 7),
        ("-r + n", 1),
        ("(r+n)/2", Fraction(7, 2)),
        (7, 7),
    ],
)
def test_value(formula, comes_to):
    assert formulas.value(formula, NAMES) == comes_to


@pytest.mark.parametrize(
    ("formulas_", "written"),
    [
        (("2*n*(r+1)", "n*(r+1)", "2*n**2", "2*moved"), "2·n² + 3·n·r + 3·n + 2·moved"),
        (("n**2*r*(r+1)/2",), "n²·r²/2 + n²·r/2"),
        (("(n-1)*r",), "n·r − r"),
        (("r-1", "1"), "r"),
        (("n", "-n"), "0"),
        (("min(n, 3)*2",), "2·min(n, 3)"),
    ],
)
def test_total(formulas_, written):
    assert formulas.total(*formulas_) == written


@given(expressions, expressions)
def test_a_total_multiplied_out_comes_to_the_same(one, other):
    plain = formulas.total(one, other).replace("·", "*").replace("\N{MINUS SIGN}", "-")
    plain = re.sub(f"[{POWERS}]+", lambda found: "**" + found[0].translate(DIGITS), plain)
    plain = re.sub(r"(?<![\w*])(\d+)", r"Fraction(\1)", plain)
    names = {name: Fraction(number) for name, number in NAMES.items()}
    expected = formulas.value(one, NAMES) + formulas.value(other, NAMES)
    assert eval(plain, {**names, "Fraction": Fraction, "min": min}) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "n +",
        "open('x')",
        "n.real",
        "n ** r",
        "n / r",
        "n // 2",
        "1.5",
        "True",
        "[n]",
        "n if r else 1",
    ],
)
def test_anything_else_is_refused(formula):
    with pytest.raises(formulas.NoFormulaError):
        formulas.value(formula, NAMES)


def test_an_unknown_name_is_named():
    with pytest.raises(KeyError, match="q"):
        formulas.value("q + 1", NAMES)


def test_shown():
    assert formulas.shown("2*n**2*(r-1)") == "2·n²·(r−1)"
