"""A run as spans of OpenTelemetry: handed to the SDK, and as OTLP JSON."""

import json
from collections import Counter

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, server_attributes
from opentelemetry.semconv.attributes import error_attributes

from folkmoot.records import Reply, load, read_journal
from folkmoot.records.exports import export_record
from folkmoot.records.exports import otel_names as names
from folkmoot.records.exports.otel import export_otel
from folkmoot.records.exports.otel_spans import spans
from folkmoot.records.exports.source import read_source
from tests.records.exports.conftest import HOSTILE


@pytest.fixture(scope="module")
def source(runs):
    return read_source(runs / "first")


@pytest.fixture(scope="module")
def exported(source):
    exporter = InMemorySpanExporter()
    export_otel(source, exporter)
    return exporter.get_finished_spans()


def test_every_name_of_the_conventions_is_one() -> None:
    known = {
        value
        for module in (gen_ai_attributes, server_attributes, error_attributes)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    assert set(names.CONVENTIONS) - known == set()
    assert len(names.CONVENTIONS) > 25


def test_the_sdk_gets_a_tree_of_workflow_agents_and_calls(exported, runs) -> None:
    view = read_journal(runs / "first")
    kinds = Counter(span.attributes[names.OPERATION] for span in exported)
    assert kinds["invoke_workflow"] == 1
    assert kinds["chat"] == len(view.calls)
    by_id = {span.context.span_id: span for span in exported}
    assert len(by_id) == len(exported)
    assert len({span.context.trace_id for span in exported}) == 1
    parents = {"invoke_workflow": None, "invoke_agent": "invoke_workflow", "chat": "invoke_agent"}
    for span in exported:
        above = by_id[span.parent.span_id] if span.parent else None
        operation = span.attributes[names.OPERATION]
        assert (above and above.attributes[names.OPERATION]) == parents[operation]
        assert above is None or above.start_time <= span.start_time <= span.end_time
        if operation == "chat":
            assert span.attributes[names.AGENT_ID] == above.attributes[names.AGENT_ID]


def test_tokens_are_those_of_the_ledger(exported, runs) -> None:
    total = load(runs / "first").ledger.total
    calls = [each for each in exported if each.attributes[names.OPERATION] == "chat"]
    assert sum(each.attributes[names.INPUT_TOKENS] for each in calls) == total.prompt
    assert sum(each.attributes[names.OUTPUT_TOKENS] for each in calls) == total.completion


def test_conflicts_and_moves_are_events(exported, runs) -> None:
    outcome = load(runs / "first")
    told = [(e.name, e.attributes) for e in exported[0].events]
    ids = [said[f"{names.CONFLICT}.id"] for name, said in told if name == names.CONFLICT]
    assert ids == [each.id for each in outcome.conflicts]
    moved = [said[names.AGENT_ID] for name, said in told if name == names.MOVE]
    assert moved == [each.seat for each in outcome.transcript.moves] == ["cy"]


def test_nothing_that_was_said_is_there_unless_asked_for(source, runs, tmp_path) -> None:
    export_record(runs / "first", tmp_path / "bare.json", "otel")
    bare = (tmp_path / "bare.json").read_text(encoding="utf-8")
    assert "Words of" not in bare
    assert "Ban cars?" not in bare
    export_record(runs / "first", tmp_path / "full.json", "otel", content=True)
    data = json.loads((tmp_path / "full.json").read_bytes())
    said = [
        value["value"]["stringValue"]
        for span in data["resourceSpans"][0]["scopeSpans"][0]["spans"]
        for event in span["events"]
        for value in event["attributes"]
        if value["key"] == names.OUTPUT_MESSAGES
    ]
    texts = [json.loads(each)[0]["parts"][0]["content"] for each in said]
    assert any(HOSTILE in each for each in texts)


def test_otlp_json_is_what_collectors_read_and_the_same_every_time(source, runs, tmp_path) -> None:
    trace = pytest.importorskip("opentelemetry.proto.trace.v1.trace_pb2")
    export_record(runs / "first", tmp_path / "a.json", "otel", content=True)
    export_record(runs / "first", tmp_path / "b.json", "otel", content=True)
    raw = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert raw == (tmp_path / "b.json").read_text(encoding="utf-8")
    read = Parse(raw, trace.TracesData())
    held = read.resource_spans[0].scope_spans[0].spans
    assert len(held) == len(spans(source))


def test_a_call_that_failed_is_an_error_and_has_no_tokens(run, tmp_path) -> None:
    call, _ = run.exchanges[0]
    gone = Reply.to(call, "unavailable", error="nobody there", engine="e")
    opening = run.opening.model_copy(
        update={"engines": ({"name": "e", "kind": "vllm-server", "url": "http://h:8001/v1"},)}
    )
    changed = run._replace(opening=opening, exchanges=((call, gone), *run.exchanges[1:]))
    changed.write(tmp_path / "r").release()
    span = next(
        each
        for each in spans(read_source(tmp_path / "r"))
        if each.attributes.get(names.CALL) == call.id
    )
    assert span.error == span.attributes[names.ERROR_TYPE] == "unavailable"
    assert span.attributes[names.PROVIDER] == "vllm"
    assert (span.attributes[names.SERVER_ADDRESS], span.attributes[names.SERVER_PORT]) == (
        "h",
        8001,
    )
    assert names.INPUT_TOKENS not in span.attributes
