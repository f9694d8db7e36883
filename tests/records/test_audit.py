import json

import pytest

from folkmoot.records import Act, Transcript, audit, span
from folkmoot.records.audit import (
    CHECKS,
    attributions,
    changes,
    differences,
    losers,
    positions,
    quotations,
    settlements,
    silences,
    sums,
    words,
)
from folkmoot.records.ledger import ledger
from tests.records.edits import edited, setting


def test_a_whole_run_has_no_finding(run):
    assert audit(run.transcript) == ()
    assert list(sums(run.transcript, ledger(run.transcript.replies))) == []


@pytest.mark.parametrize("steps", range(8))
def test_a_run_that_has_not_ended_has_no_finding_as_far_as_it_goes(run, steps):
    part = Transcript(run.opening, [each for each in run.transcript if each.step < steps])
    assert audit(part) == ()


def found(check, transcript: Transcript) -> str:
    findings = list(check(transcript))
    assert len(findings) >= 1
    assert set(findings) <= set(audit(transcript))
    assert check in CHECKS
    return "; ".join(findings)


@pytest.mark.parametrize("field", ["start", "end", "exact", "message_sha256", "message"])
@pytest.mark.parametrize(
    "path",
    [
        ("conflict", "positions", 0, "spans", 0),
        ("conflict", "positions", 1, "spans", 0),
        ("settlement", "dissent", 0, "span"),
    ],
)
def test_a_quotation_that_is_off_in_any_field_is_found(run, path, field):
    name, *inside = path
    value = {"start": 1, "end": 9, "exact": "x", "message_sha256": "0" * 64, "message": "M3"}[field]
    assert "quotes" in found(quotations, edited(run, name, setting(*inside, field, to=value)))


@pytest.mark.parametrize("value", [(-1, 3), (3, 3), (0, 10_000)])
def test_a_quotation_beyond_its_message_is_found(run, value):
    def edit(plain):
        plain["positions"][0]["spans"][0].update(start=value[0], end=value[1])
        return plain

    assert "beyond" in found(quotations, edited(run, "conflict", edit))


@pytest.mark.parametrize("side", [0, 1])
def test_words_of_another_under_a_position_are_found(run, side):
    position = next(each for each in run.transcript if each.record == "conflict").positions[side]
    holders = {*position.parties, *position.held_first}
    turn = next(each for each in run.transcript.turns if each.seat not in holders)
    quoted = span(turn, 0, len(turn.text)).model_dump(mode="json")
    forged = edited(run, "conflict", setting("positions", side, "spans", to=[quoted]))
    assert f"is quoted from {turn.seat}" in found(attributions, forged)


def test_a_dissent_in_the_words_of_another_is_found(run):
    (dissent,) = next(each for each in run.transcript if each.record == "settlement").dissent
    turn = next(each for each in run.transcript.turns if each.seat != dissent.seat)
    quoted = span(turn, 0, len(turn.text)).model_dump(mode="json")
    forged = edited(run, "settlement", setting("dissent", 0, "span", to=quoted))
    assert f"the dissent of {dissent.seat} quotes {turn.seat}" in found(attributions, forged)


def test_a_move_that_another_seats_words_are_said_to_show_is_found(run):
    history = next(each for each in run.transcript if each.record == "conflict").history
    number, event = next((n, each) for n, each in enumerate(history) if each.by is not None)
    theirs = {event.by, *(run.transcript.turn(each).seat for each in event.cites)}
    turn = next(each for each in run.transcript.turns if each.seat not in theirs)
    quoted = span(turn, 0, len(turn.text)).model_dump(mode="json")
    forged = edited(run, "conflict", setting("history", number, "spans", to=[quoted]))
    assert "is shown by words of" in found(attributions, forged)


def test_an_act_in_the_message_of_another_is_found(run):
    turn = run.transcript.turns[0]
    other = next(each for each in run.opening.seats if each != turn.seat)
    act = Act(
        step=turn.step,
        order=9,
        id="A1",
        seat=other,
        round=0,
        act="hold",
        message=turn.id,
        about=None,
    )
    forged = Transcript(run.opening, [*run.transcript, act])
    assert f"A1 of {other} is said in" in found(attributions, forged)


def test_a_quotation_of_a_message_that_is_not_there_is_found(run):
    edit = setting("positions", 0, "spans", 0, "message", to="M9")
    assert "not on record" in found(quotations, edited(run, "conflict", edit))


def test_words_that_no_model_said_are_found(run):
    said = edited(run, "turn", setting("text", to="I never said this."))
    assert "M1 is not what the reply to c1.0 says" in found(words, said)
    unasked = edited(run, "turn", setting("call", to="c9.9"))
    assert "has no reply" in found(words, unasked)
    silent = edited(run, "reply", lambda plain: {**plain, "state": "unavailable", "text": ""}, 3)
    assert "is unavailable" in found(words, silent)


