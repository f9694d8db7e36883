from folkmoot.records import Close, Conflict, ConflictLog, Transcript
from folkmoot.records.conflict_log import entries

DONE = Close(at="2026-01-01T00:01:00+00:00", status="complete")


def test_a_conflict_its_settlement_and_its_treatment_are_one_entry(run):
    (entry,) = entries(run.transcript)
    assert (entry.contested_status, entry.status) == ("narrowed", "outvoted")
    assert entry.resolution is not None
    assert (entry.resolution.rule, entry.resolution.margin) == ("vote", 1.0)
    assert [(each.seat, each.position) for each in entry.dissent] == [("patient", "cf1.b")]
    assert entry.treatment is not None
    assert entry.treatment.treatment == "addressed"
    conflict = run.transcript.conflicts[0]
    for name in Conflict.model_fields:
        if name != "status":
            assert getattr(entry, name) == getattr(conflict, name)


def test_before_the_decision_there_is_no_end(run):
    (entry,) = entries(Transcript(run.opening, [r for r in run.transcript if r.step < 5]))
    assert (entry.status, entry.resolution, entry.dissent) == ("narrowed", None, ())
    assert entry.treatment is None


def test_entries_stand_in_the_order_in_which_they_were_drawn_up(run):
    conflict = run.transcript.conflicts[0]
    conflicts = [
        conflict.model_copy(update={"order": order, "id": f"cf{order}"}) for order in (2, 0, 1)
    ]
    found = entries(Transcript(run.opening, conflicts))
    assert [each.id for each in found] == ["cf0", "cf1", "cf2"]


def test_the_log_counts_only_what_is_on_record(run):
    log = ConflictLog.of(run.transcript, DONE).as_json()
    assert log["schema"] == "conflict-log/1"
    assert log["coverage"] == {
        "conflicts": 1,
        "by_status": {"outvoted": 1},
        "dissents": 1,
        "stance_changes": 1,
        "unexplained_changes": 0,
        "flagged": 0,
    }
    assert log["run"]["status"] == "complete"
    assert log["run"]["finished"] == DONE.at
    assert log["run"]["rounds"] == 2
    assert log["run"]["protocol"] == "debate"
    assert [party["seat"] for party in log["parties"]] == list(run.opening.seats)
    assert [ballot["id"] for ballot in log["ballots"]] == ["b1", "b2", "b3"]
    assert log["decision"]["winner"] == "yes"
    empty = ConflictLog.of(Transcript(run.opening)).as_json()
    assert (empty["conflicts"], empty["run"]["status"]) == ([], "incomplete")
    assert "decision" not in empty
    assert "finished" not in empty["run"]
