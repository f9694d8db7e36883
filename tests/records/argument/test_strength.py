"""DF-QuAD strengths by hand and by the recursion, and contributions by removal."""

import math
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.records import InputError
from folkmoot.records.argument import (
    ArgumentGraph,
    contributions,
    statuses,
    strengths,
    to_networkx,
)
from folkmoot.records.argument.strength import aggregated, combined

NAMES = "abcdefg"
SCORE = st.floats(0, 1)


def test_by_hand() -> None:
    # One attacker at 0.5: 0.5 - 0.5 * 0.5. Two: 1 - 0.5 * 0.5 = 0.75, and 0.5 - 0.5 * 0.75.
    assert strengths(ArgumentGraph.of("ab", [("a", "b")])).values == {"a": 0.5, "b": 0.25}
    assert strengths(ArgumentGraph.of("abc", [("a", "c"), ("b", "c")])).values["c"] == 0.125
    # Supporters of 0.8 and 0.5, an attacker of 0.6: 0.9 - 0.6 = 0.3, and 0.4 + 0.6 * 0.3.
    graph = ArgumentGraph.of("abct", [("c", "t")], [("a", "t"), ("b", "t")])
    base = {"a": 0.8, "b": 0.5, "c": 0.6, "t": 0.4}
    assert math.isclose(strengths(graph, base).values["t"] or 0, 0.58)
    # The same turned round: 0.4 - 0.4 * 0.3.
    graph = ArgumentGraph.of("abct", [("a", "t"), ("b", "t")], [("c", "t")])
    assert math.isclose(strengths(graph, base).values["t"] or 0, 0.28)
    # Attackers and supporters of one strength leave a claim as it was.
    graph = ArgumentGraph.of("abt", [("a", "t")], [("b", "t")])
    assert strengths(graph, {"t": 0.3}).values["t"] == 0.3


@given(st.lists(SCORE, max_size=6))
def test_the_aggregation_is_that_of_the_definition(values: list[float]) -> None:
    """Of two f(v, w) = v + (1 - v) w; of more, one after the other; of none, 0."""
    total = 0.0
    for value in values:
        total = total + (1 - total) * value
    assert math.isclose(aggregated(values), total, abs_tol=1e-12)


@given(SCORE, SCORE, SCORE)
def test_the_combination_is_that_of_the_definition(v: float, a: float, s: float) -> None:
    moved = v if a == s else v - v * abs(s - a) if a > s else v + (1 - v) * abs(s - a)
    assert combined(v, a, s) == moved
    assert 0 <= moved <= 1


@st.composite
def trees(draw: st.DrawFn) -> tuple[ArgumentGraph, dict[str, float]]:
    """Graphs whose edges lead to later claims alone, and base scores."""
    pair = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda p: p[0] < p[1])
    graph = ArgumentGraph.of(
        draw(st.permutations(NAMES)),
        draw(st.lists(pair, max_size=10)),
        draw(st.lists(pair, max_size=10)),
    )
    return graph, {name: draw(SCORE) for name in NAMES}


def recursion(graph: ArgumentGraph, base: dict[str, float], name: str) -> float:
    """The definition, word for word."""
    sides = []
    for kind in ("attack", "support"):
        sources = {edge.source for edge in graph.edges if (edge.target, edge.type) == (name, kind)}
        total = 0.0
        for source in sources:
            strength = recursion(graph, base, source)
            total = total + strength - total * strength
        sides.append(total)
    against, favour = sides
    v = base[name]
    return v - v * (against - favour) if against > favour else v + (1 - v) * (favour - against)


