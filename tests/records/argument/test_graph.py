"""What of a record becomes a claim or an edge, and the graph as a value."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import (
    Act,
    InputError,
    Issue,
    Record,
    Relation,
    Span,
    Stance,
    Transcript,
    Turn,
    span,
)
from folkmoot.records.argument import (
    ArgumentGraph,
    Claim,
    Edge,
    argument_graph,
    from_networkx,
    to_networkx,
)

Pair = tuple[str, str, str]


def with_more(run, *more: Record) -> Transcript:
    return Transcript(run.opening, (*run.transcript, *more))


def pairs(graph: ArgumentGraph) -> list[Pair]:
    return [(edge.source, edge.type, edge.target) for edge in graph.edges]


def act(name: str, message: str = "M2", about: str | None = "M1", order: int = 0) -> Act:
    given = {"id": f"A{order + 1}", "seat": "patient", "round": 0, "act": name}
    return Act.model_validate(
        {"step": 2, "order": order, "message": message, "about": about, **given}
    )


def judged(seat: str, about: str, choice: str | None, step: int = 4, **more: object) -> Stance:
    return Stance.model_validate(
        {
            "step": step,
            "order": 0,
            "seat": seat,
            "round": 1,
            "stage": "judge",
            "about": about,
            "options": ("agree", "disagree"),
            "state": "valid" if choice else "abstained",
            "choice": choice,
            "source": "probabilities",
            **more,
        }
    )


def relation(first: Span | None, second: Span, order: int = 0, **probabilities: float) -> Relation:
    return Relation(
        step=4,
        order=order,
        id=f"r{order + 1}",
        first=first,
        second=second,
        probabilities=probabilities,
        layer="clerk",
        model="m",
        calls=(),
    )


def turn(run, seat: str, step: int, id: str, text: str, state: str = "valid") -> Turn:
    first = run.transcript.turns[0]
    return first.model_copy(
        update={"seat": seat, "step": step, "id": id, "text": text, "state": state}
    )


def test_a_claim_is_a_message_with_a_sentence_to_hear(run) -> None:
    more = (
        turn(run, "nurse", 3, "M4", "... !"),
        turn(run, "patient", 3, "M5", "", "unavailable"),
        turn(run, "clerk", 3, "M6", "Still too dear", "cut_off"),
    )
    graph = argument_graph(with_more(run, *more))
    assert graph.ids == ("M1", "M2", "M3", "M6")
    first = graph.claim("M1")
    said = run.transcript.turn("M1")
    assert (first.text, first.seat, first.round, first.role) == (said.text, "nurse", 0, "statement")
    assert first.span == span(said, 0, len(said.text))
    assert first.within is None
    assert graph.edges == ()


@pytest.mark.parametrize(
    ("name", "edge"),
    [
        ("attack", ("M2", "attack", "M1")),
        ("support", ("M2", "support", "M1")),
        ("concede", ("M2", "support", "M1")),
        ("qualify", None),
        ("hold", None),
        ("claim", None),
    ],
)
def test_what_an_act_becomes(run, name: str, edge: Pair | None) -> None:
    graph = argument_graph(with_more(run, act(name)))
    assert pairs(graph) == ([edge] if edge else [])
    if edge:
        (made,) = graph.edges
        assert (made.layer, made.weight, made.by, made.record) == (
            "protocol_act",
            1.0,
            "patient",
            "A1",
        )


def test_an_act_about_nothing_or_about_silence_is_no_edge(run) -> None:
    silent = turn(run, "nurse", 1, "M4", "", "empty").model_copy(update={"order": 3})
    acts = (act("attack", about=None), act("attack", about="M4", order=1), act("attack", "M4"))
    for each in acts:
        assert argument_graph(with_more(run, silent, each)).edges == ()


def test_an_issue_attacks_what_it_objects_to(run) -> None:
    given = {"step": 4, "order": 0, "id": "I1", "seat": "clerk", "round": 1, "type": "factual"}
    graph = argument_graph(
        with_more(run, Issue.model_validate(given | {"about": "M1", "message": "M3"}))
    )
    assert pairs(graph) == [("M3", "attack", "M1")]
    assert (graph.edges[0].layer, graph.edges[0].record) == ("protocol_act", "I1")


def test_a_judgement_is_made_from_what_the_seat_said_last_before_it(run) -> None:
    more = (
        turn(run, "clerk", 3, "M4", "I said it before."),
        turn(run, "clerk", 5, "M5", "I say it after."),
        judged("clerk", "M1", "disagree", probabilities={"agree": 0.2, "disagree": 0.8}),
    )
    graph = argument_graph(with_more(run, *more))
    assert pairs(graph) == [("M4", "attack", "M1")]
    (edge,) = graph.edges
    assert (edge.layer, edge.weight, edge.by, edge.record) == ("rule", 0.8, "clerk", None)


@given(
    st.lists(st.sampled_from(("clerk", "patient")), max_size=6),
    st.lists(st.tuples(st.sampled_from(("clerk", "patient")), st.integers(1, 20)), max_size=4),
)
def test_each_seat_judges_from_its_own_last_message(run, spoke, stood) -> None:
    told = [
        turn(run, seat, 2 * at + 4, f"M{at + 4}", f"Word {at} is said.")
        for at, seat in enumerate(spoke)
    ]
    stances = [judged(seat, "M1", "agree", step=2 * step + 1) for seat, step in stood]
    seen = with_more(run, *told, *stances)
    expected: list[Pair] = []
    for seat in dict.fromkeys(each.seat for each in seen.stances if each.about == "M1"):
        last = max(each.step for each in stances if each.seat == seat)
        before = [each.id for each in seen.turns if each.seat == seat and each.step < last]
        expected += [(before[-1], "support", "M1")] if before else []
    assert sorted(pairs(argument_graph(seen, ("rule",)))) == sorted(expected)


def test_of_each_seat_and_message_the_last_valid_judgement_counts(run) -> None:
    more = (
        judged("clerk", "M1", "disagree", step=4),
        judged("clerk", "M1", "agree", step=5),
        judged("clerk", "M1", None, step=6),
    )
    assert pairs(argument_graph(with_more(run, *more))) == [("M3", "support", "M1")]


@pytest.mark.parametrize(
    ("stance"),
    [
        judged("clerk", "M3", "agree"),
        judged("clerk", "M1", "agree", step=0),
        judged("clerk", "M1", None),
        judged("clerk", "M1", "accept", options=("accept", "reject")),
        judged("clerk", "stop", "agree"),
    ],
    ids=["its own", "before it spoke", "abstained", "a verdict", "procedure"],
)
def test_judgements_that_are_no_edge(run, stance: Stance) -> None:
    assert argument_graph(with_more(run, stance)).edges == ()


def test_a_relation_leads_from_the_second_claim_to_the_first(run) -> None:
    first, second = (run.transcript.turn(name) for name in ("M1", "M3"))
    whole = span(first, 0, len(first.text))
    piece = span(second, 0, 18)
    assert piece.exact == "It costs too much."
    found = relation(whole, piece, attack=0.7, support=0.2, neither=0.1)
    graph = argument_graph(with_more(run, found))
    assert graph.ids == ("M1", "M2", "M3", "M3:0-18")
    assert pairs(graph) == [("M3:0-18", "attack", "M1")]
    claim = graph.claim("M3:0-18")
    assert (claim.text, claim.within, claim.seat) == ("It costs too much.", "M3", "clerk")
    (edge,) = graph.edges
    assert (edge.layer, edge.weight, edge.by, edge.record) == ("clerk", 0.7, None, "r1")


def test_a_span_that_leaves_out_only_blanks_is_its_message(run) -> None:
    blank = turn(run, "nurse", 3, "M4", "  It is so.\n")
    said = run.transcript.turn("M1")
    found = relation(
        span(said, 0, len(said.text)), span(blank, 2, 11), attack=0, support=1, neither=0
    )
    graph = argument_graph(with_more(run, blank, found))
    assert pairs(graph) == [("M4", "support", "M1")]
    assert graph.claim("M4").text == "  It is so.\n"


def test_the_question_is_a_claim_where_a_relation_is_about_it(run) -> None:
    said = run.transcript.turn("M2")
    found = relation(None, span(said, 0, 26), support=0.1, attack=0.9, neither=0)
    graph = argument_graph(with_more(run, found))
    assert graph.ids[0] == "question"
    assert (graph.claim("question").text, graph.claim("question").seat) == (
        run.opening.question,
        None,
    )
    assert pairs(graph) == [("M2:0-26", "attack", "question")]
    assert "question" not in argument_graph(run.transcript).ids


def test_neither_is_no_edge_and_layers_and_weights_choose(run) -> None:
    said = run.transcript.turn("M2")
    whole = span(said, 0, len(said.text))
    more = (
        relation(None, whole, support=0.1, attack=0.2, neither=0.7),
        relation(None, whole, 1, support=0.5, attack=0.2, neither=0.3),
        act("attack"),
        judged("clerk", "M1", "disagree"),
    )
    seen = with_more(run, *more)
    assert [edge.layer for edge in argument_graph(seen).edges] == ["protocol_act", "rule", "clerk"]
    assert pairs(argument_graph(seen, layers=("clerk",))) == [("M2", "support", "question")]
    assert [edge.layer for edge in argument_graph(seen, at_least=0.6).edges] == [
        "protocol_act",
        "rule",
    ]


def test_folding_gives_to_messages_what_their_pieces_do(run) -> None:
    first, last = (run.transcript.turn(name) for name in ("M1", "M3"))
    start = span(last, 0, 18)
    more = (
        relation(span(first, 0, 12), start, attack=1, support=0, neither=0),
        relation(start, span(last, 19, len(last.text)), 1, attack=0, support=1, neither=0),
    )
    graph = argument_graph(with_more(run, *more))
    assert len(graph.claims) == 6
    folded = graph.folded()
    assert folded.ids == ("M1", "M2", "M3")
    assert pairs(folded) == [("M3", "attack", "M1")]
    assert folded.edges[0].record == "r1"
    assert folded.folded() == folded


def test_folding_keeps_a_claim_that_attacks_itself() -> None:
    graph = ArgumentGraph.of("a", [("a", "a")])
    assert graph.folded() == graph


def test_taking_claims_away_takes_their_edges() -> None:
    graph = ArgumentGraph.of("abc", [("a", "b"), ("b", "c")], [("a", "c")])
    assert pairs(graph.without("b")) == [("a", "support", "c")]
    assert graph.without("b").ids == ("a", "c")
    with pytest.raises(InputError, match="no claim 'd'"):
        graph.without("d")


def test_a_claim_is_found_by_its_id_in_a_changed_copy_too() -> None:
    graph = ArgumentGraph.of("abc", [("a", "b")])
    assert [graph.claim(name).id for name in "abc"] == list("abc")
    turned = graph.model_copy(update={"claims": graph.claims[::-1][:2]})
    assert [turned.claim(name).id for name in "bc"] == list("bc")
    with pytest.raises(InputError, match="no claim 'a'"):
        turned.claim("a")
    assert graph == ArgumentGraph.of("abc", [("a", "b")])
    assert set(graph.plain()) == {"claims", "edges"}


def test_a_graph_hangs_together() -> None:
    with pytest.raises(InputError, match="ends at 'b', which is no claim"):
        ArgumentGraph.of("a", [("a", "b")])
    with pytest.raises(InputError, match="two claims 'a'"):
        ArgumentGraph.of("aa")
    edge = Edge(id="e1", source="a", target="a", type="attack")
    with pytest.raises(InputError, match="two edges 'e1'"):
        ArgumentGraph(claims=(Claim(id="a", text="a"),), edges=(edge, edge))


def test_a_networkx_graph_and_back(run) -> None:
    said = run.transcript.turn("M2")
    found = relation(None, span(said, 0, 26), support=0.25, attack=0.75, neither=0)
    graph = argument_graph(with_more(run, act("attack"), act("concede", order=1), found))
    made = to_networkx(graph)
    assert isinstance(made, nx.MultiDiGraph)
    assert made.nodes["M2"]["seat"] == "patient"
    assert made.edges["M2:0-26", "question", "e3"]["weight"] == 0.75
    assert made.number_of_edges("M2", "M1") == 2
    assert from_networkx(made) == graph


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"type": "rebut"}, "from 'a' to 'b': type"),
        ({}, "from 'a' to 'b': type"),
        ({"type": "attack", "weight": 2}, "from 'a' to 'b': weight"),
        ({"type": "attack", "colour": "red"}, "from 'a' to 'b': colour"),
    ],
)
def test_a_networkx_graph_of_other_attributes_is_refused(about: dict, says: str) -> None:
    given = to_networkx(ArgumentGraph.of("ab"))
    given.add_edge("a", "b", **about)
    with pytest.raises(InputError, match=says):
        from_networkx(given)
    bare = nx.MultiDiGraph()
    bare.add_node("a")
    with pytest.raises(InputError, match="node 'a': text"):
        from_networkx(bare)
