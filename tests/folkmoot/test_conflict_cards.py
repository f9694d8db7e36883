"""Where there is no conflict, the report says why, and only what is so."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from folkmoot import Agent, Outcome, Panel, Pool, deliberate_sync
from folkmoot.conflict_cards import cards
from folkmoot.protocols import BlindVote, Debate, Deliberation, Log, Single
from folkmoot.records import Call, Reply
from folkmoot.records.outcome import derive
from folkmoot.screen import console, emit

SEATS = ("nurse", "patient", "researcher")
YES_NO = ("yes", "no")
IN_WORDS = "3 of 3 first answers differ in words, and nothing on record compares them"


def at_one(call: Call) -> Any:
    """Everyone says yes, agrees, and puts the nurse's answer first."""
    if call.op == "generate":
        return f"{call.seat} thinks so."
    rows = next(s.text for s in call.segments if s.label == "task").splitlines()
    first = next((row[0] for row in rows if row[1:].startswith(". nurse")), "yes")
    return [0.9 if option.strip() in (first, "agree") else 0.1 for option in call.options]


def slightly_apart(call: Call) -> Any:
    """As `at_one`, but the patient leans against every claim, and not surely."""
    if call.purpose == "judge" and call.seat == "patient":
        return [0.45 if option.strip() == "agree" else 0.55 for option in call.options]
    return at_one(call)


def nothing(call: Call) -> Any:
    """Texts come; what is weighed does not."""
    return at_one(call) if call.op == "generate" else Reply.to(call, "unavailable")


def run(
    protocol: Deliberation,
    say: Callable[[Call], Any],
    options: Sequence[str] | None,
    log: Log | None = None,
) -> Outcome:
    panel = Panel([Agent(seat, model="m") for seat in SEATS])
    pool = Pool.scripted(say)
    return deliberate_sync("Is it so?", panel, protocol, pool, options=options, log=log)


def line(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> str:
    assert outcome.conflicts == ()
    emit(console(sys.stdout), cards(outcome, whole=True))
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("protocol", "say", "options", "said"),
    [
        (BlindVote(), at_one, YES_NO, "no stance differed from another"),
        (BlindVote(), at_one, None, f"no ballot differed from another; {IN_WORDS}"),
        (Debate(rounds=0), at_one, None, "no stance or ballot differed from another"),
        (BlindVote(), nothing, YES_NO, "no stance was valid"),
        (BlindVote(), nothing, None, f"no ballot was valid; {IN_WORDS}"),
        (Single(seat="nurse"), at_one, YES_NO, "no seat but nurse had a valid stance"),
        (Single(seat="nurse"), at_one, None, "no seat but nurse had a valid ballot"),
        (
            Debate(rounds=0),
            slightly_apart,
            None,
            "stances differed over single messages only, not surely or not to the end",
        ),
    ],
)
def test_why_there_is_no_conflict(
    capsys: pytest.CaptureFixture[str],
    protocol: Deliberation,
    say: Callable[[Call], Any],
    options: Sequence[str] | None,
    said: str,
) -> None:
    assert line(run(protocol, say, options), capsys) == f"Conflicts none: {said}"


def against(call: Call) -> Any:
    """As `at_one`, and the patient says no; it puts its own answer first."""
    if call.seat == "patient" and call.op == "choose":
        rows = next(s.text for s in call.segments if s.label == "task").splitlines()
        mine = next((row[0] for row in rows if row[1:].startswith(". patient")), "no")
        return [0.9 if option.strip() in (mine, "agree") else 0.1 for option in call.options]
    return at_one(call)


@pytest.mark.parametrize("options", [YES_NO, None])
def test_where_rules_over_stances_were_off_that_is_said_and_who_differs_is_named(
    capsys: pytest.CaptureFixture[str], options: Sequence[str] | None
) -> None:
    off = Log(layers=("clerk", "protocol_act"))
    outcome = run(BlindVote(), against, options, off)
    said = line(outcome, capsys)
    taken = "stances" if options else "ballots"
    assert f"{taken} differed over the question, and the rules that compare them were" in said
    mine = "no" if options else next(t.id for t in outcome.transcript.turns if t.seat == "patient")
    assert f"{mine}: patient." in outcome.answer.splitlines()


