"""No end of a conflict looks like another: each forgery of a correct record is found."""

import pytest

from folkmoot.records import Transcript, audit
from folkmoot.records.audit import CHECKS
from folkmoot.records.endings import settlements, severities, silences, statuses
from folkmoot.records.held import changes, holders, paths
from tests.records.edits import edited, setting


def found(check, transcript: Transcript) -> str:
    findings = list(check(transcript))
    assert set(findings) <= set(audit(transcript))
    assert check in CHECKS
    return "; ".join(findings)


def settled(run, status: str, rule: str, **more) -> Transcript:
    """The run with another end of its conflict."""
    resolution = {"rule": rule, **more}
    seen = edited(run, "settlement", setting("resolution", to=resolution))
    return edited(seen, "settlement", setting("status", to=status))


@pytest.mark.parametrize(
    ("rule", "by", "margin", "said"),
    [
        ("vote", "majority", 99.0, "has the margin 99.0; the decision has 1.0"),
        ("vote", "majority", None, "has the margin None; the decision has 1.0"),
        ("vote", "nonsense", 1.0, "decided by 'nonsense'; it was 'majority'"),
        ("judge", "nurse", 1.0, "settled by a judge; it was decided by majority"),
    ],
)
def test_a_vote_has_the_decisions_decider_and_margin(run, rule, by, margin, said):
    forged = settled(run, "outvoted", rule, decided_by=by, margin=margin)
    assert said in found(settlements, forged)


def test_an_end_without_a_decision_names_no_decider(run):
    forged = settled(run, "narrowed", "none", decided_by="majority", margin=1.0)
    assert "was not decided, and names who decided it" in found(settlements, forged)


@pytest.mark.parametrize("kind", ["value", "preference", "factual", "procedural", None])
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("concession", "said to end by concession; it was narrowed"),
        ("merge", "said to end by merging, and its sides did not"),
        ("fact_check", "of which nothing is on record"),
        ("veto", "of which nothing is on record"),
        ("timeout", "resolved by 'timeout', which cannot resolve it"),
    ],
)
def test_resolved_needs_a_rule_that_took_place(run, kind, rule, said):
    forged = edited(settled(run, "resolved", rule), "conflict", setting("kind", to=kind))
    assert said in found(settlements, forged)


def test_a_run_that_was_cut_off_is_not_resolved_by_its_end(run):
    """Of whatever kind, and whether its close is on record or not."""
    for kind in ("value", "factual", "procedural", None):
        forged = edited(settled(run, "resolved", "timeout"), "conflict", setting("kind", to=kind))
        part = Transcript(run.opening, [each for each in forged if each.step < 6])
        assert "resolved by 'timeout'" in found(settlements, part)


@pytest.mark.parametrize("status", ["conceded", "went_along", "dropped"])
def test_what_is_said_to_be_over_is_held_by_one_side_at_most(run, status):
    forged = edited(run, "conflict", setting("status", to=status))
    assert f"is {status}, and of its sides 2 are held" in found(statuses, forged)
    forged = edited(run, "settlement", setting("status", to=status))
    assert f"is {status}, and yet was settled by a vote" in found(settlements, forged)
    assert f"was narrowed and is {status} by no rule" in found(
        settlements, settled(run, status, "none")
    )


@pytest.mark.parametrize(
    ("status", "event"), [("conceded", "withdrawn"), ("went_along", "conceded")]
)
def test_what_is_said_to_be_conceded_was_conceded_by_somebody(run, status, event):
    forged = edited(run, "conflict", setting("positions", 1, "parties", to=[]))
    forged = edited(forged, "conflict", setting("status", to=status))
    forged = edited(forged, "conflict", setting("history", 1, "event", to=event))
    needed = {"conceded": "conceded", "went_along": "withdrawn"}[status]
    assert f"is {status}, and nobody has {needed}" in found(statuses, forged)


@pytest.mark.parametrize("status", ["open", "narrowed"])
def test_what_is_said_to_be_open_is_held_by_two_sides(run, status):
    one = edited(run, "conflict", setting("positions", 1, "parties", to=[]))
    forged = edited(one, "conflict", setting("status", to=status))
    assert f"is {status}, and of its sides 1 are held" in found(statuses, forged)


