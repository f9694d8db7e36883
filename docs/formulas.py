"""Formulas of the protocols' pages: plain arithmetic over named numbers, evaluated or written out.

`2*n*(r+1)`, `min(n, 3)*r`: names, whole numbers, + - * /, ** with a whole number, min and max. Nothing
else is a formula, so that nothing else is ever executed.
"""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

Monomial = tuple[tuple[str, int], ...]
"""Name → power, in the order of the names."""
Polynomial = dict[Monomial, Fraction]

_MINUS = "\N{MINUS SIGN}"
_FIRST = {"n": 0, "r": 1}
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BOUNDS: Mapping[str, Callable[..., Fraction]] = {"min": min, "max": max}


class NoFormulaError(ValueError):
    """It is no plain arithmetic."""


def value(formula: str | int, names: Mapping[str, int | Fraction]) -> Fraction:
    """What a formula comes to.

    Raises:
        NoFormulaError: it is no plain arithmetic.
        KeyError: it uses a name that is not given.
    """

    def worth(node: ast.expr) -> Fraction:
        match node:
            case ast.Name(id=name):
                return Fraction(names[name])
            case ast.Call(func=ast.Name(id="min" | "max" as bound), args=args, keywords=[]):
                return _BOUNDS[bound](*map(worth, args))
            case _:
                return _arithmetic(node, worth, Fraction)

    return worth(_parsed(formula))


def names_in(formula: str | int) -> set[str]:
    """The names that a formula uses."""
    found = {node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name)}
    return found - set(_BOUNDS)


def total(*formulas: str | int) -> str:
    """The sum of some formulas, multiplied out and written for people, largest powers first."""
    sums: Polynomial = {}
    for formula in formulas:
        sums = _plus(sums, _polynomial(_parsed(formula)))
    terms = sorted((each for each in sums.items() if each[1]), key=_place)
    written = " + ".join(_term(monomial, factor) for monomial, factor in terms)
    return written.replace("+ -", f"{_MINUS} ").replace("-", _MINUS) or "0"


def shown(formula: str | int) -> str:
    """A formula as it stands, written for people: `2·n·(r+1)`, `n²`."""
    text = str(formula).replace(" ", "").replace(",", ", ")
    for power in range(9, 1, -1):
        text = text.replace(f"**{power}", str(power).translate(_POWERS))
    return text.replace("*", "·").replace("-", _MINUS)


def _parsed(formula: str | int) -> ast.expr:
    try:
        return ast.parse(str(formula), mode="eval").body
    except SyntaxError as fault:
        raise NoFormulaError(f"{formula!r} is no formula") from fault


def _arithmetic(
    node: ast.expr, inner: Callable[[ast.expr], Any], number: Callable[[int], Any]
) -> Any:
    """What is the same for numbers and for polynomials: both can be added and multiplied."""
    match node:
        case ast.Constant(value=int() as whole) if not isinstance(whole, bool):
            return number(whole)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return number(-1) * inner(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return inner(left) + inner(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return inner(left) + number(-1) * inner(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return inner(left) * inner(right)
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=int() as whole)) if whole:
            return inner(left) * Fraction(1, whole)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            if 0 < power < 10:
                return reduce(lambda one, other: one * other, [inner(left)] * power)
    raise NoFormulaError(f"{ast.unparse(node)!r} is no plain arithmetic")


class _Terms:
    """A polynomial that can be added and multiplied."""

    def __init__(self, terms: Polynomial) -> None:
        self.terms = terms

    def __add__(self, other: "_Terms") -> "_Terms":
        return _Terms(_plus(self.terms, other.terms))

    def __mul__(self, other: "_Terms | Fraction") -> "_Terms":
        if isinstance(other, Fraction):
            return _Terms({each: factor * other for each, factor in self.terms.items()})
        found: Polynomial = {}
        for one, a in self.terms.items():
            for two, b in other.terms.items():
                powers = dict(one)
                for name, power in two:
                    powers[name] = powers.get(name, 0) + power
                found = _plus(found, {tuple(sorted(powers.items())): a * b})
        return _Terms(found)


def _polynomial(node: ast.expr) -> Polynomial:
    def expanded(inner: ast.expr) -> _Terms:
        match inner:
            case ast.Name(id=name):
                return _Terms({((name, 1),): Fraction(1)})
            case ast.Call(func=ast.Name(id="min" | "max"), keywords=[]):
                # A bound is taken as it stands, like a name.
                return _Terms({((ast.unparse(inner), 1),): Fraction(1)})
            case _:
                return _arithmetic(inner, expanded, lambda whole: _Terms({(): Fraction(whole)}))

    return expanded(node).terms


def _plus(one: Polynomial, other: Polynomial) -> Polynomial:
    return {each: one.get(each, Fraction(0)) + other.get(each, Fraction(0)) for each in one | other}


def _place(term: tuple[Monomial, Fraction]) -> tuple[int, int, list[tuple[int, str, int]]]:
    """Counts of the record after what follows from seats and rounds; constants last of those."""
    monomial, _ = term
    counted = any(name not in _FIRST for name, _ in monomial)
    names = [(_FIRST.get(name, 2), name, -power) for name, power in monomial]
    return (int(counted), -sum(power for _, power in monomial), names)


def _term(monomial: Monomial, factor: Fraction) -> str:
    ordered = sorted(monomial, key=lambda each: (_FIRST.get(each[0], 2), each[0]))
    names = [name + (str(power).translate(_POWERS) if power > 1 else "") for name, power in ordered]
    head = [str(factor.numerator)] if abs(factor.numerator) != 1 or not names else []
    sign = "-" if factor.numerator == -1 and names else ""
    below = f"/{factor.denominator}" if factor.denominator != 1 else ""
    return sign + "·".join([*head, *names]) + below
