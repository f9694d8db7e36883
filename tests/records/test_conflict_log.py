import pytest

from folkmoot.records import (
    Answer,
    Close,
    Conflict,
    ConflictLog,
    Event,
    Move,
    Ratification,
    Record,
    Relation,
    ReopenIf,
    Reply,
    Resolution,
    Settlement,
    Transcript,
    Treatment,
    Turn,
    audit,
    quotation,
)
from folkmoot.records.audit import ratifications, silences
from folkmoot.records.conflict_log import entries
from folkmoot.records.conflicts import Span
from folkmoot.records.terms import Ratified

WRONG = "'no' was not decided for"
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
        "ratified": 0,
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


def replaced(run, kind: type, **fields) -> Transcript:
    """The run with other fields in its records of a kind."""
    changed = (
        each.model_copy(update=fields) if isinstance(each, kind) else each
        for each in run.transcript.records
    )
    return Transcript(run.opening, changed)


def changes(seen: Transcript) -> tuple[int, int]:
    coverage = ConflictLog.of(seen).coverage
    return coverage.stance_changes, coverage.unexplained_changes


def without(seen: Transcript, kind: type) -> list[Record]:
    return [each for each in seen.records if not isinstance(each, kind)]


def test_both_counts_of_changes_are_of_the_same_events(run):
    """A change on an open question, or one that a clerk found, is no move on record."""
    gone = Event(round=1, event="withdrawn", by="clerk", reason="unexplained")
    history = (Event(round=0, event="opened"), gone)
    seen = replaced(run, Conflict, history=history)
    assert changes(seen) == (1, 1)
    assert changes(Transcript(run.opening, without(seen, Move))) == (1, 1)
    conceded = gone.model_copy(update={"event": "conceded", "reason": "argument"})
    dropped = gone.model_copy(update={"event": "dropped", "reason": None})
    seen = replaced(run, Conflict, history=(*history, conceded, dropped))
    assert changes(seen) == (2, 1)


def test_changes_in_every_conflict_count(run):
    gone = Event(round=1, event="withdrawn", by="patient", reason="unexplained")
    other = run.transcript.conflicts[0].model_copy(
        update={"id": "cf2", "order": 1, "about": "M1", "history": (gone,)}
    )
    assert changes(after(run, other)) == (2, 1)


def test_moves_that_belong_to_no_conflict_are_counted_as_they_were_declared(run):
    assert changes(Transcript(run.opening, without(run.transcript, Conflict))) == (1, 0)
    alone = replaced(run, Move, because="unexplained")
    assert changes(Transcript(run.opening, without(alone, Conflict))) == (1, 1)


def test_a_conflict_that_was_resolved_says_so_last(run):
    (conflict,) = run.transcript.conflicts
    judge = Resolution(rule="judge", decided_by="nurse")
    seen = replaced(run, Settlement, status="resolved", resolution=judge)
    (entry,) = entries(seen)
    assert entry.history == (*conflict.history, Event(round=1, event="resolved"))
    assert entries(run.transcript)[0].history == conflict.history
    late = own(run, "dissent", 4).model_copy(update={"round": 5})
    assert entries(Transcript(run.opening, (*seen.records, late)))[0].history == entry.history
    later = conflict.model_copy(update={"history": (Event(round=3, event="opened"),)})
    rest = (*without(seen, Conflict), later)
    assert [each.round for each in entries(Transcript(run.opening, rest))[0].history] == [3, 3]


def asked(seat: str, purpose: str, count: int) -> list[Reply]:
    return [
        Reply(step=4, order=order, seat=seat, purpose=purpose, state="unavailable")
        for order in range(count)
    ]


def judged(run, layer: str, *calls: int) -> list[Relation]:
    """Relations, each read from so many calls."""
    words = run.transcript.conflicts[0].positions[0].spans[0]
    return [
        Relation(
            step=4,
            order=order,
            id=f"r{order + 1}",
            second=words,
            probabilities={"attack": 1.0, "support": 0.0, "neither": 0.0},
            layer=layer,
            model="small",
            calls=tuple(f"c4.{number}" for number in range(count)),
        )
        for order, count in enumerate(calls)
    ]


def test_what_a_clerk_was_asked_and_what_of_it_could_be_read(run):
    log = ConflictLog.of(run.transcript).as_json()["coverage"]
    assert "clerk" not in log
    assert "llm" not in log
    silent = ConflictLog.of(after(run, *asked("clerk", "relation", 24))).as_json()["coverage"]
    assert silent["clerk"] == {"asked": 12, "judged": 0}
    assert "llm" not in silent
    some = after(run, *asked("clerk", "relation", 6), *judged(run, "clerk", 2, 2))
    coverage = ConflictLog.of(some).coverage
    assert coverage.clerk is not None
    assert (coverage.clerk.asked, coverage.clerk.judged) == (3, 2)
    others = after(run, *asked("nurse", "relation", 4), *asked("clerk", "speak", 4))
    assert ConflictLog.of(others).coverage.clerk is None


