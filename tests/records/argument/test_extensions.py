"""Extensions, held against their definitions over all sets of claims."""

from collections.abc import Iterator
from itertools import chain, combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.records import InputError
from folkmoot.records.argument import (
    ArgumentGraph,
    admissible,
    conflict_free,
    grounded,
    preferred,
    statuses,
)

Sets = set[frozenset[str]]
NAMES = "abcdefg"


@st.composite
def frameworks(draw: st.DrawFn, most: int = 7) -> ArgumentGraph:
    names = NAMES[: draw(st.integers(1, most))]
    pair = st.tuples(st.sampled_from(names), st.sampled_from(names))
    attacks = draw(st.lists(pair, max_size=3 * most))
    supports, restates = (draw(st.lists(pair, max_size=3)) for _ in range(2))
    return ArgumentGraph.of(names, attacks, supports, restates)


def numbered(size: int) -> st.SearchStrategy[ArgumentGraph]:
    """Larger graphs, too many for all sets of their claims."""
    names = [str(number) for number in range(size)]
    pair = st.tuples(st.sampled_from(names), st.sampled_from(names))
    return st.builds(ArgumentGraph.of, st.just(names), st.lists(pair, max_size=2 * size))


def every(graph: ArgumentGraph) -> Iterator[frozenset[str]]:
    sizes = range(len(graph.ids) + 1)
    return map(frozenset, chain.from_iterable(combinations(graph.ids, n) for n in sizes))


def attacks(graph: ArgumentGraph) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges if edge.type == "attack"}


def defended(graph: ArgumentGraph, held: frozenset[str]) -> frozenset[str]:
    """Dung's characteristic function, word for word."""
    pairs = attacks(graph)
    return frozenset(
        claim
        for claim in graph.ids
        if all(any((one, by) in pairs for one in held) for by, on in pairs if on == claim)
    )


def free(graph: ArgumentGraph, held: frozenset[str]) -> bool:
    return not any(one in held and other in held for one, other in attacks(graph))


def by_definition(graph: ArgumentGraph) -> tuple[Sets, Sets, frozenset[str]]:
    """All admissible sets, all preferred ones, and the grounded one."""
    good = {held for held in every(graph) if free(graph, held) and held <= defended(graph, held)}
    best = {held for held in good if not any(held < other for other in good)}
    fixed = [held for held in every(graph) if held == defended(graph, held)]
    return good, best, min(fixed, key=len)


@settings(max_examples=300, deadline=None)
@given(frameworks())
def test_extensions_are_those_of_the_definitions(graph: ArgumentGraph) -> None:
    good, best, least = by_definition(graph)
    assert {held for held in every(graph) if admissible(graph, held)} == good
    assert {held for held in every(graph) if conflict_free(graph, held)} == {
        held for held in every(graph) if free(graph, held)
    }
    assert grounded(graph) == least
    found = preferred(graph)
    assert set(found) == best
    assert len(found) == len(best)


@settings(max_examples=200, deadline=None)
@given(frameworks())
def test_statuses_are_those_of_the_grounded_extension(graph: ArgumentGraph) -> None:
    held = grounded(graph)
    beaten = {target for source, target in attacks(graph) if source in held}
    assert statuses(graph) == {
        name: "in" if name in held else "out" if name in beaten else "undecided"
        for name in graph.ids
    }


def by_rounds(graph: ArgumentGraph) -> dict[str, str]:
    """The statuses as they follow from each other, looked at again until nothing changes."""
    found = dict.fromkeys(graph.ids, "undecided")
    pairs, before = attacks(graph), None
    while before != found:
        before = dict(found)
        for name in graph.ids:
            against = [found[by] for by, on in pairs if on == name]
            if all(each == "out" for each in against):
                found[name] = "in"
            elif "in" in against:
                found[name] = "out"
    return found


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 25).flatmap(numbered))
def test_statuses_are_those_of_the_rounds(graph: ArgumentGraph) -> None:
    assert list(statuses(graph).items()) == list(by_rounds(graph).items())