@settings(max_examples=100, deadline=None)
@given(trees())
def test_without_cycles_it_is_the_recursion(given_: tuple[ArgumentGraph, dict[str, float]]) -> None:
    graph, base = given_
    found = strengths(graph, base)
    assert (found.converged, found.rounds) == (True, 0)
    for name in NAMES:
        value = found.values[name]
        assert value is not None
        assert math.isclose(value, recursion(graph, base, name), abs_tol=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14),
)
def test_with_cycles_what_has_a_strength_is_at_a_fixpoint(
    attacks: list[tuple[str, str]], supports: list[tuple[str, str]]
) -> None:
    graph = ArgumentGraph.of(NAMES, attacks, supports)
    found = strengths(graph, at_most=300)
    assert found.converged == (None not in found.values.values())
    for name, value in found.values.items():
        sides = [
            [found.values[each] for each in graph.sources(kind)[name]]
            for kind in ("attack", "support")
        ]
        if value is None:
            continue
        # A strength depends on strengths alone.
        assert all(each is not None for side in sides for each in side)
        again = combined(0.5, *(aggregated(each or 0 for each in side) for side in sides))
        assert abs(again - value) < 1e-7
        assert 0 <= value <= 1


def test_cycles_that_come_to_rest() -> None:
    # s = 0.5 - 0.5 s has the solution 1/3; s = 0.5 + 0.5 s has 1.
    both = [("a", "b"), ("b", "a")]
    attack = strengths(ArgumentGraph.of("ab", both))
    assert attack.converged
    assert 1 < attack.rounds < 60
    assert math.isclose(attack.values["a"] or 0, 1 / 3, abs_tol=1e-8)
    support = strengths(ArgumentGraph.of("ab", (), both))
    assert math.isclose(support.values["a"] or 0, 1.0, abs_tol=1e-8)


def test_no_fixpoint_is_a_result() -> None:
    # From 1 and 1 to 0 and 0, and back: the two never come to rest.
    graph = ArgumentGraph.of("abcd", [("a", "b"), ("b", "a"), ("b", "c")])
    found = strengths(graph, 1.0)
    assert (found.converged, found.rounds, found.at_most) == (False, 1000, 1000)
    assert found.values == {"a": None, "b": None, "c": None, "d": 1.0}


def test_ten_that_all_attack_each_other_have_no_fixpoint_at_the_usual_base() -> None:
    names = "abcdefghij"
    every = [(one, other) for one in names for other in names if one != other]
    assert not strengths(ArgumentGraph.of(names, every)).converged
    assert strengths(ArgumentGraph.of(names, every), 0.1).converged


def test_the_bound_and_the_tolerance_are_those_given() -> None:
    graph = ArgumentGraph.of("ab", [("a", "b"), ("b", "a")])
    short = strengths(graph, at_most=3)
    assert (short.converged, short.rounds, short.values) == (False, 3, {"a": None, "b": None})
    coarse = strengths(graph, tolerance=0.2)
    assert (coarse.converged, coarse.rounds) == (True, 2)


def test_a_long_chain_needs_no_rounds() -> None:
    names = [str(number) for number in range(1500)]
    graph = ArgumentGraph.of(names, pairwise(names))
    found = strengths(graph, at_most=1)
    assert (found.converged, found.rounds) == (True, 0)
    assert math.isclose(found.values["1499"] or 0, 1 / 3)


def test_parallel_edges_count_once() -> None:
    once, twice = ([("a", "b")] * times for times in (1, 2))
    assert strengths(ArgumentGraph.of("ab", once)) == strengths(ArgumentGraph.of("ab", twice))


PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=10)


@settings(max_examples=100, deadline=None)
@given(PAIRS, PAIRS, PAIRS, st.sampled_from(NAMES))
def test_that_claims_restate_each_other_counts_for_nothing(
    attacks, supports, restates, topic: str
) -> None:
    """To the last bit and round: what restates a claim does not depend on it."""
    without = ArgumentGraph.of(NAMES, attacks, supports)
    graph = ArgumentGraph.of(NAMES, attacks, supports, restates)
    assert strengths(graph, at_most=200) == strengths(without, at_most=200)
    assert contributions(graph, topic, at_most=200) == contributions(without, topic, at_most=200)


