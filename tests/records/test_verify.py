"""Whatever is changed in a record is found, and in the journal at its line."""

import json
import re
import shutil
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.records import Journal, RecordError, canonical, outcome_of, verify, write_derived
from folkmoot.records.chain import GENESIS, Head, seal

THEN = "2026-01-01T00:00:00+00:00"
FILES = ("journal.jsonl", "head.json", "transcript.json", "conflicts.json", "outcome.json")


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "r"
    run.write(folder)
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "r")
    return tmp_path / "r"


def resealed(folder: Path, change) -> None:
    """Change lines and make the chain and the head right again: a forger's work.

    `change` makes of a kind and its data the kinds and data that stand in its place.
    """
    prev, out, count = GENESIS, b"", 0
    for raw in (folder / "journal.jsonl").read_bytes().splitlines():
        line = json.loads(raw)
        for kind, data in change(line["kind"], line["data"]):
            count += 1
            sealed, prev = seal(canonical(data), kind, count, prev)
            out += sealed
    (folder / "journal.jsonl").write_bytes(out)
    (folder / "head.json").write_bytes(Head(count, prev).encode())


def test_an_untouched_record_passes(whole):
    found = verify(whole)
    assert found.findings == ()
    assert (found.ok, found.status) == (True, "complete")
    raw = (whole / "journal.jsonl").read_bytes()
    assert found.lines == raw.count(b"\n")
    assert found.head == json.loads(raw.splitlines()[-1])["hash"]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_byte_of_the_journal_changed_is_found_at_its_line(whole, data):
    raw = (whole / "journal.jsonl").read_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != raw[place]))
    found = changed(whole, "journal.jsonl", place, value)
    assert found.findings[0].line == raw[:place].count(b"\n") + 1


def test_every_newline_and_the_last_bytes_of_the_journal_count(whole):
    raw = (whole / "journal.jsonl").read_bytes()
    ends = [place for place, byte in enumerate(raw) if byte == 10]
    for place in (*ends, 0, len(raw) - 2, len(raw) - 3):
        for value in (0, 9, 10, 13, 32, 125, 255):
            if value != raw[place]:
                found = changed(whole, "journal.jsonl", place, value)
                assert found.findings[0].line == raw[:place].count(b"\n") + 1


def test_every_byte_of_the_head_counts(whole):
    for place, byte in enumerate((whole / "head.json").read_bytes()):
        assert "head.json" in changed(whole, "head.json", place, byte ^ 1).findings[0].what


@pytest.mark.parametrize("name", FILES[2:])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_byte_of_the_other_files_changed_is_found(whole, name, data):
    raw = (whole / name).read_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != raw[place]))
    found = changed(whole, name, place, value)
    assert name in found.findings[0].what


def changed(whole: Path, name: str, place: int, value: int):
    """Verify the record with one byte changed; it must fail. The record is put back as it was."""
    path = whole / name
    raw = path.read_bytes()
    try:
        path.write_bytes(raw[:place] + bytes([value]) + raw[place + 1 :])
        found = verify(whole)
    finally:
        path.write_bytes(raw)
    assert not found.ok
    return found


def test_lines_taken_out_put_in_or_swapped_are_found_at_their_place(copy):
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for changed_lines, line in (
        (lines[:5] + lines[6:], 6),
        ([*lines[:5], lines[4], *lines[5:]], 6),
        ([*lines[:5], lines[6], lines[5], *lines[7:]], 6),
        ([*lines[:5], b"\n", *lines[5:]], 6),
        (lines[1:], 1),
    ):
        path.write_bytes(b"".join(changed_lines))
        assert verify(copy).findings[0].line == line


def test_a_tail_cut_off_is_found_by_the_head(copy):
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert "head.json counts" in verify(copy).findings[0].what


