import json
import random

import pytest

from folkmoot.records import (
    Close,
    Journal,
    RecordError,
    Reply,
    derive,
    load,
    outcome_of,
    write_derived,
)

DONE = Close(at="2026-01-01T00:01:00+00:00", status="complete")


def test_the_outcome_is_all_that_the_run_came_to(run):
    outcome = derive(run.opening, run.transcript.records, close=DONE)
    assert outcome.answer == run.transcript.answer.text
    assert outcome.decision == run.transcript.decision
    assert [entry.id for entry in outcome.conflicts] == ["cf1"]
    assert [dissent.seat for dissent in outcome.dissents] == ["patient"]
    said = outcome.dissents[0].span.exact
    assert said.startswith("My records are mine alone.")
    assert said in run.transcript.turn(outcome.dissents[0].span.message).text
    assert outcome.ledger.total.calls == 9
    assert (outcome.status, outcome.record, outcome.absences) == ("complete", None, ())
    assert str(outcome).startswith("Yes.")
    assert "winner='yes'" in repr(outcome)


def test_the_order_of_arrival_does_not_matter(run):
    records = list(run.transcript.records)
    random.Random(3).shuffle(records)
    expected = derive(run.opening, run.transcript.records, close=DONE).derived()
    assert derive(run.opening, records, close=DONE).derived() == expected


def test_the_json_form_has_every_part(run, tmp_path):
    run.write(tmp_path / "r")
    shown = json.loads(json.dumps(load(tmp_path / "r").as_json(), allow_nan=False))
    assert set(shown) == {
        "schema",
        "run_id",
        "question",
        "status",
        "answer",
        "decision",
        "conflicts",
        "dissents",
        "ledger",
        "absences",
        "record",
    }
    assert shown["record"] == str(tmp_path / "r")
    derived = json.loads((tmp_path / "r" / "outcome.json").read_bytes())
    assert shown == {**derived, "record": shown["record"]}
    assert shown["schema"] == "outcome/1"
    assert (shown["decision"]["status"], shown["decision"]["rule"]) == ("decided", "majority")
    assert shown["decision"]["tally"] == {"yes": 2.0, "no": 1.0}
    assert shown["ledger"]["total"] == {
        "calls": 9,
        "prompt": 120,
        "computed": 48,
        "cached": 72,
        "completion": 33,
        "retries": 0,
    }
    assert list(shown["ledger"]["seats"]) == ["nurse", "patient", "clerk"]


def test_derived_files_are_the_same_from_memory_and_from_the_journal(run, tmp_path):
    journal = run.write(tmp_path / "a" / "r")
    live = outcome_of(journal.view(), journal.folder).derived()
    assert load(tmp_path / "a" / "r").derived() == live
    assert {name: (tmp_path / "a" / "r" / name).read_bytes() for name in live} == live
    moved = (tmp_path / "a" / "r").rename(tmp_path / "b")
    assert load(moved).derived() == live
    assert str(tmp_path).encode() not in b"".join(live.values())
    assert json.loads(live["transcript.json"])["schema"] == "transcript/1"
    assert json.loads(live["conflicts.json"])["schema"] == "conflict-log/1"
    assert json.loads(live["outcome.json"])["schema"] == "outcome/1"


def test_a_run_that_has_not_ended_says_so_in_words(run, tmp_path):
    with Journal.create(tmp_path / "r", run.opening) as journal:
        journal.call(run.exchanges[0][0])
        standing = load(tmp_path / "r")
        assert (standing.status, standing.decision) == ("incomplete", None)
        assert standing.answer == "No answer yet: the run has not ended."
        assert "decision" not in standing.as_json()


def test_a_run_that_ended_without_an_answer_says_so_in_words(run):
    outcome = derive(run.opening, (), close=DONE)
    assert (outcome.status, outcome.answer) == (
        "complete",
        "No answer: the run ended and came to none.",
    )


def test_absences_are_listed_as_what_they_are(run):
    call = run.exchanges[0][0]
    states = ("unavailable", "refused", "empty", "cut_off", "ok")
    replies = [
        Reply.to(
            call.model_copy(update={"order": order}), state, error="why" if order == 0 else None
        )
        for order, state in enumerate(states)
    ]
    outcome = derive(run.opening, replies)
    assert [(each.call, each.state) for each in outcome.absences] == [
        ("c0.0", "unavailable"),
        ("c0.1", "refused"),
        ("c0.2", "empty"),
        ("c0.3", "cut_off"),
    ]
    assert outcome.as_json()["absences"][0] == {
        "seat": "nurse",
        "call": "c0.0",
        "purpose": "stand",
        "state": "unavailable",
        "error": "why",
    }


def test_one_seat_dissents_once_from_one_position(run):
    settlement = run.transcript.settlements[0]
    again = settlement.model_copy(update={"dissent": settlement.dissent * 2})
    records = [again if record is settlement else record for record in run.transcript.records]
    assert len(derive(run.opening, records).dissents) == 1


def test_a_derived_file_is_written_whole_or_not_at_all(run, tmp_path):
    journal = run.write(tmp_path / "r")
    (tmp_path / "r" / "transcript.json").unlink()
    (tmp_path / "r" / "transcript.json").mkdir()
    with pytest.raises(RecordError, match=r"cannot write transcript\.json"):
        write_derived(tmp_path / "r", outcome_of(journal.view()))
    assert not list((tmp_path / "r").glob("*.new"))