@pytest.mark.parametrize(
    ("log", "read", "pairs"),
    [(None, (), 10), ({"llm": "big", "votes": 5}, (), 6), (None, (15,), 2)],
)
def test_a_large_model_is_asked_as_often_as_it_votes(run, log, read, pairs):
    protocol = run.opening.protocol.model_copy(update={"log": log})
    opening = run.opening.model_copy(update={"protocol": protocol})
    told = after(run, *asked("clerk", "relation_votes", 30), *judged(run, "llm", *read))
    coverage = ConflictLog.of(Transcript(opening, told.records)).coverage
    assert coverage.clerk is None
    assert coverage.llm is not None
    assert (coverage.llm.asked, coverage.llm.judged) == (pairs, len(read))


def own(run, role: str, number: int) -> Turn:
    """A message of the patient's after the decision."""
    turn = next(each for each in run.records if isinstance(each, Turn) and each.seat == "patient")
    fields = {"id": f"M{number}", "step": 5, "order": number, "role": role}
    return turn.model_copy(update=fields)


def after(run, *records) -> Transcript:
    return Transcript(run.opening, (*run.transcript.records, *records))


def ratification(state: Ratified, stands: Span | None, **other: str) -> Ratification:
    fields = {"conflict": "cf1", "seat": "patient", "position": "cf1.b", **other}
    return Ratification(step=5, order=0, state=state, span=stands, **fields)


def test_a_dissent_is_stated_as_its_seat_ratified_it(run):
    verbatim = run.transcript.settlements[0].dissent[0].span
    written = own(run, "dissent", 4)
    for state, stands, ratified in (
        ("confirmed", verbatim, 1),
        ("corrected", quotation(written), 1),
        ("unreadable", verbatim, 0),
        ("unavailable", verbatim, 0),
    ):
        seen = after(run, written, ratification(state, stands))
        (dissent,) = entries(seen)[0].dissent
        assert (dissent.ratified, dissent.span) == (state, stands)
        assert ConflictLog.of(seen).coverage.ratified == ratified
        assert audit(seen) == ()
    assert entries(run.transcript)[0].dissent[0].ratified is None


def test_the_conditions_of_a_conflict_are_in_its_entry(run):
    said = own(run, "condition", 4)
    condition = ReopenIf(step=5, order=0, conflict="cf1", seat="patient", span=quotation(said))
    seen = after(run, said, condition)
    assert entries(seen)[0].reopen_if == (condition,)
    assert audit(seen) == ()
    elsewhere = after(run, said, condition.model_copy(update={"conflict": "cf2"}))
    assert entries(elsewhere)[0].reopen_if == ()


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        (ratification("confirmed", None), "not what was on record"),
        (ratification("corrected", None), "no dissent in its own words"),
        (ratification("confirmed", None, seat="nurse"), "does not dissent there"),
        (ratification("unavailable", None, position="cf1.a"), "not what was on record"),
    ],
)
def test_a_statement_that_is_not_the_dissenters_own_is_found(run, given, finding):
    assert finding in "; ".join(ratifications(after(run, given)))


def test_words_of_another_role_or_another_seat_are_no_correction_and_no_condition(run):
    verbatim = run.transcript.settlements[0].dissent[0].span
    condition = ReopenIf(step=5, order=0, conflict="cf1", seat="patient", span=verbatim)
    found = list(ratifications(after(run, ratification("corrected", verbatim), condition)))
    assert len(found) == 2
    foreign = own(run, "dissent", 4).model_copy(update={"seat": "nurse"})
    given = ratification("corrected", quotation(foreign))
    assert list(ratifications(after(run, foreign, given))) != []


def test_a_dissent_that_is_ratified_twice_is_found(run):
    verbatim = run.transcript.settlements[0].dissent[0].span
    twice = [ratification("confirmed", verbatim).model_copy(update={"order": n}) for n in (0, 1)]
    assert "2 times" in "; ".join(ratifications(after(run, *twice)))


def test_an_open_severe_conflict_is_serious_and_no_other(run):
    (entry,) = entries(run.transcript)
    assert entry.serious
    assert not entry.model_copy(update={"status": "conceded"}).serious
    slight = {"severity": entry.severity.model_copy(update={"level": 1})}
    assert not entry.model_copy(update={**slight, "kind": "factual"}).serious
    # Values that a vote decided over are serious however slight the conflict is.
    assert entry.model_copy(update=slight).serious
    assert not entry.model_copy(update={**slight, "resolution": None}).serious


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ({"treatment": "misstated", "misstatements": (WRONG,), "flagged": True}, None),
        ({"treatment": "misstated", "misstatements": ("x",)}, "misstates cf1 (outvoted)"),
        ({"treatment": "misstated", "flagged": True}, "0 misstatements"),
        ({"treatment": "silent", "misstatements": ("x",), "flagged": True}, "1 misstatements"),
        ({"treatment": "silent"}, "silent on cf1 (outvoted), and it is not flagged"),
        (
            {
                "treatment": "addressed",
                "positions_voiced": ("cf1.a", "cf1.b"),
                "flagged": True,
            },
            "flagged without cause",
        ),
    ],
)
def test_a_treatment_and_its_flag_must_fit(run, given, finding):
    treatment = Treatment.model_validate({"conflict": "cf1", **given})
    (answer,) = (each for each in run.records if isinstance(each, Answer))
    others = (each for each in run.transcript.records if each is not answer)
    text = "No. So be it." if finding is None else answer.text
    changed = answer.model_copy(update={"treatments": (treatment,), "text": text})
    found = "; ".join(silences(Transcript(run.opening, (*others, changed))))
    assert found == "" if finding is None else finding in found