def test_the_tail_of_another_run_is_found(run, whole, copy, tmp_path):
    other = run._replace(opening=run.opening.model_copy(update={"run_id": "r2"}))
    other.write(tmp_path / "other")
    mine = (copy / "journal.jsonl").read_bytes().splitlines(keepends=True)
    theirs = (tmp_path / "other" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (copy / "journal.jsonl").write_bytes(b"".join((*mine[:9], *theirs[9:])))
    found = verify(copy)
    assert found.findings[0] == (10, "does not follow from the line before it")


@pytest.mark.parametrize("name", FILES[2:])
def test_a_derived_file_that_is_missing_is_found(copy, name):
    (copy / name).unlink()
    found = verify(copy)
    assert [name in finding.what for finding in found.findings] == [True]


def test_an_unfinished_run_passes_as_far_as_it_goes(run, tmp_path):
    journal = Journal.create(tmp_path / "r", run.opening)
    for call, reply in run.exchanges[:4]:
        journal.call(call)
        journal.reply(reply)
    journal.call(run.exchanges[4][0])
    found = verify(tmp_path / "r")
    assert (found.ok, found.status) == (True, "unfinished")
    run.append(journal)
    journal.release()
    assert verify(tmp_path / "r").status == "unfinished"


def test_a_complete_run_with_a_call_unanswered_is_found(run, tmp_path):
    with Journal.create(tmp_path / "r", run.opening) as journal:
        journal.call(run.exchanges[0][0])
        journal.close()
        write_derived(tmp_path / "r", outcome_of(journal.view()))
    assert "unanswered are c0.0" in verify(tmp_path / "r").findings[0].what


def test_a_run_that_ends_while_it_is_verified_is_no_false_alarm(run, tmp_path, monkeypatch):
    journal = Journal.create(tmp_path / "r", run.opening)
    run.append(journal)
    module = import_module("folkmoot.records.verify")  # Its name in the room is the function's.
    read = module.read_journal

    def read_and_end(folder):
        view = read(folder)
        if journal.ended is None:
            journal.close()
            write_derived(folder, outcome_of(journal.view()))
        return view

    monkeypatch.setattr(module, "read_journal", read_and_end)
    found = verify(tmp_path / "r")
    assert found.findings == ()
    assert found.status == "complete"


def test_files_beside_an_unfinished_journal_that_it_does_not_derive_are_found(run, tmp_path):
    run.write(tmp_path / "r", close=False)
    (tmp_path / "r" / "conflicts.json").write_text("{}")
    whats = [finding.what for finding in verify(tmp_path / "r").findings]
    assert whats == ["conflicts.json is not what the journal derives"]


def test_a_kind_that_has_no_utf_8_form_is_found_at_its_line(copy):
    path = copy / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"kind":"call"', b'"kind":"\\ud800"', 1))
    (finding,) = verify(copy).findings
    assert finding.line is not None
    assert finding.line > 1
    assert finding.what == r"unknown kind '\ud800'"


def test_a_head_that_is_no_file_is_found(copy):
    (copy / "head.json").unlink()
    (copy / "head.json").mkdir()
    (finding,) = verify(copy).findings
    assert re.fullmatch(r"head\.json in '.*' cannot be read: Is a directory", finding.what)
    with pytest.raises(RecordError, match=r"head\.json in '.*' cannot be read"):
        Journal.resume(copy)


def test_a_head_of_another_form_is_found(copy):
    head = Head(1, json.loads((copy / "journal.jsonl").read_bytes().splitlines()[0])["hash"])
    for raw in (
        head.encode().replace(b'"count":1', b'"count":1.0'),
        head.encode().replace(b'"hash":"', b'"hash":"\\ud800'),
    ):
        (copy / "head.json").write_bytes(raw)
        assert "head.json" in verify(copy).findings[0].what


def test_a_record_that_is_not_there_cannot_be_verified(tmp_path):
    with pytest.raises(RecordError, match="no record in"):
        verify(tmp_path)


def _without(gone: str):
    return lambda kind, data: [] if kind == gone else [(kind, data)]


def _with(which: str, **changes):
    return lambda kind, data: [(kind, {**data, **changes} if kind == which else data)]


def _twice(which: str):
    return lambda kind, data: [(kind, data)] * (2 if kind == which else 1)


def _then(which: str, *extra: tuple[str, object]):
    return lambda kind, data: [(kind, data), *(extra if kind == which else ())]


def _as(which: str, other: str):
    return lambda kind, data: [(other if kind == which else kind, data)]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_without("opening"), "the opening is the first line"),
        (_without("text"), "a text or field missing"),
        (_without("call"), "never asked"),
        (_with("opening", note="x"), "Extra inputs"),
        (_with("opening", seed="7"), "form that it is written in"),
        (_with("opening", budget=None), "form that it is written in"),
        (_with("reply", retries="0"), "form that it is written in"),
        (_with("call", round="0"), "form it is written in"),
        (_with("text", text="x"), "digest was taken over"),
        (_with("call", note="x"), "Extra inputs"),
        (_with("call", order=0), "second time"),
        (_with("reply", order=0), "stands here twice"),
        (_with("reply", record="turn"), "Field required|Extra inputs"),
        (_with("record", record="rumour"), "rumour"),
        (_with("close", status="won"), "complete"),
        (_with("close", status="failed"), "complete"),
        (_with("close", reason=""), "Extra inputs"),
        (_with("close", at="garbage"), "at: .*'garbage' is no time in ISO 8601, UTC"),
        (_with("close", at="2026-01-01T00:00:00"), "is no time in ISO 8601, UTC"),
        (_with("opening", started="garbage"), "started: .*is no time in ISO 8601, UTC"),
        (_then("opening", ("resume", {"at": "", "lost": []})), "is no time in ISO 8601, UTC"),
        (_with("call", step=2.0**53), "no canonical form"),
        (_with("reply", took_ms=2.0**53), "no canonical form"),
        (_twice("opening"), "the opening is the first line"),
        (_twice("text"), "a second time"),
        (_twice("call"), "a second time"),
        (_twice("reply"), "stands here twice"),
        (_twice("record"), "stands here twice"),
        (_twice("close"), "after the end of the run"),
        (_then("close", ("resume", {"at": "", "lost": []})), "after the end of the run"),
        (_then("call", ("resume", {"at": THEN, "lost": []})), "were unanswered"),
        (_then("reply", ("resume", {"at": THEN, "lost": ["c0.0"]})), "were unanswered"),
        (_then("reply", ("abort", {"call": "c0.0"})), "not waiting"),
        (_then("opening", ("abort", {"call": "c0.0"})), "not waiting"),
        (_then("opening", ("again", {"call": "c0.0"})), "not aborted"),
        (_then("call", ("again", {"call": "c0.0"})), "not aborted"),
        (_then("reply", ("again", {"call": "c0.0"})), "not aborted"),
        (_then("opening", ("rumour", {})), "unknown kind"),
        (_as("reply", "record"), "in a line of kind 'record'"),
        (_as("record", "reply"), "in a line of kind 'reply'"),
    ],
)
def test_a_forged_chain_does_not_make_an_invalid_line_valid(copy, change, what):
    resealed(copy, change)
    found = verify(copy)
    assert not found.ok
    assert found.findings[0].line is not None
    assert re.search(what, found.findings[0].what), found.findings


