"""Claims that restate one another: what of a record says so, and the graph in which they are one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.records import Restatement, Span, Transcript, Turn, span
from folkmoot.records.argument import (
    ArgumentGraph,
    Claim,
    Edge,
    EdgeType,
    argument_graph,
    contributions,
    from_networkx,
    strengths,
    to_networkx,
)

NAMES = "abcdef"


def whole(said: Turn) -> Span:
    return span(said, 0, len(said.text))


def restated(first: Span, second: Span, probability: float = 0.75, **more: object) -> Restatement:
    given = {"step": 4, "order": 0, "id": "p1", "layer": "clerk", "model": "m", "calls": ()}
    return Restatement.model_validate(
        {**given, "first": first, "second": second, "probability": probability, **more}
    )


def graph_of(run, *more: Restatement | Turn, **chosen) -> ArgumentGraph:
    return argument_graph(Transcript(run.opening, (*run.transcript, *more)), **chosen)


def told(graph: ArgumentGraph) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.type, edge.target) for edge in graph.edges]


def test_the_later_claim_restates_the_earlier(run) -> None:
    first, later = (run.transcript.turn(name) for name in ("M1", "M3"))
    graph = graph_of(run, restated(whole(first), span(later, 0, 18)))
    assert graph.ids == ("M1", "M2", "M3", "M3:0-18")
    (edge,) = graph.edges
    assert edge == Edge(
        id="e1",
        source="M3:0-18",
        target="M1",
        type="restate",
        layer="clerk",
        weight=0.75,
        by=None,
        record="p1",
    )
    assert from_networkx(to_networkx(graph)) == graph
    assert graph.sources("restate")["M1"] == {"M3:0-18"}
    assert graph.sources("support")["M1"] == graph.sources("attack")["M1"] == frozenset()


def test_what_is_less_likely_than_not_restates_nothing(run) -> None:
    first, later = (whole(run.transcript.turn(name)) for name in ("M1", "M3"))
    piece = span(run.transcript.turn("M3"), 0, 18)
    assert [edge.weight for edge in graph_of(run, restated(first, later, 0.5)).edges] == [0.5]
    under = graph_of(run, restated(first, piece, 0.49))
    assert (under.edges, under.ids) == ((), ("M1", "M2", "M3"))


def test_layers_and_weights_choose(run) -> None:
    one, two, three = (whole(run.transcript.turn(name)) for name in ("M1", "M2", "M3"))
    more = (
        restated(one, two, 0.6),
        restated(two, three, 0.9, id="p2", order=1, layer="llm"),
    )
    records = [edge.record for edge in graph_of(run, *more).edges]
    assert records == ["p1", "p2"]
    for chosen, expected in (
        ({"layers": ("clerk",)}, ["p1"]),
        ({"layers": ("llm",)}, ["p2"]),
        ({"layers": ("rule", "protocol_act")}, []),
        ({"at_least": 0.7}, ["p2"]),
    ):
        assert [edge.record for edge in graph_of(run, *more, **chosen).edges] == expected


def test_what_is_about_silence_is_no_edge(run) -> None:
    first = run.transcript.turn("M1")
    silent = first.model_copy(update={"id": "M4", "step": 3, "text": "... !"})
    assert graph_of(run, silent, restated(whole(first), whole(silent))).edges == ()


def test_an_abstract_graph_has_them_last() -> None:
    graph = ArgumentGraph.of("ab", [("a", "b")], [("b", "a")], [("b", "a")])
    assert told(graph) == [("a", "attack", "b"), ("b", "support", "a"), ("b", "restate", "a")]
    assert [edge.id for edge in graph.edges] == ["e1", "e2", "e3"]


def pieces(*edges: tuple[str, EdgeType, str]) -> ArgumentGraph:
    """M1 and M2, each with two pieces."""
    claims: list[Claim] = []
    for message in ("M1", "M2"):
        given = {"message": message, "message_sha256": "0" * 64}
        claims.append(Claim(id=message, text="a b"))
        for start, text in ((0, "a"), (2, "b")):
            where = Span(start=start, end=start + 1, exact=text, **given)
            claims.append(Claim(id=f"{message}:{start}-{start + 1}", text=text, span=where))
    return ArgumentGraph(
        claims=tuple(claims),
        edges=tuple(
            Edge(id=f"e{number}", source=source, type=type, target=target)
            for number, (source, type, target) in enumerate(edges, 1)
        ),
    )


def test_folding_takes_what_restates_within_a_message() -> None:
    graph = pieces(("M1:2-3", "restate", "M1:0-1"), ("M2:0-1", "restate", "M1:0-1"))
    assert told(graph.folded()) == [("M2", "restate", "M1")]


def test_merging_keeps_the_earliest_and_gives_it_what_all_do() -> None:
    graph = ArgumentGraph.of(
        "xbacy",
        attacks=[("a", "x"), ("c", "x"), ("y", "c"), ("a", "b"), ("y", "y")],
        supports=[("c", "a"), ("x", "c")],
        restates=[("c", "a"), ("a", "b")],
    )
    merged = graph.merged()
    # b stands before a and c among the claims, and c restates it by way of a alone.
    assert merged.ids == ("x", "b", "y")
    assert merged.claims == tuple(graph.claim(name) for name in "xby")
    assert [(edge.id, edge.source, edge.type, edge.target) for edge in merged.edges] == [
        ("e1", "b", "attack", "x"),
        ("e2", "b", "attack", "x"),
        ("e3", "y", "attack", "b"),
        ("e5", "y", "attack", "y"),
        ("e7", "x", "support", "b"),
    ]


def test_a_claim_that_attacks_itself_still_does_once_merged() -> None:
    merged = ArgumentGraph.of("ab", [("b", "b")], restates=[("b", "a"), ("a", "a")]).merged()
    assert told(merged) == [("a", "attack", "a")]


def test_edges_lighter_than_asked_for_merge_nothing() -> None:
    ends = (("b", "a", 0.9), ("c", "b", 0.6), ("d", "c", 0.5), ("d", "a", 0.2))
    graph = ArgumentGraph(
        claims=tuple(Claim(id=name, text=name) for name in "abcd"),
        edges=tuple(
            Edge(
                id=f"{source}{target}", source=source, target=target, type="restate", weight=weight
            )
            for source, target, weight in ends
        ),
    )
    assert graph.merged().ids == ("a",)
    assert graph.merged().edges == ()
    surer = graph.merged(0.6)
    assert surer.ids == ("a", "d")
    # What is too light to merge claims that others merged leads to the claim that stands for them.
    assert [(edge.id, edge.source, edge.target) for edge in surer.edges] == [
        ("dc", "d", "a"),
        ("da", "d", "a"),
    ]
    assert graph.merged(0.95) == graph


def test_a_piece_is_merged_and_its_message_stays() -> None:
    graph = pieces(
        ("M2:0-1", "restate", "M1:2-3"),
        ("M2:0-1", "support", "M1:0-1"),
        ("M2:2-3", "attack", "M1:0-1"),
        ("M2", "attack", "M1"),
    )
    merged = graph.merged()
    assert merged.ids == ("M1", "M1:0-1", "M1:2-3", "M2", "M2:2-3")
    # The point is M1's now, which does not support itself; what else M2 says is M2's.
    assert told(merged.folded()) == [("M2", "attack", "M1"), ("M2", "attack", "M1")]
    assert graph.folded().merged().ids == ("M1",)


def test_pieces_stay_where_their_message_is_merged() -> None:
    graph = pieces(("M2", "restate", "M1:0-1"), ("M2:0-1", "attack", "M1"))
    merged = graph.merged()
    assert merged.ids == ("M1", "M1:0-1", "M1:2-3", "M2:0-1", "M2:2-3")
    assert told(merged.folded()) == [("M2:0-1", "attack", "M1")]


def test_two_pieces_of_one_message_that_another_claim_ties_are_one() -> None:
    graph = pieces(
        ("M2", "restate", "M1:0-1"), ("M2", "restate", "M1:2-3"), ("M1:2-3", "support", "M1:0-1")
    )
    assert graph.merged().ids == ("M1", "M1:0-1", "M2:0-1", "M2:2-3")
    assert graph.merged().edges == ()


def test_a_changed_copy_merges_to_its_own_first_claim() -> None:
    graph = ArgumentGraph.of("ab", restates=[("b", "a")])
    assert graph.claim("b").id == "b"
    turned = graph.model_copy(update={"claims": graph.claims[::-1]})
    assert (graph.merged().ids, turned.merged().ids) == (("a",), ("b",))


PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6)


@st.composite
def graphs(draw: st.DrawFn) -> ArgumentGraph:
    """Claims in any order, with edges of all types and, those that restate, of any weight."""
    graph = ArgumentGraph.of(draw(st.permutations(NAMES)), draw(PAIRS), draw(PAIRS), draw(PAIRS))
    weighed = tuple(
        edge.model_copy(update={"weight": draw(st.sampled_from((0.3, 0.5, 0.8, 1.0)))})
        if edge.type == "restate"
        else edge
        for edge in graph.edges
    )
    return graph.model_copy(update={"edges": weighed})


AT_LEAST = st.sampled_from((0.3, 0.5, 0.6, 1.0))


def stands_for(graph: ArgumentGraph, at_least: float) -> dict[str, str]:
    """Claim → the earliest of those that it is one with: handed on until nothing changes."""
    place = {name: at for at, name in enumerate(graph.ids)}
    found = {name: name for name in graph.ids}
    before = None
    while before != found:
        before = dict(found)
        for edge in graph.edges:
            if edge.type == "restate" and edge.weight >= at_least:
                ends = (edge.source, edge.target)
                first = min((found[end] for end in ends), key=place.__getitem__)
                found |= dict.fromkeys(ends, first)
    return found


@settings(max_examples=200, deadline=None)
@given(graphs(), AT_LEAST)
def test_merging_is_that_of_the_definition(graph: ArgumentGraph, at_least: float) -> None:
    stands = stands_for(graph, at_least)
    merged = graph.merged(at_least)
    assert merged.claims == tuple(each for each in graph.claims if stands[each.id] == each.id)
    expected: list[Edge] = []
    for edge in graph.edges:
        source, target = stands[edge.source], stands[edge.target]
        was_loop = edge.type != "restate" and edge.source == edge.target
        if source != target or was_loop:
            expected.append(edge.model_copy(update={"source": source, "target": target}))
    assert merged.edges == tuple(expected)


@settings(max_examples=200, deadline=None)
@given(graphs(), AT_LEAST)
def test_merging_twice_is_merging_once(graph: ArgumentGraph, at_least: float) -> None:
    merged = graph.merged(at_least)
    assert merged.merged(at_least) == merged
    assert all(
        edge.weight < at_least and edge.source != edge.target
        for edge in merged.edges
        if edge.type == "restate"
    )


@settings(max_examples=50, deadline=None)
@given(PAIRS, PAIRS, AT_LEAST)
def test_without_restatements_there_is_nothing_to_merge(attacks, supports, at_least) -> None:
    graph = ArgumentGraph.of(NAMES, attacks, supports)
    assert graph.merged(at_least) == graph


def paraphrased(
    graph: ArgumentGraph, name: str, edges: list[Edge], weight: float = 1.0
) -> ArgumentGraph:
    """The graph with one more claim, last of all, that restates a claim and has some of its edges."""
    ends = {name: "again"}
    copies = [
        edge.model_copy(
            update={
                "id": f"again {edge.id}",
                "source": ends.get(edge.source, edge.source),
                "target": ends.get(edge.target, edge.target),
            }
        )
        for edge in edges
    ]
    link = Edge(id="again", source="again", target=name, type="restate", weight=weight)
    return ArgumentGraph(
        claims=(*graph.claims, Claim(id="again", text="again")),
        edges=(*graph.edges, *copies, link),
    )


@settings(max_examples=200, deadline=None)
@given(graphs(), st.data())
def test_a_paraphrase_of_a_claim_changes_no_strength_once_merged(
    graph: ArgumentGraph, data: st.DataObject
) -> None:
    """Whatever of the claim's supports and attacks it repeats."""
    name = data.draw(st.sampled_from(NAMES))
    own = [edge for edge in graph.edges if name in (edge.source, edge.target)]
    repeats = data.draw(st.lists(st.sampled_from(own), unique=True)) if own else []
    more = paraphrased(graph, name, repeats)
    found = strengths(more.merged(), at_most=200)
    assert found == strengths(graph.merged(), at_most=200)