def test_a_seat_that_was_not_heard_in_the_end_is_shown_where_it_stood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lost(call: Call) -> Any:
        gone = call.seat == "patient" and call.round > 0
        return Reply.to(call, "unavailable") if gone else against(call)

    said = shown(run(Debate(rounds=1, contest_claims=False), lost, YES_NO), capsys)
    assert "no patient (last heard in round 0) “" in said
    assert "no one any more" not in said


def test_where_nobody_was_asked_for_a_stand_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = run(BlindVote(), at_one, YES_NO).transcript
    bare = [each for each in whole if each.record not in ("stance", "ballot")]
    said = line(derive(whole.opening, bare), capsys)
    assert said == "Conflicts none: no stance was taken and no ballot cast"


def test_a_run_that_was_stopped_has_no_conflict_yet(capsys: pytest.CaptureFixture[str]) -> None:
    whole = run(BlindVote(), at_one, YES_NO).transcript
    begun = derive(whole.opening, [each for each in whole if each.step < 2])
    said = line(begun, capsys)
    assert said == "Conflicts none so far: the run has not come to its decision"


def claims(call: Call) -> Any:
    """As `at_one`, in sentences that are long enough to be compared."""
    if call.seat == "clerk":
        return Reply.to(call, "unavailable")
    if call.purpose == "speak":
        return f"That is what {call.seat} thinks of all of it."
    return at_one(call)


def judging(call: Call) -> Any:
    """As `claims`, and the clerk finds everybody of one mind; it reads all but the first pair."""
    if call.seat == "clerk" and call.order > 1:
        return [0.05, 0.9, 0.05]
    return claims(call)


LOG = Log(clerk="m")


def test_a_clerk_that_never_answered_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(BlindVote(), claims, YES_NO, LOG)
    asked = outcome.conflict_log.coverage.clerk
    assert asked is not None
    assert (asked.asked > 0, asked.judged) == (True, 0)
    said = line(outcome, capsys)
    assert said.endswith(f"differed from another; the clerk judged none of {asked.asked} pairs")
    some = run(BlindVote(), judging, YES_NO, LOG)
    said = line(some, capsys)
    assert said.endswith(f"; the clerk judged {asked.asked - 1} of {asked.asked} pairs")


def shown(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> str:
    emit(console(sys.stdout), cards(outcome, whole=True))
    return " ".join(capsys.readouterr().out.split())


def test_every_conflict_says_what_found_it(capsys: pytest.CaptureFixture[str]) -> None:
    def apart(call: Call) -> Any:
        yes = 0.1 if call.seat == "patient" else 0.9
        if call.op == "choose" and call.purpose == "stand":
            return [yes if option.strip() == "yes" else 1 - yes for option in call.options]
        return claims(call)

    outcome = run(BlindVote(), apart, YES_NO, LOG)
    (conflict,) = outcome.conflicts
    said = shown(outcome, capsys)
    assert "found by rule stances/2" in said
    assert "Conflicts 1: 1 outvoted · the clerk judged none of " in said
    for found, words in (
        ({"method": "protocol_act", "rule": "acts/1"}, "found by what seats declared"),
        (
            {"method": "clerk", "model": "small", "confidence": 0.9},
            "found by clerk small (probability 0.90)",
        ),
        ({"method": "llm", "model": "big"}, "found by large model big"),
    ):
        detection = conflict.detection.model_copy(update=found)
        changed = conflict.model_copy(update={"detection": detection})
        assert words in shown(outcome._replace(conflicts=(changed,)), capsys)


def test_of_many_the_first_three_are_shown_and_the_gravest_and_what_is_hidden_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The order is the record's; a moot one of the same level comes after one that is not."""
    outcome = run(BlindVote(), against, YES_NO)
    (one,) = outcome.conflicts
    levels = [1, 1, 1, 1, 3, 2, 3, 3]
    found = tuple(
        one.model_copy(
            update={
                "id": f"cf{number}",
                "issue": f"Is number {number} so?",
                "status": "moot" if number == 5 else "open",
                "severity": one.severity.model_copy(update={"level": level}),
            }
        )
        for number, level in enumerate(levels, 1)
    )
    emit(console(sys.stdout), cards(outcome._replace(conflicts=found), whole=False))
    text = " ".join(capsys.readouterr().out.split())
    asked = [each for each in range(1, 9) if f"Is number {each} so?" in text]
    assert asked == [1, 2, 3, 7, 8]
    assert " 7 open " in text, "numbered as in the record"
    assert "and 3 more: 1 of severity 3, 1 of severity 2, 1 of severity 1" in text
