"""Provenance, the argument graph and the report: read back by the real packages, or looked at as text."""

import json
import subprocess
import sys

import pytest
from prov.model import ProvDerivation, ProvDocument

from folkmoot.records import InputError, load
from folkmoot.records.argument import argument_graph, from_aif
from folkmoot.records.exports import export_record
from folkmoot.records.exports.markdown import markdown, plain, quoted
from folkmoot.records.exports.prov import document
from folkmoot.records.exports.source import read_source
from tests.records.exports.conftest import HOSTILE


@pytest.fixture(scope="module")
def source(runs):
    return read_source(runs / "first")


def test_prov_reads_back_equal_and_is_the_same_every_time(source, runs, tmp_path) -> None:
    for name in ("a.json", "b.json", "a.provn"):
        export_record(runs / "first", tmp_path / name, "prov")
    raw = (tmp_path / "a.json").read_bytes()
    assert raw == (tmp_path / "b.json").read_bytes()
    assert ProvDocument.deserialize(content=raw.decode(), format="json") == document(source)
    notation = (tmp_path / "a.provn").read_text(encoding="utf-8")
    assert notation.startswith("document")
    assert "wasQuotedFrom" in notation or "prov:Quotation" in notation
    with pytest.raises(InputError, match="neither PROV-JSON nor PROV-N"):
        export_record(runs / "first", tmp_path / "a.ttl", "prov")


def test_from_a_sentence_of_the_answer_to_its_contributor(source) -> None:
    """sentence → claim → message → seat → contributor, along the relations of the document."""
    made = document(source)
    data = json.loads(made.serialize(format="json"))

    def pairs(relation: str, source: str, target: str) -> list[tuple[str, str]]:
        return [(each[source], each[target]) for each in data[relation].values()]

    derived = pairs("wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity")
    attributed = dict(pairs("wasAttributedTo", "prov:entity", "prov:agent"))
    behalf = dict(pairs("actedOnBehalfOf", "prov:delegate", "prov:responsible"))
    label = {name: each.get("prov:label") for name, each in data["agent"].items()}
    found: set[tuple[str, str, str]] = set()
    for sentence, claim in derived:
        if not sentence.startswith("run:answer.") or data["entity"][claim]["prov:type"]["$"] != (
            "folkmoot:Claim"
        ):
            continue
        for quoted_claim, message in derived:
            if quoted_claim == claim:
                seat = attributed[message]
                who = label[behalf[seat]] if seat in behalf else ""
                found.add((data["entity"][sentence]["prov:value"], label[seat], who))
    assert ("yes: ann, cy.", "ann", "Ann Lab") not in found
    assert ("“Words of ann in round 1 😀.", "ann", "Ann Lab") in found
    assert ("[M6] “Words of cy in round 1 😀.", "cy", "") in found
    assert {seat for _, seat, _ in found} == {"ann", "cy"}  # bo's words stand there made visible
    conflicts = [d for d in made.get_records(ProvDerivation) if "cf1" in str(d.args[0])]
    assert len(conflicts) == 3


def test_aif_reads_back_as_the_graph_of_the_run(source, runs, tmp_path) -> None:
    export_record(runs / "first", tmp_path / "a.json", "aif")
    data = json.loads((tmp_path / "a.json").read_bytes())
    graph = argument_graph(source.outcome.transcript)
    assert graph.edges
    assert from_aif(data) == graph
    kinds = [node["type"] for node in data["nodes"]]
    assert kinds.count("CA") == len(graph.edges)
    assert kinds.count("L") == len(graph.claims)


def test_the_report_says_all_that_the_run_came_to(source) -> None:
    text = markdown(source)
    outcome = source.outcome
    for heading in ("# Ban cars?", "## Answer", "## Conflicts (2)", "## Dissent (1)", "## Cost"):
        assert f"\n{heading}\n" in f"\n{text}"
    assert "- decision: decided by majority" in text
    assert f"| total | {outcome.ledger.total.calls} | {outcome.ledger.total.prompt} |" in text
    assert "- cy, round 1: no → yes, unexplained" in text
    assert source.view.head in text
    assert all(f"**{turn.id}** {turn.seat}" in text for turn in outcome.transcript.turns)
    assert "## Messages" not in markdown(source, messages=False)


def test_text_of_models_is_text_in_the_report(source) -> None:
    text = markdown(source)
    assert "<script" not in text.replace("\\<script", "")
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "\u200b" not in text
    assert "\\<U+202E\\>evil" in text
    assert "https\\://evil.example" in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("# head", "\\# head"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("=====", "\\====="),
        ("[a](http://b)", "\\[a\\](http\\://b)"),
        ("a | b", "a \\| b"),
        ("`x` *y* _z_", "\\`x\\` \\*y\\* \\_z\\_"),
        ("&lt;b&gt;", "\\&lt;b\\&gt;"),
        ("see www.a.b or a@b.c", "see www\\.a.b or a\\@b.c"),
        ("2026-11-24, 3.5 and 10:30", "2026-11-24, 3.5 and 10:30"),
    ],
)
def test_nothing_in_a_text_is_markdown(given, shown) -> None:
    assert plain(given) == shown


def test_a_quotation_keeps_its_lines() -> None:
    assert quoted("one\n\n> two\r\n# three") == "> one  \n>\n> \\> two  \n> \\# three  "


def test_a_report_of_an_unfinished_run_says_so(run, tmp_path) -> None:
    run._replace(records=run.records[:2]).write(tmp_path / "r", close=False).release()
    text = markdown(read_source(tmp_path / "r"))
    assert "- status: incomplete" in text
    assert "No answer yet" in text


def test_no_export_is_imported_before_it_is_asked_for() -> None:
    code = (
        # What stands on langgraph looks for opentelemetry by itself.
        "import sys, folkmoot.records; before = set(sys.modules); "
        "import folkmoot.records.exports.inspect, folkmoot.records.exports.prov, "
        "folkmoot.records.exports.otel, folkmoot.records.imports; "
        "print({m.partition('.')[0] for m in set(sys.modules) - before} "
        "& {'inspect_ai', 'prov', 'opentelemetry'})"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_hostile_text_is_in_the_data_as_it_was_said(runs) -> None:
    assert any(HOSTILE in turn.text for turn in load(runs / "first").transcript.turns)
