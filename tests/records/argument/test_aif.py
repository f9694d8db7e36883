"""To the Argument Interchange Format and back."""

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.records import InputError, Span, text_digest
from folkmoot.records.argument import ArgumentGraph, Claim, Edge, from_aif, to_aif

SEATS = ("nurse", "", " the\u00a0clerk ", "Zoë 😀")


def claim(id: str, text: str, seat: str | None = None, message: str | None = None) -> Claim:
    where = None
    if message is not None:
        where = Span(
            message=message,
            message_sha256=text_digest(text),
            start=3,
            end=3 + len(text),
            exact=text,
        )
    return Claim(id=id, text=text, seat=seat, round=1, role="statement", span=where)


@st.composite
def graphs(draw: st.DrawFn) -> ArgumentGraph:
    size = draw(st.integers(0, 6))
    claims = [
        claim(
            f"M{at}",
            draw(st.text(max_size=20)),
            draw(st.none() | st.sampled_from(SEATS) | st.text(max_size=5)),
            draw(st.none() | st.just(f"M{at}") | st.just("M0")),
        )
        for at in range(size)
    ]
    if not claims:
        return ArgumentGraph()
    ends = st.sampled_from([each.id for each in claims])
    edges = draw(
        st.lists(
            st.builds(
                Edge,
                id=st.just("e"),
                source=ends,
                target=ends,
                type=st.sampled_from(("attack", "support", "restate")),
                layer=st.none() | st.sampled_from(("protocol_act", "rule", "clerk", "llm")),
                weight=st.floats(0, 1),
                by=st.none() | st.sampled_from(SEATS),
                record=st.none() | st.just("A1"),
            ),
            max_size=8,
        )
    )
    numbered = [edge.model_copy(update={"id": f"e{at}"}) for at, edge in enumerate(edges, 1)]
    return ArgumentGraph(claims=tuple(claims), edges=tuple(numbered))


def counts(document: dict[str, Any]) -> Counter[str]:
    return Counter(node["type"] for node in document["nodes"])


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_there_and_back_nothing_is_lost(graph: ArgumentGraph) -> None:
    document = json.loads(json.dumps(to_aif(graph)))
    back = from_aif(document)
    assert back == graph
    assert to_aif(back) == document
    found = counts(document)
    assert found["I"] == len(graph.claims)
    assert found["RA"] == sum(edge.type == "support" for edge in graph.edges)
    assert found["CA"] == sum(edge.type == "attack" for edge in graph.edges)
    assert found["MA"] == sum(edge.type == "restate" for edge in graph.edges)
    seats = {each.id: each.seat for each in graph.claims}
    assert found["TA"] == sum(
        edge.by is not None and edge.by == seats[edge.source] and seats[edge.target] is not None
        for edge in graph.edges
    )
    assert found["L"] == sum(each.seat is not None for each in graph.claims)
    assert len(document["locutions"]) == found["L"]


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_other_tools_find_the_same_without_what_is_ours(graph: ArgumentGraph) -> None:
    """Counts, texts, seats and types stand in the format's own fields."""
    document = to_aif(graph)
    for node in document["nodes"]:
        node.pop("folkmoot", None)
    back = from_aif(document)
    assert [each.text for each in back.claims] == [each.text for each in graph.claims]
    assert [each.seat for each in back.claims] == [each.seat for each in graph.claims]
    places = [{name: at for at, name in enumerate(each.ids)} for each in (back, graph)]
    told = [
        [(place[edge.source], edge.type, place[edge.target]) for edge in each.edges]
        for place, each in zip(places, (back, graph), strict=True)
    ]
    assert told[0] == told[1]


def small() -> ArgumentGraph:
    return ArgumentGraph(
        claims=(claim("M1", "It helps.", "nurse", "M1"), claim("M2", "It costs.", "clerk", "M2")),
        edges=(
            Edge(id="e1", source="M2", target="M1", type="attack", by="clerk", record="A1"),
            Edge(id="e2", source="M2", target="M1", type="attack", layer="clerk", weight=0.7),
        ),
    )


