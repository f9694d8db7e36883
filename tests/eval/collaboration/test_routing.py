"""Which seats a question goes to, and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel
from folkmoot.eval.collaboration import (
    AnswerSheet,
    Nearness,
    by_competence,
    by_priority,
    near_by_embeddings,
    near_by_words,
)
from folkmoot.pool import Pool
from folkmoot.records import InputError, PoolError, Reply
from tests.eval.collaboration.conftest import drawn, sheet_from

PANEL = Panel(
    [
        Agent("ann", model="m", priorities=("law", "Tax  Law")),
        Agent("bo", model="m", priorities=("medicine",)),
        Agent("cy", model="m"),
    ]
)
QUESTIONS = (
    "How many grams are in two kilograms?",
    "How many grams are in a kilogram and a half?",
    "Which court hears an appeal?",
    "Which court hears a tenant?",
)


def development() -> AnswerSheet:
    """Ann knows courts, bo knows grams, cy knows neither."""
    return sheet_from({"ann": "bbaa", "bo": "aabb", "cy": "bbbb"}, "aaaa", question=list(QUESTIONS))


def names(routed) -> tuple[str, ...]:
    return tuple(agent.name for agent in routed.panel)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ("law", ("ann",)),
        ("tax law", ("ann",)),
        (("medicine", "law"), ("ann", "bo")),
    ],
)
def test_seats_that_declare_the_task(tasks, expected):
    routed = by_priority(PANEL, tasks)
    assert names(routed) == routed.route.seats == expected
    assert routed.route.fallback == ""
    assert {each.seat for each in routed.route.left_out} == {"ann", "bo", "cy"} - set(expected)


def test_who_declares_it_is_said():
    route = by_priority(PANEL, "LAW").route
    assert [each.why for each in route.chosen] == ["declares 'law'"]
    assert route.left_out[0].why == "does not declare 'LAW'"


def test_where_nobody_declares_it_all_are_taken_and_that_is_said():
    routed = by_priority(PANEL, "music")
    assert names(routed) == ("ann", "bo", "cy")
    assert routed.route.fallback == "no seat declares 'music' among its priorities"


@pytest.mark.parametrize("tasks", ["", " ", ()])
def test_a_task_has_to_be_named(tasks):
    with pytest.raises(InputError, match="no task set is named"):
        by_priority(PANEL, tasks)


@pytest.mark.parametrize(
    ("question", "best"),
    [("How many grams are in a ton?", "bo"), ("Which court hears a landlord?", "ann")],
)
def test_the_best_on_the_nearest_items_are_chosen(question, best):
    sheet = development()
    near = near_by_words(question, sheet.items)
    routed = by_competence(PANEL, sheet, near, 1, nearest=2)
    assert names(routed) == (best,)
    (chosen,) = routed.route.chosen
    assert chosen.why == "right on 2 of 2 nearest items, on 2 of 4 in all"
    assert chosen.figures["right of the nearest"] == 2
    expected = {"i0", "i1"} if best == "bo" else {"i2", "i3"}
    assert {each.item for each in routed.route.near} == expected
    assert [each.seat for each in routed.route.left_out][-1] == "cy"


def test_the_panel_keeps_its_order_and_the_route_that_of_competence():
    sheet = development()
    near = near_by_words("How many grams are in a ton?", sheet.items)
    routed = by_competence(PANEL, sheet, near, 2, nearest=2)
    assert routed.route.seats == ("bo", "ann")
    assert names(routed) == ("ann", "bo")


def test_where_nothing_is_near_all_items_count_and_that_is_said():
    sheet = sheet_from({"bo": "ab", "ann": "aa"}, "aa", question=["one two", "two three"])
    routed = by_competence(PANEL, sheet, near_by_words("Warum?", sheet.items), 1)
    assert names(routed) == ("ann",)
    assert routed.route.fallback
    assert routed.route.near == ()


def test_who_was_not_measured_counts_as_a_guess():
    sheet = sheet_from({"ann": "bb", "bo": "aa"}, "aa", question=["one two", "one three"])
    routed = by_competence(PANEL, sheet, near_by_words("one", sheet.items), 3)
    assert routed.route.seats == ("bo", "cy", "ann")
    assert "not measured" in routed.route.chosen[1].why


def test_items_without_a_key_do_not_count_as_near():
    texts = ["weigh grams", "weigh court", "tenant court", "tenant appeal"]
    sheet = sheet_from({"ann": "aaaa", "bo": "abbb"}, "-aaa", question=texts)
    near = near_by_words("weigh grams", sheet.items)
    assert near.figures["i0"] > near.figures["i1"] > 0
    assert [each.item for each in by_competence(PANEL, sheet, near, 1).route.near] == ["i1"]


@settings(max_examples=40)
@given(
    drawn(keyed=True),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75]), min_size=8, max_size=8),
    st.integers(1, 5),
    st.integers(1, 8),
    st.randoms(use_true_random=False),
)
def test_the_same_question_goes_to_the_same_seats(sheet, figures, seats, nearest, random):
    panel = Panel(Agent(f"s{number}", model="m") for number in range(5))
    near = Nearness(
        question="q",
        by="words",
        figures={item.id: f for item, f in zip(sheet.items, figures, strict=False)},
    )
    mixed = AnswerSheet(
        items=tuple(random.sample(sheet.items, len(sheet.items))),
        answers=tuple(random.sample(sheet.answers, len(sheet.answers))),
    )
    one = by_competence(panel, sheet, near, seats, nearest=nearest).route
    other = by_competence(panel, mixed, near, seats, nearest=nearest).route
    assert one == other
    assert len(one.chosen) == seats
    assert sorted(one.seats + tuple(each.seat for each in one.left_out)) == [
        f"s{number}" for number in range(5)
    ]


@pytest.mark.parametrize("seats", [0, 4])
def test_as_many_seats_as_there_are(seats):
    sheet = development()
    with pytest.raises(InputError, match="cannot be chosen"):
        by_competence(PANEL, sheet, near_by_words("grams", sheet.items), seats)


def test_items_need_their_questions():
    with pytest.raises(InputError, match="no text to compare"):
        near_by_words("q", sheet_from({"ann": "a"}, "a").items)
    with pytest.raises(InputError, match="no development item"):
        near_by_words("q", ())


def test_the_same_text_is_nearest_of_all():
    near = near_by_words(QUESTIONS[2], development().items)
    assert near.nearest(4, ("i0", "i1", "i2", "i3"))[0] == "i2"
    assert all(0 <= figure <= 1 for figure in near.figures.values())


def vectors(call):
    assert (call.op, call.purpose) == ("embed", "embed")
    text = call.segments[0].text
    return [1.0, 0.0] if "grams" in text else [0.6, 0.8] if "court" in text else [0.0, 1.0]


async def test_nearness_by_embeddings_of_the_pool():
    near = await near_by_embeddings(
        "grams?", development().items, Pool.scripted(vectors), "embedder"
    )
    assert (near.by, near.model) == ("embeddings", "embedder")
    assert near.figures == {"i0": 1.0, "i1": 1.0, "i2": 0.6, "i3": 0.6}
    routed = by_competence(PANEL, development(), near, 1, nearest=2)
    assert routed.route.seats == ("bo",)
    assert routed.route.nearness == "embeddings of embedder"


async def test_where_a_model_cannot_embed_words_are_compared_and_that_is_said():
    def refuse(call):
        return Reply.to(call, "refused", error="this model has no embeddings")

    near = await near_by_embeddings(
        "grams?", development().items, Pool.scripted(refuse), "embedder"
    )
    assert near.by == "words"
    assert near.why == "'embedder' gave no vector: this model has no embeddings"
    assert near.figures == near_by_words("grams?", development().items).figures


async def test_a_model_that_nobody_has():
    pool = Pool.scripted(vectors, models=["other"])
    with pytest.raises(PoolError, match="unknown model"):
        await near_by_embeddings("grams?", development().items, pool, "embedder")