def test_a_forged_chain_does_not_make_a_false_quotation_true(copy):
    def change(kind, data):
        if data.get("record") == "turn" and data["id"] == "M2":
            data = {**data, "text": data["text"].replace("mine", "ours")}
        return [(kind, data)]

    resealed(copy, change)
    whats = " ".join(finding.what for finding in verify(copy).findings)
    assert "M2 is not what the reply to c1.1 says" in whats
    assert "quotes M2" in whats
    assert "transcript.json is not what the journal derives" in whats


def test_a_forged_chain_does_not_make_a_dissent_go_away(copy):
    def change(kind, data):
        gone = {"dissent": []} if data.get("record") == "settlement" else {}
        return [(kind, {**data, **gone})]

    resealed(copy, change)
    assert any("only one can have won" in finding.what for finding in verify(copy).findings)


def _by(run, rule: str, **fields):
    """The run as one that was decided by another rule, with that rule's figures."""
    given = {"rule": rule, **fields}

    def decided(record):
        if record.record == "decision":
            return record.model_copy(update=given)
        if record.record != "settlement":
            return record
        ended = {"decided_by": rule, "margin": fields.get("margin", record.resolution.margin)}
        resolution = record.resolution.model_copy(update=ended)
        return record.model_copy(update={"resolution": resolution})

    return run._replace(records=tuple(map(decided, run.records)))


def test_a_forged_schulze_winner_is_found(run, tmp_path):
    honest = {"tally": {"yes": 1.0, "no": 0.0}, "margin": 2.0}
    _by(run, "schulze", **honest).write(tmp_path / "honest")
    assert verify(tmp_path / "honest").findings == ()
    turned = {"tally": {"yes": 0.0, "no": 1.0}, "margin": 2.0, "winner": "no"}
    _by(run, "schulze", **turned).write(tmp_path / "forged")
    whats = [finding.what for finding in verify(tmp_path / "forged").findings]
    assert any("under schulze come to decided, winner 'yes'" in what for what in whats)