@pytest.mark.timeout(60)
def test_a_long_chain_takes_no_long_time() -> None:
    names = [str(number) for number in range(20_000)]
    for order in (names, names[::-1]):
        graph = ArgumentGraph.of(order, pairwise(names))
        assert list(statuses(graph)) == order
        assert grounded(graph) == set(names[::2])
        assert admissible(graph, names[::2])


@settings(max_examples=100, deadline=None)
@given(frameworks())
def test_every_preferred_extension_holds_the_grounded_one(graph: ArgumentGraph) -> None:
    assert all(grounded(graph) <= held for held in preferred(graph))


def test_the_textbook_cases() -> None:
    chain_of_three = ArgumentGraph.of("abc", [("a", "b"), ("b", "c")])
    assert grounded(chain_of_three) == {"a", "c"}
    even = ArgumentGraph.of("ab", [("a", "b"), ("b", "a")])
    assert grounded(even) == frozenset()
    assert set(preferred(even)) == {frozenset("a"), frozenset("b")}
    odd = ArgumentGraph.of("abc", [("a", "b"), ("b", "c"), ("c", "a")])
    assert preferred(odd) == (frozenset(),)
    assert preferred(ArgumentGraph()) == (frozenset(),)


def test_what_attacks_a_claim_does_not_attack_what_restates_it() -> None:
    graph = ArgumentGraph.of("abc", [("a", "b")], restates=[("c", "b"), ("a", "c")])
    assert grounded(graph) == {"a", "c"}
    assert conflict_free(graph, {"b", "c"})


def test_supports_defend_nothing() -> None:
    graph = ArgumentGraph.of("abc", [("a", "b")], [("c", "b")])
    assert grounded(graph) == {"a", "c"}
    assert preferred(graph) == (frozenset("ac"),)


def test_two_attacks_of_one_claim_on_another_are_one() -> None:
    assert grounded(ArgumentGraph.of("ab", [("a", "b"), ("a", "b")])) == {"a"}


def pairs_of(number: int) -> ArgumentGraph:
    """Claims that attack each other two by two."""
    names = [f"{side}{at}" for at in range(number) for side in "ab"]
    both = [(f"a{at}", f"b{at}") for at in range(number)]
    return ArgumentGraph.of(names, [*both, *((b, a) for a, b in both)])


def test_there_are_as_many_as_there_are_choices() -> None:
    found = preferred(pairs_of(10))
    assert len(set(found)) == len(found) == 2**10
    assert all(len(held) == 10 for held in found)


@pytest.mark.timeout(60)
def test_a_ring_of_the_largest_size_takes_no_long_time() -> None:
    """Its preferred extensions are its maximal independent sets: the 30th Perrin number of them."""
    ring = [(str(at), str((at + 1) % 30)) for at in range(30)]
    names = [name for name, _ in ring]
    found = preferred(ArgumentGraph.of(names, [*ring, *((b, a) for a, b in ring)]))
    assert len(set(found)) == len(found) == 4610


def test_over_the_bound_is_an_error_and_what_is_decided_does_not_count() -> None:
    with pytest.raises(InputError, match=r"32 claims are undecided: .* for up to 30"):
        preferred(pairs_of(16))
    with pytest.raises(InputError, match=r"2 claims are undecided: .* for up to 1"):
        preferred(pairs_of(1), at_most=1)
    names = [str(number) for number in range(101)]
    long = ArgumentGraph.of(names, pairwise(names))
    assert preferred(long, at_most=0) == (frozenset(names[::2]),)


def test_a_claim_that_is_none_is_refused() -> None:
    for check in (admissible, conflict_free):
        with pytest.raises(InputError, match="no claim 'z'"):
            check(ArgumentGraph.of("a"), {"z"})