def test_words_inside_a_json_reply_are_its_own(run):
    text = run.transcript.turn("M1").text
    stated = json.dumps({"reason": text, "answer": "yes"})
    assert text not in stated
    assert not list(words(edited(run, "reply", setting("text", to=stated), 3)))
    other = json.dumps({"reason": "Something else.", "answer": "yes"})
    assert "not what" in found(words, edited(run, "reply", setting("text", to=other), 3))


def test_a_seat_on_two_sides_is_found(run):
    both = edited(run, "conflict", setting("positions", 1, "parties", to=["patient", "nurse"]))
    assert "nurse is on two sides" in found(positions, both)
    first = edited(run, "conflict", setting("positions", 1, "held_first", to=["nurse", "clerk"]))
    assert "(held_first)" in found(positions, first)


def test_a_conflict_of_one_side_is_found(run):
    one = edited(run, "conflict", lambda plain: {**plain, "positions": plain["positions"][:1]})
    assert "fewer than two" in found(positions, one)


def test_a_blind_difference_that_is_not_logged_is_found(run):
    records = [each for each in run.transcript if each.record not in ("conflict", "settlement")]
    missing = Transcript(run.opening, records)
    assert "no conflict is logged" in found(differences, missing)
    elsewhere = edited(run, "conflict", setting("about", to="M1"))
    assert "no conflict is logged" in found(differences, elsewhere)


def test_a_seat_left_out_of_a_logged_difference_is_found(run):
    left_out = edited(run, "conflict", setting("positions", 1, "held_first", to=["clerk"]))
    assert "patient first held 'no'" in found(differences, left_out)
    turned = edited(run, "stance", setting("choice", to="yes"), 1)
    assert "patient first held 'yes'" in found(differences, turned)


def test_only_the_blind_round_is_asked_for(run):
    """The patient takes its first stand, against all others, when it has heard them."""
    records = [
        each
        for each in run.transcript
        if each.record not in ("conflict", "settlement", "move")
        and not (each.record == "stance" and (each.seat, each.round) == ("patient", 0))
    ]
    agreed = [
        each.model_copy(update={"choice": "yes"})
        if each.record == "stance" and each.seat != "patient"
        else each
        for each in records
    ]
    assert not list(differences(Transcript(run.opening, agreed)))


def test_a_seat_that_moved_is_accounted_for_by_its_event(run):
    moved = edited(run, "conflict", setting("positions", 1, "held_first", to=["patient"]))
    assert not list(differences(moved))


def test_a_change_without_a_move_is_found(run):
    unmoved = edited(run, "move", lambda plain: None)
    assert "clerk went from 'no' to 'yes' in round 1" in found(changes, unmoved)
    back = edited(run, "stance", setting("choice", to="no"), 3)
    assert "nurse went from 'yes' to 'no'" in found(changes, back)


def test_a_move_without_a_change_is_found(run):
    for edit in (setting("seat", to="nurse"), setting("round", to=0), setting("to_choice", to="x")):
        assert "never went" in found(changes, edited(run, "move", edit))


def test_an_unreadable_stance_between_two_does_not_hide_a_change(run):
    def spoil(plain):
        del plain["choice"]
        return {**plain, "state": "unreadable"}

    records = [each for each in run.transcript if each.record != "move"]
    held = [each for each in records if each.record == "stance" and each.seat == "clerk"]
    between = type(held[0]).model_validate({**spoil(held[0].plain()), "step": 1, "order": 9})
    assert "clerk went" in found(changes, Transcript(run.opening, [*records, between]))


def test_a_move_that_the_conflict_does_not_tell_is_found(run):
    silent = edited(run, "conflict", lambda plain: {**plain, "history": plain["history"][:1]})
    assert "no event for the move of clerk" in found(changes, silent)
    kinder = edited(run, "move", setting("because", to="unexplained"))
    assert "no event for the move of clerk" in found(changes, kinder)


def test_a_conflict_drawn_up_after_the_decision_is_found(run):
    late = edited(run, "conflict", setting("step", to=6))
    assert "after the decision" in found(settlements, late)


def test_a_conflict_that_is_not_settled_is_found(run):
    open_ended = edited(run, "settlement", lambda plain: None)
    assert "settled 0 times" in found(settlements, open_ended)


