"""Where there is no conflict, the report says why, and only what is so."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from folkmoot import Agent, Outcome, Panel, Pool, deliberate_sync
from folkmoot.conflict_cards import cards
from folkmoot.protocols import BlindVote, Debate, Deliberation, Single
from folkmoot.records import Call, Reply
from folkmoot.records.outcome import derive
from folkmoot.screen import console, emit

SEATS = ("nurse", "patient", "researcher")
YES_NO = ("yes", "no")


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
    protocol: Deliberation, say: Callable[[Call], Any], options: Sequence[str] | None
) -> Outcome:
    panel = Panel([Agent(seat, model="m") for seat in SEATS])
    return deliberate_sync("Is it so?", panel, protocol, Pool.scripted(say), options=options)


def line(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> str:
    assert outcome.conflicts == ()
    emit(console(sys.stdout), cards(outcome, whole=True))
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("protocol", "say", "options", "said"),
    [
        (BlindVote(), at_one, YES_NO, "no stance differed from another"),
        (BlindVote(), at_one, None, "no ballot differed from another"),
        (Debate(rounds=0), at_one, None, "no stance or ballot differed from another"),
        (BlindVote(), nothing, YES_NO, "no stance was valid"),
        (BlindVote(), nothing, None, "no ballot was valid"),
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
