"""A record as a log of Inspect: read back by the real package, and opened in the real viewer."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log

from folkmoot.records import InputError, load, read_journal
from folkmoot.records.exports import export_record, export_records
from folkmoot.records.exports.inspect import COUNTED, eval_log
from folkmoot.records.exports.source import read_source
from tests.records.viewer.browser import chromium


@pytest.fixture(scope="module")
def sources(runs):
    return [read_source(runs / name) for name in ("first", "again", "other")]


@pytest.fixture(scope="module")
def log(sources):
    return eval_log(sources)


@pytest.fixture(scope="module")
def file(runs, tmp_path_factory) -> Path:
    """The log of the three records, in a folder of its own."""
    to = tmp_path_factory.mktemp("logs") / "talk.eval"
    assert export_records(runs, to, "inspect") == ()
    return to


@pytest.mark.parametrize("suffix", [".eval", ".json"])
def test_what_inspect_reads_back_is_equal(runs, log, tmp_path, suffix) -> None:
    to = tmp_path / f"log{suffix}"
    export_records(runs, to, "inspect")
    back = read_eval_log(str(to), resolve_attachments=True)
    back.location, back.etag = log.location, log.etag
    assert back == log


def test_the_same_records_give_the_same_bytes_later(runs, file, tmp_path) -> None:
    time.sleep(2.1)  # zip files hold times in steps of two seconds
    export_records(runs, tmp_path / "again.eval", "inspect")
    assert (tmp_path / "again.eval").read_bytes() == file.read_bytes()


def test_repeats_of_a_question_are_epochs_and_every_run_is_a_sample(log) -> None:
    assert [each.epoch for each in log.samples] == [1, 1, 2]
    assert len({each.id for each in log.samples}) == 2
    assert {each.metadata["run_id"] for each in log.samples} == {"first", "again", "other"}
    assert log.eval.config.epochs == 2


def test_every_event_is_in_a_span_that_was_begun_and_ended(log) -> None:
    for sample in log.samples:
        assert len(sample.events) > 50
        open_spans: list[str] = []
        for event in sample.events:
            if event.event == "span_begin":
                assert event.parent_id == (open_spans[-1] if open_spans else None)
                open_spans.append(event.id)
            assert event.span_id == open_spans[-1]
            if event.event == "span_end":
                assert open_spans.pop() == event.id
        assert open_spans == []
        assert len({event.uuid for event in sample.events}) == len(sample.events)
        times = [event.timestamp for event in sample.events if event.event != "model"]
        assert times == sorted(times)


def test_tokens_of_calls_are_those_of_roles_and_of_the_ledger(log, runs) -> None:
    for sample in log.samples:
        ledger = load(runs / sample.metadata["run_id"]).ledger
        for seat, line in ledger.seats.items():
            used = [
                event.output.usage
                for event in sample.events
                if event.event == "model" and event.role == seat
            ]
            assert len(used) == line.calls > 0
            role = sample.role_usage[seat]
            assert role.input_tokens + (role.input_tokens_cache_read or 0) == line.prompt
            assert sum(each.input_tokens for each in used) == role.input_tokens
            assert sum(each.output_tokens for each in used) == role.output_tokens == line.completion
        total = sum(each.total_tokens for each in sample.model_usage.values())
        assert total == ledger.total.prompt + ledger.total.completion
    summed = sum(each.role_usage["ann"].total_tokens for each in log.samples)
    assert log.stats.role_usage["ann"].total_tokens == summed


def test_what_was_not_measured_is_no_zero(run, tmp_path) -> None:
    """The reply of one seat has no usage: that seat has no role usage, and others keep theirs."""
    call, reply = run.exchanges[0]
    bare = run._replace(
        exchanges=((call, reply.model_copy(update={"usage": None})), *run.exchanges[1:])
    )
    bare.write(tmp_path / "r").release()
    sample = eval_log([read_source(tmp_path / "r")]).samples[0]
    assert reply.seat not in sample.role_usage
    assert set(sample.role_usage) == set(run.opening.seats) - {reply.seat}
    assert sample.model_usage == {}


def test_every_quotation_slices_out_of_an_exported_message(log, runs) -> None:
    quoted = 0
    for sample in log.samples:
        texts = {message.id: message.text for message in sample.messages}
        for entry in load(runs / sample.metadata["run_id"]).conflicts:
            spans = [span for side in entry.positions for span in side.spans]
            for span in (*spans, *(d.span for d in entry.dissent if d.span)):
                assert texts[span.message][span.start : span.end] == span.exact
                quoted += 1
        references = sample.scores["conflicts"].metadata["scanner_references"]
        assert references
        assert all(each["id"] in texts for each in references)
        cites = [each["cite"] for each in references]
        assert all(each in sample.scores["conflicts"].explanation for each in cites)
    assert quoted > 8


def test_a_call_shows_what_the_seat_was_shown(log, runs) -> None:
    sample = log.samples[0]
    calls = {call.id: call for call in read_journal(runs / sample.metadata["run_id"]).calls}
    events = [each for each in sample.events if each.event == "model"]
    assert len(events) == len(calls)
    for event in events:
        call = calls[event.metadata["call"]]
        assert "".join(m.text for m in event.input) == "".join(s.text for s in call.segments)
        assert event.role == call.seat
        weighed = event.output.choices[0].logprobs
        assert (weighed is not None) == (call.op == "choose")
        if weighed is not None:
            top = weighed.content[0].top_logprobs
            assert {each.token for each in top} == set(call.options)
            assert weighed.content[0].logprob == max(each.logprob for each in top)


def test_three_timelines_hold_the_same_calls(log) -> None:
    for sample in log.samples:
        by_round, by_seat, by_conflict = sample.timelines
        calls = {each.uuid for each in sample.events if each.event == "model"}
        for timeline in (by_round, by_seat):
            rows = timeline.root.content
            held = [item.event for row in rows for item in row.content]
            assert {each.uuid for each in held if each.event == "model"} == calls
            assert [each.data["record"] for each in held if each.event == "info"].count(
                "answer"
            ) == 1
        assert [row.name for row in by_seat.root.content] == ["ann", "bo", "cy", "outcome"]
        first = by_conflict.root.content[0]
        assert first.name.startswith("cf1")
        assert {"conflict", "settlement"} <= {
            item.event.data["record"] for item in first.content if item.event.event == "info"
        }


def test_conflicts_are_a_score_that_sorts_the_worst_first(log, runs) -> None:
    for sample in log.samples:
        outcome = load(runs / sample.metadata["run_id"])
        value = sample.scores["conflicts"].value
        assert tuple(value) == COUNTED
        assert value["all"] == len(outcome.conflicts) == 2
        assert value["dissents"] == len(outcome.dissents) == 1
        assert value["worst"] == max(each.severity.level for each in outcome.conflicts)
        assert sample.scores["decision"].answer == outcome.decision.winner
    view = log.eval.viewer.task_samples_view
    assert view.sort[0].column == "score__conflicts__worst"
    assert view.sort[0].dir == "desc"
    assert log.eval.viewer.trust_content is False


def test_a_broken_record_is_left_out_and_named(runs, tmp_path) -> None:
    for name in ("first", "other"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "journal.jsonl").write_bytes(
            (runs / name / "journal.jsonl").read_bytes()
        )
    broken = tmp_path / "runs/other/journal.jsonl"
    broken.write_bytes(broken.read_bytes().replace(b"planes", b"trains", 1))
    faults = export_records(tmp_path / "runs", tmp_path / "log.eval", "inspect")
    assert [(each.record, each.line) for each in faults] == [("other", 1)]
    assert len(read_eval_log(str(tmp_path / "log.eval")).samples) == 1


def test_a_wrong_suffix_and_a_missing_package_are_said(runs, tmp_path, monkeypatch) -> None:
    with pytest.raises(InputError, match=r"ends in \.eval or \.json"):
        export_records(runs, tmp_path / "log.txt", "inspect")
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    monkeypatch.setitem(sys.modules, "inspect_ai.event", None)
    with pytest.raises(InputError, match="inspect_ai") as caught:
        export_record(runs / "first", tmp_path / "log.eval", "inspect")
    assert caught.value.hint == "pip install 'folkmoot[inspect]'"
    assert not (tmp_path / "log.eval").exists()


def test_inspect_view_shows_transcript_and_scores(file, log) -> None:
    """In real Chromium. Hostile text shows as text."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "inspect_ai", "view", "start", "--port", str(port)]
    command += ["--log-dir", str(file.parent)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        with chromium() as browser:
            page: Any = browser.new_page(viewport={"width": 1500, "height": 950})
            asked: list[str] = []
            page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
            page.goto(f"http://127.0.0.1:{port}/#/logs/{file.name}")
            sample = log.samples[0]
            page.get_by_text(str(sample.id)[:12]).first.click(timeout=10_000)
            page.get_by_text("Words of ann in round 0").first.wait_for(timeout=10_000)
            page.get_by_role("tab", name="Messages").first.click()
            page.get_by_text("Words of bo in round 0").first.wait_for(timeout=10_000)
            messages = page.inner_text("body")
            page.get_by_role("tab", name="Scoring").first.click()
            page.get_by_text("Decided by majority 2:1.").first.wait_for(timeout=10_000)
            scoring = page.inner_text("body")
    finally:
        server.kill()
        server.wait()
    assert asked == []
    assert "<script>alert(1)</script>" in messages
    assert "\u202e" not in messages
    assert "cf1, " in scoring
    assert all(each.upper() in scoring.upper() for each in COUNTED)


def _wait_for(address: str) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(address, timeout=1)
            return
        time.sleep(0.1)
    raise AssertionError("inspect view did not come up")


def test_the_log_is_plain_json_inside(runs, tmp_path) -> None:
    export_record(runs / "first", tmp_path / "log.json", "inspect")
    data = json.loads((tmp_path / "log.json").read_bytes())
    assert data["version"] == 2
    assert data["eval"]["model"] == "none/none"
    assert set(data["eval"]["model_roles"]) == {"ann", "bo", "cy"}
