"""Systems over sealed answers, growth, copies, and malicious members."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.eval.collaboration.competence import by_task as competences
from folkmoot.eval.participation.growth import attacked, diversity, growth, overall, panels, turned
from folkmoot.eval.participation.systems import alone, by_rule, declared, measured
from folkmoot.records import InputError
from tests.eval.participation.tables import drawn, item, table

MEMBERS = ("ann", "bo", "cy")


def test_plurality_and_soft_part_where_the_few_are_surer():
    items = [item(1)]
    answers = table(items, {"ann": ["red"], "bo": ["green"], "cy": ["green"]})
    answers.answers[items[0].name]["ann"].shares.update(
        {"red": 0.97, "green": 0.01, "blue": 0.01, "grey": 0.01}
    )
    for name in ("bo", "cy"):
        answers.answers[items[0].name][name].shares.update(
            {"red": 0.3, "green": 0.4, "blue": 0.2, "grey": 0.1}
        )
    assert by_rule("plurality").scores(answers, MEMBERS) == [0.0]
    assert by_rule("soft").scores(answers, MEMBERS) == [1.0]


def test_a_tie_is_half_right():
    items = [item(1)]
    answers = table(items, {"ann": ["red"], "bo": ["green"]})
    assert by_rule("plurality").scores(answers, ("ann", "bo")) == [0.5]


def test_who_gives_no_answer_is_not_counted():
    items = [item(1), item(2)]
    answers = table(items, {"ann": ["red", None], "bo": [None, None]})
    assert by_rule("plurality").scores(answers, ("ann", "bo")) == [1.0, 0.0]


def test_the_competent_outweigh_the_many():
    learned = [item(n) for n in range(30)]
    before = table(learned, {"ann": ["red"] * 30, "bo": ["green"] * 30, "cy": ["green"] * 30})
    known = competences(before.sheet())
    items = [item(99)]
    answers = table(items, {"ann": ["red"], "bo": ["green"], "cy": ["green"]})
    assert by_rule("competence", known).scores(answers, MEMBERS) == [1.0]
    assert measured(known).scores(answers, MEMBERS) == [1.0]
    assert by_rule("plurality").scores(answers, MEMBERS) == [0.0]


def test_a_member_whose_priority_it_is_answers_alone_and_all_do_where_nobody_claims_it():
    items = [item(1, "sums"), item(2, "poems")]
    answers = table(items, {"ann": ["red", "red"], "bo": ["green"] * 2, "cy": ["green"] * 2})
    system = declared({"ann": ("sums",), "bo": (), "cy": ("maps",)})
    assert system.scores(answers, MEMBERS) == [1.0, 0.0]


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(MEMBERS), seed=st.integers(0, 99))
def test_no_system_minds_the_order_of_its_members(order, seed):
    items = [item(n) for n in range(6)]
    answers = drawn(items, {"ann": 0.7, "bo": 0.5, "cy": 0.2}, seed)
    known = competences(answers.sheet())
    for system in (
        by_rule("plurality"),
        by_rule("soft"),
        by_rule("competence", known),
        measured(known),
    ):
        assert system.scores(answers, order) == system.scores(answers, MEMBERS)


def test_one_model_is_a_system_too():
    items = [item(1)]
    answers = table(items, {"ann": ["red"], "bo": ["green"]})
    assert alone("bo").scores(answers, ("ann",)) == [0.0]


def test_a_rule_that_cannot_count_them_is_refused():
    with pytest.raises(InputError, match="approval"):
        by_rule("approval")
    with pytest.raises(InputError, match="competence"):
        by_rule("competence")


def test_the_mean_is_over_tasks():
    items = [item(1, "a"), item(2, "a"), item(3, "a"), item(4, "b")]
    assert overall(items, [1.0, 1.0, 1.0, 0.0]) == 0.5


def test_panels_are_all_there_are_or_drawn():
    names = tuple("abcdefghijkl")
    assert panels(names, 2, 0) != []
    assert len(panels(names, 12)) == 1
    assert panels(names[:4], 2) == list(itertools.combinations(names[:4], 2))
    many = panels(names, 6)
    assert len(set(many)) == 60
    assert all(len(set(each)) == 6 and list(each) == sorted(each) for each in many)
    assert many == panels(names, 6)
    assert many != panels(names, 6, 1)


def test_competent_strangers_grow_better_together():
    """Condorcet: with independent members right more often than not, more are better."""
    items = [item(n) for n in range(120)]
    names = [f"m{n}" for n in range(7)]
    answers = drawn(items, dict.fromkeys(names, 0.6), seed=2)
    one, three, seven = growth(answers, names, by_rule("plurality"), (1, 3, 7))
    assert one.accuracy < three.accuracy < seven.accuracy
    assert one.beats_best_member == 0
    assert seven.beats_best_member == 1
    assert (one.panels, three.panels, seven.panels) == (7, 35, 1)
    assert growth(answers, names, by_rule("plurality"), (8,)) == ()


def test_copies_are_no_strangers():
    items = [item(n) for n in range(60)]
    names = [f"m{n}" for n in range(8)]
    answers = drawn(items, dict.fromkeys(names, 0.55), seed=3)
    copies, strangers = diversity(answers, names, ((1, 8), (8, 1)), times=6)
    assert (copies.distinct, copies.copies) == (1, 8)
    assert strangers.accuracy > copies.accuracy


def test_the_malicious_name_what_they_think_least_likely():
    items = [item(1)]
    answers = table(items, {"ann": ["red"], "bo": ["red"]}, sure=0.7)
    answers.answers[items[0].name]["ann"].shares.update({"grey": 0.01, "blue": 0.19})
    bad = turned(answers, ["ann"])
    assert bad.answers[items[0].name]["ann"].shares["grey"] == 1.0
    assert bad.answers[items[0].name]["bo"] == answers.answers[items[0].name]["bo"]
    assert answers.answers[items[0].name]["ann"].shares["grey"] == 0.01, "the record stays"


def test_an_oracle_that_masks_brings_all_back():
    items = [item(n) for n in range(40)]
    names = [f"m{n}" for n in range(5)]
    answers = drawn(items, dict.fromkeys(names, 0.9), seed=4)

    def oracle(bad, members):
        return [m for m in members if bad.answers[items[0].name][m].shares[_worst(answers, m)] == 1]

    def _worst(table, member):
        given = table.answers[items[0].name][member].shares
        return min(given, key=given.__getitem__)

    rows = attacked(answers, names, by_rule("soft"), (1, 2, 9), oracle, times=5)
    assert [row.malicious for row in rows] == [1, 2], "not more than there are"
    for row in rows:
        assert row.found == 1
        assert row.wrongly == 0
        assert row.masked > row.accuracy
    bare = attacked(answers, names, by_rule("soft"), (1,), times=5)[0]
    assert bare.masked is None
    assert bare.accuracy == rows[0].accuracy