def test_a_claim_that_restates_what_it_acts_on_makes_no_cycle() -> None:
    graph = ArgumentGraph.of("ab", [("a", "b")], restates=[("b", "a")])
    found = strengths(graph, at_most=1)
    assert (found.converged, found.rounds, found.values) == (True, 0, {"a": 0.5, "b": 0.25})


def test_base_scores_are_checked() -> None:
    graph = ArgumentGraph.of("a")
    for wrong in (1.5, -0.1, math.nan, {"a": 2.0}):
        with pytest.raises(InputError, match="base score of 'a'"):
            strengths(graph, wrong)
    with pytest.raises(InputError, match="no claim 'b'"):
        strengths(graph, {"b": 0.5})


def test_contributions_by_hand() -> None:
    # t is attacked by a, which b attacks; c supports t; d does nothing.
    graph = ArgumentGraph.of("abcdt", [("a", "t"), ("b", "a")], [("c", "t")])
    found = {each.claim: each for each in contributions(graph, "t")}
    assert set(found) == set("abcd")
    # With all: a is 0.25, so 0.5 + 0.5 * (0.5 - 0.25) = 0.625. Without a: 0.75. Without b: a is 0.5,
    # as strong as c, so 0.5. Without c: 0.5 - 0.5 * 0.25.
    by_hand = {"a": -0.125, "b": 0.125, "c": 0.25, "d": 0.0}
    assert {name: each.strength for name, each in found.items()} == by_hand
    assert [(each.status, each.status_without) for each in found.values()] == [
        ("in", "in"),
        ("in", "out"),
        ("in", "in"),
        ("in", "in"),
    ]
    assert [name for name, each in found.items() if each.changes_status] == ["b"]


def test_what_has_no_strength_has_no_contribution() -> None:
    graph = ArgumentGraph.of("abt", [("a", "b"), ("b", "a"), ("a", "t")])
    found = {each.claim: each for each in contributions(graph, "t", 1.0)}
    assert {name: each.strength for name, each in found.items()} == {"a": None, "b": None}
    assert found["b"].status == "undecided"
    assert found["b"].status_without == "out"


def test_base_scores_go_with_their_claims() -> None:
    graph = ArgumentGraph.of("ab", [("a", "b")])
    (only,) = contributions(graph, "b", {"a": 1.0, "b": 0.8})
    assert only.strength == -0.8
    with pytest.raises(InputError, match="no claim 'z'"):
        contributions(graph, "z")


@settings(max_examples=100, deadline=None)
@given(trees(), st.sampled_from(NAMES))
def test_a_claim_that_does_not_lead_to_the_topic_contributes_nothing(
    given_: tuple[ArgumentGraph, dict[str, float]], topic: str
) -> None:
    graph, base = given_
    leads = nx.ancestors(to_networkx(graph), topic)
    for each in contributions(graph, topic, base):
        if each.claim not in leads:
            assert each.strength == 0
            assert not each.changes_status


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6),
    st.sampled_from(NAMES),
)
def test_contributions_are_those_of_removal(attacks, supports, topic: str) -> None:
    """Every claim is taken away in turn, those that lead nowhere near the topic, too."""
    graph = ArgumentGraph.of(NAMES, attacks, supports)
    whole = strengths(graph).values[topic]
    for each in contributions(graph, topic):
        rest = graph.without(each.claim)
        without = strengths(rest).values[topic]
        expected = None if whole is None or without is None else whole - without
        assert each.strength == expected
        assert (each.status, each.status_without) == (statuses(graph)[topic], statuses(rest)[topic])


@pytest.mark.timeout(60)
def test_many_claims_that_do_not_lead_to_the_topic_take_no_long_time() -> None:
    names = [str(number) for number in range(2000)]
    graph = ArgumentGraph.of(names, pairwise(names))
    found = contributions(graph, "3")
    assert [each.claim for each in found if each.strength] == ["0", "1", "2"]
