"""Linear programs, solved exactly."""

from collections.abc import Sequence
from fractions import Fraction

Row = Sequence[Fraction | int]


def maximum(goal: Row, rows: Sequence[Row], bounds: Row) -> Fraction:
    """The most that goal·x can be where rows·x ≤ bounds, x ≥ 0; no bound is below 0, and there is a
    most. Dantzig's simplex with Bland's choice of pivots, which never runs in a circle.

    Shapes: goal (n,), rows (m, n), bounds (m,).
    """
    many = len(rows)
    table = [
        [
            *map(Fraction, row),
            *(Fraction(int(at == other)) for other in range(many)),
            Fraction(bound),
        ]
        for at, (row, bound) in enumerate(zip(rows, bounds, strict=True))
    ]
    table.append([*(-Fraction(each) for each in goal), *[Fraction(0)] * (many + 1)])
    basis = [len(goal) + at for at in range(many)]
    while (enters := next((at for at, v in enumerate(table[-1][:-1]) if v < 0), None)) is not None:
        ratios = [
            (row[-1] / row[enters], basis[at], at)
            for at, row in enumerate(table[:-1])
            if row[enters] > 0
        ]
        leaves = min(ratios)[2]
        basis[leaves] = enters
        _pivot(table, leaves, enters)
    return table[-1][-1]


def _pivot(table: list[list[Fraction]], at: int, column: int) -> None:
    scale = table[at][column]
    table[at] = [value / scale if value else value for value in table[at]]
    for other, row in enumerate(table):
        if other != at and row[column] != 0:
            factor = row[column]
            table[other] = [v - factor * p if p else v for v, p in zip(row, table[at], strict=True)]