@pytest.mark.parametrize("type", ["support", "attack"])
def test_a_flood_of_paraphrases_weighs_what_one_does(type: EdgeType) -> None:
    names = [f"s{number}" for number in range(5)]
    given = [(name, "t") for name in names]
    sides = {"attacks": given} if type == "attack" else {"supports": given}
    chain = [(later, earlier) for earlier, later in pairwise(names)]
    flood = ArgumentGraph.of(["t", *names], **sides, restates=chain)
    moved = 0.25 if type == "support" else -0.25
    # Five at 0.5 are 1 - 0.5 ** 5 together.
    assert strengths(flood).values["t"] == 0.5 + moved / 0.5 * (1 - 0.5**5)
    assert strengths(flood.merged()).values["t"] == 0.5 + moved
    # Of five none seems to matter; the point does.
    assert max(abs(each.strength or 0) for each in contributions(flood, "t")) < 0.02
    assert [each.strength for each in contributions(flood.merged(), "t")] == [moved]


def test_a_paraphrase_that_is_not_sure_enough_counts_beside() -> None:
    graph = ArgumentGraph.of("st", (), [("s", "t")])
    more = paraphrased(graph, "s", list(graph.edges), weight=0.4)
    assert strengths(more.merged()).values["t"] == 0.875
    assert strengths(more.merged(0.4)).values["t"] == 0.75