def test_the_form_is_that_of_aifdb() -> None:
    document = to_aif(small())
    # Only what a seat did is a step of the dialogue.
    assert counts(document) == {"I": 2, "L": 2, "CA": 2, "YA": 3, "TA": 1}
    types = {node["nodeID"]: node["type"] for node in document["nodes"]}
    texts = {node["nodeID"]: node["text"] for node in document["nodes"]}
    ways = Counter((types[e["fromID"]], types[e["toID"]]) for e in document["edges"])
    assert ways == {
        ("L", "YA"): 2,
        ("YA", "I"): 2,
        ("I", "CA"): 2,
        ("CA", "I"): 2,
        ("L", "TA"): 1,
        ("TA", "L"): 1,
        ("TA", "YA"): 1,
        ("YA", "CA"): 1,
    }
    led = {(texts[e["fromID"]], texts[e["toID"]]) for e in document["edges"]}
    assert {("It costs.", "Default Conflict"), ("Default Conflict", "It helps.")} <= led
    # A reply comes after what it replies to.
    assert ("nurse : It helps.", "Default Transition") in led
    assert all(set(e) == {"edgeID", "fromID", "toID", "formEdgeID"} for e in document["edges"])
    assert document["participants"][1] == {
        "participantID": "2",
        "firstname": "clerk",
        "surname": "",
    }
    assert [said["personID"] for said in document["locutions"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("type", "scheme", "text", "act"),
    [
        ("support", "RA", "Default Inference", "Arguing"),
        ("attack", "CA", "Default Conflict", "Disagreeing"),
        ("restate", "MA", "Default Rephrase", "Restating"),
    ],
)
def test_each_type_has_its_scheme_and_its_act(type, scheme: str, text: str, act: str) -> None:
    edge = Edge(id="e1", source="M2", target="M1", type=type, by="clerk")
    document = to_aif(small().model_copy(update={"edges": (edge,)}))
    nodes = {node["nodeID"]: (node["type"], node["text"]) for node in document["nodes"]}
    assert (scheme, text) in nodes.values()
    ways = {(nodes[e["fromID"]], nodes[e["toID"]]) for e in document["edges"]}
    assert (("I", "It costs."), (scheme, text)) in ways
    assert ((scheme, text), ("I", "It helps.")) in ways
    assert (("TA", "Default Transition"), ("YA", act)) in ways
    assert (("YA", act), (scheme, text)) in ways


def test_what_another_seat_did_is_no_step_of_the_seat_that_a_merged_claim_has() -> None:
    """The porter's claim is one with the clerk's, who attacked nothing."""
    claims = (*small().claims, claim("M3", "It is dear.", "porter", "M3"))
    graph = ArgumentGraph(
        claims=claims,
        edges=(
            Edge(id="e1", source="M3", target="M1", type="attack", by="porter"),
            Edge(id="e2", source="M3", target="M2", type="restate", layer="clerk"),
        ),
    )
    assert counts(to_aif(graph))["TA"] == 1
    merged = graph.merged()
    assert [(edge.source, edge.by) for edge in merged.edges] == [("M2", "porter")]
    assert counts(to_aif(merged)) == {"I": 2, "L": 2, "YA": 2, "CA": 1}
    assert from_aif(to_aif(merged)) == merged


def foreign() -> dict[str, Any]:
    """As other tools write it: numbers as ids, a timestamp, one inference from two premises."""
    nodes = [
        (1, "L", "Ann Lee : it rains"),
        (2, "I", "it rains"),
        (3, "YA", "Asserting"),
        (4, "I", "it is wet"),
        (5, "I", "take an umbrella"),
        (6, "RA", "Default Inference"),
        (7, "I", "it is warm"),
        (8, "CA", "Default Conflict"),
        (9, "L", "Bo : take an umbrella"),
        (10, "YA", "Asserting"),
        (11, "TA", "Default Transition"),
        (12, "YA", "Arguing"),
    ]
    edges = [
        *((1, 3), (3, 2), (2, 6), (4, 6), (6, 5), (7, 8), (8, 5)),
        *((9, 10), (10, 5), (9, 11), (11, 1), (11, 12), (12, 6)),
    ]
    stamp = "2016-10-31 17:17:34"
    return {
        "nodes": [
            {"nodeID": id, "type": type, "text": text, "timestamp": stamp}
            for id, type, text in nodes
        ],
        "edges": [
            {"edgeID": at, "fromID": source, "toID": target, "formEdgeID": None}
            for at, (source, target) in enumerate(edges)
        ],
        "participants": [{"participantID": 7, "firstname": "Ann", "surname": "Lee"}],
        "locutions": [{"nodeID": 1, "personID": 7}, {"nodeID": 9, "personID": 8}],
    }


@pytest.mark.parametrize("wrap", [lambda given: given, lambda given: {"AIF": given, "text": ""}])
def test_what_other_tools_write_is_read(wrap) -> None:
    graph = from_aif(wrap(foreign()))
    assert [(each.id, each.text, each.seat) for each in graph.claims] == [
        ("2", "it rains", "Ann Lee"),
        ("4", "it is wet", None),
        ("5", "take an umbrella", "8"),
        ("7", "it is warm", None),
    ]
    assert [(edge.id, edge.source, edge.type, edge.target, edge.by) for edge in graph.edges] == [
        ("6.1", "2", "support", "5", "Ann Lee"),
        ("6.2", "4", "support", "5", None),
        ("8", "7", "attack", "5", None),
    ]
    assert all(edge.layer is None for edge in graph.edges)


def test_a_rephrasing_by_other_tools_is_read() -> None:
    """One of the premises rephrases what the other says, and what is concluded."""
    document = foreign()
    document["nodes"][7] |= {"type": "MA", "text": "Default Rephrase"}
    document["edges"].append({"edgeID": 20, "fromID": 4, "toID": 8})
    found = [edge for edge in from_aif(document).edges if edge.type == "restate"]
    assert [(edge.id, edge.source, edge.target, edge.weight) for edge in found] == [
        ("8.1", "7", "5", 1.0),
        ("8.2", "4", "5", 1.0),
    ]
    assert from_aif(document).merged().ids == ("2", "4")


def test_a_document_of_claims_alone_is_read() -> None:
    nodes = [{"nodeID": "1", "text": "so", "type": "I"}]
    assert from_aif({"nodes": nodes, "edges": []}).ids == ("1",)


def changed(path: str, value: object) -> dict[str, Any]:
    """The document, with something else in one place; `...` for nothing."""
    document = copy.deepcopy(foreign())
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = document
    for step in steps:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "no AIF document"),
        ({"AIF": 3}, "no AIF document"),
        (changed("nodes", ...), "no AIF document: nodes"),
        (changed("nodes.3.text", 7), r"no AIF document: nodes\.3\.text"),
        (changed("nodes.3.type", ...), r"no AIF document: nodes\.3\.type"),
        (changed("nodes.3.nodeID", True), r"no AIF document: nodes\.3\.nodeID"),
        (changed("nodes.3.nodeID", 2), "two AIF nodes have the id '2'"),
        (changed("nodes.3.type", "PA"), "AIF node '4' is of type 'PA'"),
        (changed("nodes.3.type", "MA"), "AIF node '4' is tied to an inference"),
        (changed("edges.2.toID", 99), "AIF edge '2' ends at '99'"),
        (changed("edges.2.toID", 5), "AIF edge '2' ties two I-nodes"),
        (changed("edges.6.toID", 6), "AIF node '6' is tied to an inference"),
        (changed("edges.6", {"edgeID": 6, "fromID": 9, "toID": 11}), "AIF node '8' leads from 1"),
        (changed("edges.5.toID", 6), "AIF node '8' leads from 0 claims to 1"),
        (changed("locutions.0.nodeID", 2), "a locution is of '2', which is no L-node"),
        (changed("locutions.0.nodeID", 99), "a locution is of '99'"),
        (changed("nodes.1.folkmoot", {"role": "king"}), r"AIF node '2': folkmoot\.role"),
        (changed("nodes.1.folkmoot", {"id": "4"}), "two claims '4'"),
        (changed("nodes.7.folkmoot", {"weight": 2}), r"AIF node '8': folkmoot\.weight"),
    ],
)
def test_bad_input_is_refused_by_name(document: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        from_aif(document)


def test_a_text_that_was_edited_no_longer_is_its_quotation() -> None:
    document = to_aif(small())
    first = document["nodes"][0]
    first["text"] = "It hurts."
    with pytest.raises(InputError, match="claim 'M1': its text is not what its span quotes"):
        from_aif(document)
    del first["folkmoot"]["span"]
    assert from_aif(document).claim("M1").text == "It hurts."
