"""What the page is given: the record's own parts, its integrity, and lines of a list that cannot lie in type."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from folkmoot.records import load, outcome_of, read_journal
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import new_key, redact, sign
from folkmoot.records.viewer import calls, core
from folkmoot.records.viewer.integrity import integrity
from folkmoot.records.viewer.page import as_json
from folkmoot.records.viewer.shelf import row_of
from tests.records.viewer.conftest import HOSTILE


def test_every_prompt_and_reply_can_be_put_together_again(records):
    view = read_journal(records.first)
    found = calls(view)
    assert len(found["texts"]) == len(set(found["texts"]))
    assert [each["id"] for each in found["calls"]] == [
        call.id for call in sorted(view.calls, key=lambda call: (call.step, call.order))
    ]
    shown = {each["id"]: each for each in found["calls"]}
    for call in view.calls:
        pieces = [found["pieces"][at] for at in shown[call.id]["pieces"]]
        assert [
            (role, found["texts"][text], label, drop) for role, text, label, drop in pieces
        ] == [(each.role, each.text, each.label, each.drop) for each in call.segments]
        assert shown[call.id]["reply"].get("text", "") == view.replies[call.id].text


def test_the_core_is_the_record(records):
    view = read_journal(records.first)
    outcome = outcome_of(view)
    found = core(view, outcome)
    assert [each["text"] for each in found["messages"]] == [
        t.text for t in outcome.transcript.turns
    ]
    assert found["ledger"] == outcome.ledger.plain()
    assert [each["id"] for each in found["conflicts"]] == [each.id for each in outcome.conflicts]
    assert sum(step["calls"] for step in found["steps"]) == len(view.calls)
    assert as_json(found) == as_json(core(read_journal(records.first), load(records.first)))


def test_nothing_in_the_data_can_end_a_script(records):
    view = read_journal(records.hostile)
    for part in (core(view, outcome_of(view)), calls(view)):
        raw = as_json(part)
        assert not set(b"<>&") & set(raw)
        assert json.loads(raw) == json.loads(json.dumps(part))
    texts = {turn.text for turn in outcome_of(view).transcript.turns}
    assert texts == {f"{text} Round 0." for text in HOSTILE.values()}


def test_a_signature_is_named_and_a_false_one_is_found(records, tmp_path):
    folder = copytree(records.first, tmp_path / "signed")
    assert integrity(folder)["signature"].startswith("unanchored: it is not signed")
    _, fingerprint = new_key(tmp_path / "key")
    sign(folder, read_lines(folder)[0], tmp_path / "key")
    found = integrity(folder)
    assert found["ok"]
    assert f"signed by {fingerprint}" in found["signature"]
    path = folder / "signature.json"
    text = path.read_text()
    at = text.index('"signature":"') + len('"signature":"')
    path.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :])
    found = integrity(folder)
    assert not found["ok"]
    assert "the key did not sign what stands there" in found["findings"][0]["what"]


def test_what_was_redacted_is_gone_from_the_page(records, tmp_path):
    words = "My records are mine alone."
    seen = load(records.first).transcript
    gone = [turn.id for turn in seen.turns if words in turn.text]
    redact(records.first, gone, to=tmp_path / "redacted", by="ann", reason="private")
    view = read_journal(tmp_path / "redacted")
    found = core(view, outcome_of(view))
    assert found["redactions"][0]["messages"] == gone
    assert words.encode() not in as_json(found) + as_json(calls(view))


@pytest.mark.parametrize(
    ("log", "outcome"),
    [
        ("[]", "{}"),
        ("{", "{}"),
        ('{"run":[],"conflicts":{},"decision":7,"parties":"x","coverage":null}', '{"ledger":[]}'),
        ('{"conflicts":[1,{"status":"open","severity":{"level":"9"}}]}', "{}"),
        (
            '{"run":{"question":5,"rounds":true}}',
            '{"ledger":{"total":{"calls":NaN,"prompt":1e999}}}',
        ),
        ('{"run":{"question":"\\ud800"}}', "{}"),
        ("[" * 100_000, "{}"),
    ],
)
def test_derived_files_may_say_anything(tmp_path: Path, log, outcome):
    (tmp_path / "journal.jsonl").write_text("")
    (tmp_path / "conflicts.json").write_text(log)
    (tmp_path / "outcome.json").write_text(outcome)
    row = row_of(tmp_path)
    as_json(row)
    assert all(isinstance(each, str | int) for each in row.values())


def test_a_run_that_has_not_ended_is_listed_by_its_first_line(records, tmp_path):
    lines = (records.first / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines[:3]))
    row = row_of(tmp_path)
    assert row["status"] == "incomplete"
    assert row["protocol"] == "debate"
    assert row["seats"] == 4
    assert "conflicts" not in row
