"""Answer sheets, written by hand or drawn."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import strategies as st

from folkmoot.eval.collaboration import Answer, AnswerSheet, Item

OPTIONS = ("a", "b", "c", "d")


def sheet_from(
    said: Mapping[str, Sequence[str | None] | str],
    right: Sequence[str | None] | str | None = None,
    options: Sequence[str] = ("a", "b"),
    **fields: Any,
) -> AnswerSheet:
    """Seat → its choices, item by item: `{"ann": "aab"}`. "-" or None is no answer."""
    count = len(next(iter(said.values())))
    items = tuple(
        Item(
            id=f"i{place}",
            options=tuple(options),
            right=None if right is None or right[place] in ("-", None) else right[place],
            **{name: value[place] for name, value in fields.items()},
        )
        for place in range(count)
    )
    answers = tuple(
        Answer(item=f"i{place}", seat=seat, choice=None if choice in ("-", None) else choice)
        for seat, choices in said.items()
        for place, choice in enumerate(choices)
    )
    return AnswerSheet(items=items, answers=answers)


@st.composite
def drawn(draw: Any, keyed: bool = False, same: bool = False) -> AnswerSheet:
    """Any sheet of 2 to 5 seats and 1 to 8 items of 2 to 4 options, with gaps."""
    seats = [f"s{number}" for number in range(draw(st.integers(2, 5)))]
    size = draw(st.integers(2, 4))
    items: list[Item] = []
    answers: list[Answer] = []
    for number in range(draw(st.integers(1, 8))):
        options = OPTIONS[: size if same else draw(st.integers(2, 4))]
        key = st.sampled_from(options) if keyed else st.sampled_from((*options, *[None] * 6))
        items.append(Item(id=f"i{number}", options=options, right=draw(key)))
        for seat in seats:
            choice = draw(st.sampled_from((*options, None)))
            answers.append(Answer(item=f"i{number}", seat=seat, choice=choice))
    answers.append(Answer(item="i0", seat="sure", choice="a"))
    return AnswerSheet(items=tuple(items), answers=tuple(answers))


@st.composite
def shuffled_pairs(draw: Any, **how: bool) -> tuple[AnswerSheet, AnswerSheet]:
    """A sheet, and the same with items and answers in another order."""
    sheet = draw(drawn(**how))
    return sheet, AnswerSheet(
        items=tuple(draw(st.permutations(sheet.items))),
        answers=tuple(draw(st.permutations(sheet.answers))),
    )


@pytest.fixture(scope="session")
def sheet_of() -> Callable[..., AnswerSheet]:
    return sheet_from


@pytest.fixture(scope="session")
def any_sheet() -> Any:
    return drawn


@pytest.fixture(scope="session")
def two_orders() -> Any:
    return shuffled_pairs