@pytest.mark.parametrize(
    ("status", "rule", "decision", "what"),
    [
        ("outvoted", "none", "decided", "outvoted by rule 'none'"),
        ("outvoted", "vote", "deadlock", "decision deadlock"),
        ("resolved", "none", "decided", "resolved by no rule"),
        ("conceded", "vote", "decided", "settled by a vote"),
        ("open", "vote", "decided", "settled by a vote"),
    ],
)
def test_an_end_that_looks_like_another_is_found(run, status, rule, decision, what):
    def settle(plain):
        return {**plain, "status": status, "resolution": {"rule": rule}}

    ended = edited(run, "settlement", settle)
    if decision != "decided":
        ended = edited(
            run._replace(records=tuple(each for each in ended if each.record != "reply")),
            "decision",
            setting("status", to=decision),
        )
    assert what in found(settlements, ended)


def test_a_loser_left_out_of_the_dissents_is_found(run):
    erased = edited(run, "settlement", setting("dissent", to=[]))
    assert "only one can have won" in found(losers, erased)
    two = edited(run, "conflict", setting("positions", 1, "parties", to=["patient", "clerk"]))
    assert "clerk was outvoted" in found(losers, two)


def test_winners_who_are_listed_as_dissenting_in_place_of_the_losers_are_found(run):
    dissent = [{"seat": seat, "position": "cf1.a"} for seat in ("nurse", "clerk")]
    swapped = edited(run, "settlement", setting("dissent", to=dissent))
    assert "holders of 'no' lost" in found(losers, swapped)


def test_an_answer_that_does_not_treat_a_conflict_is_found(run):
    untreated = edited(run, "answer", setting("treatments", to=[]))
    assert "does not say how it treats cf1" in found(silences, untreated)


def saying(run, text: str, **treatment) -> Transcript:
    """The run with another answer, which says so of itself how it treats the conflict."""

    def edit(plain):
        return {
            **plain,
            "text": text,
            "sentences": [],
            "treatments": [{"conflict": "cf1", **treatment}],
        }

    return edited(run, "answer", edit)


def test_silence_on_a_serious_unsettled_conflict_must_be_flagged(run):
    silent = {"treatment": "silent"}
    assert "not flagged" in found(silences, saying(run, "Yes.", **silent))
    assert not list(silences(saying(run, "Yes.", **silent, flagged=True)))


def test_silence_on_values_that_were_outvoted_is_flagged_however_slight(run):
    """A conflict of values that a vote decided is listed in the answer or flagged, at any level."""
    slight = setting("severity", "level", to=1)
    for kind, flagged in (("value", True), ("preference", False), ("factual", False)):
        told = saying(run, "Yes.", treatment="silent", flagged=flagged)
        said = run._replace(records=tuple(each for each in told if each.record != "reply"))
        said = edited(said, "conflict", slight)
        said = run._replace(records=tuple(each for each in said if each.record != "reply"))
        assert not list(silences(edited(said, "conflict", setting("kind", to=kind))))
    told = saying(run, "Yes.", treatment="silent")
    said = run._replace(records=tuple(each for each in told if each.record != "reply"))
    assert "not flagged" in found(silences, edited(said, "conflict", slight))


def test_an_answer_that_was_cut_is_read_again(run):
    cut = edited(run, "answer", lambda plain: {**plain, "text": "Yes.", "sentences": []})
    assert "the answer reads silent (0 voiced)" in found(silences, cut)


@pytest.mark.parametrize(
    ("treatment", "voiced"),
    [("addressed", ["cf1.a"]), ("partial", []), ("silent", ["cf1.a", "cf1.b"])],
)
def test_a_treatment_that_is_not_what_it_says_is_found(run, treatment, voiced):
    given = {"conflict": "cf1", "treatment": treatment, "positions_voiced": voiced}
    wrong = edited(run, "answer", setting("treatments", to=[given]))
    assert "positions voiced" in found(silences, wrong)


def test_a_ledger_that_is_not_the_sum_of_the_replies_is_found(run):
    right = ledger(run.transcript.replies, run.opening.seats)
    for changed in ({"calls": 8}, {"prompt": 1}, {"completion": 0}, {"cached": 3}, {"computed": 1}):
        total = right.total.model_copy(update=changed)
        assert list(sums(run.transcript, right.model_copy(update={"total": total})))
    fewer = {seat: line for seat, line in right.seats.items() if seat != "clerk"}
    assert list(sums(run.transcript, right.model_copy(update={"seats": fewer})))


def test_a_seat_that_no_engine_answered_adds_nothing_to_the_total(run):
    def silent(reply):
        if reply.seat != "clerk":
            return reply
        return reply.model_copy(update={"state": "unavailable", "usage": None})

    replies = [silent(reply) for reply in run.transcript.replies]
    costs = ledger(replies, run.opening.seats)
    assert (costs.seats["clerk"].prompt, costs.total.prompt) == (None, 80)
    assert list(sums(Transcript(run.opening, replies), costs)) == []