@pytest.mark.parametrize("status", ["outvoted", "resolved", "moot"])
def test_no_conflict_is_settled_before_the_decision(run, status):
    forged = edited(run, "conflict", setting("status", to=status))
    assert "before anything was decided" in found(statuses, forged)


@pytest.mark.parametrize(("part", "value"), [("level", 3), ("breadth", 1.0), ("stakes", 1.0)])
def test_a_level_that_its_parts_do_not_come_to_is_found(run, part, value):
    forged = edited(run, "conflict", setting("severity", part, to=value))
    assert "its parts come to" in found(severities, forged)


def test_the_questions_own_conflict_is_never_slight(run):
    slight = edited(run, "conflict", setting("severity", "breadth", to=0.1))
    assert found(severities, slight) == ""
    slighter = edited(slight, "conflict", setting("severity", "level", to=1))
    assert "is of level 1" in found(severities, slighter)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes.", "the answer reads silent"),
        ("Yes. Decided by majority 2:1.\nyes: nurse, clerk.", "the answer reads partial"),
        ("No. Decided by majority 2:1.", "the answer reads misstated"),
        ("Yes.\nyes: nurse, clerk.\nno: patient, clerk.", "the answer reads misstated"),
    ],
)
def test_an_answer_is_read_again_by_the_same_rule(run, text, said):
    cut = edited(
        edited(run, "answer", setting("text", to=text)), "answer", setting("sentences", to=[])
    )
    assert said in found(silences, cut)


def test_a_seat_that_changed_sides_did_so_by_an_event(run):
    silent = edited(run, "conflict", lambda plain: {**plain, "history": plain["history"][:1]})
    assert "clerk left cf1.b for cf1.a without an event" in found(paths, silent)


def test_a_seat_that_is_gone_was_dropped(run):
    gone = edited(run, "conflict", setting("positions", 1, "parties", to=[]))
    assert "patient left cf1.b for None without an event" in found(paths, gone)
    event = {"round": 1, "event": "dropped", "by": "patient", "from_position": "cf1.b"}
    told = edited(gone, "conflict", lambda plain: {**plain, "history": [*plain["history"], event]})
    assert found(paths, told) == ""
    # It is connected, and yet not what the stances say.
    assert "patient is on the side of None (parties)" in found(holders, told)


def test_an_event_takes_a_seat_from_where_it_was(run):
    forged = edited(run, "conflict", setting("history", 1, "from_position", to="cf1.a"))
    assert "from cf1.a, and was on cf1.b" in found(paths, forged)


def test_holders_are_those_that_the_stances_come_to(run):
    moved = edited(run, "conflict", setting("positions", 0, "parties", to=["nurse"]))
    moved = edited(moved, "conflict", setting("positions", 1, "parties", to=["patient", "clerk"]))
    assert "clerk is on the side of 'no' (parties), and its stands say 'yes'" in found(
        holders, moved
    )
    first = edited(run, "conflict", setting("positions", 0, "held_first", to=["nurse", "clerk"]))
    first = edited(first, "conflict", setting("positions", 1, "held_first", to=["patient"]))
    assert "clerk is on the side of 'yes' (held_first)" in found(holders, first)


@pytest.mark.parametrize("told", [None, {"patient": 0}])
def test_who_was_not_heard_is_said_and_nobody_else(run, told):
    def unread(plain):
        del plain["choice"]
        return {**plain, "state": "unavailable"}

    lost = edited(run, "stance", unread, 4)
    assert lost.stances[4].seat == "patient"
    said = edited(lost, "conflict", setting("positions", 1, "last_heard", to=told))
    assert ("last heard are" in found(holders, said)) == (told is None)
    heard = edited(run, "conflict", setting("positions", 1, "last_heard", to={"patient": 0}))
    assert "last heard are" in found(holders, heard)


def test_a_move_that_nobody_made_is_found(run):
    event = {
        "round": 1,
        "event": "withdrawn",
        "by": "patient",
        "from_position": "cf1.b",
        "to_position": "cf1.a",
        "reason": "unexplained",
    }
    more = edited(run, "conflict", lambda plain: {**plain, "history": [*plain["history"], event]})
    assert "says that patient moved in round 1; it did not" in found(changes, more)
