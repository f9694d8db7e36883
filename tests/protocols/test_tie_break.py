"""A tie that one seat breaks: a model or a person."""

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate, resume
from folkmoot.graphs.human import Said, answer, waiting
from folkmoot.pool import Pool
from folkmoot.protocols import Debate, Setting
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.tie_break import tie_break
from folkmoot.records import Call, Decision, Waiting, audit, load, read_journal, verify

OPTIONS = ("yes", "no", "wait")


def protocol(rule: str, seats=("ann", "bo", "chair")) -> Composed:
    """A blind vote whose ties the chair breaks."""
    parts = Debate(rounds=0, contest_claims=False).parts(Setting(seats, OPTIONS))
    return Composed(
        name="chaired",
        parts=tuple(
            each
            for part in parts
            for each in (
                tie_break(Rule(name=rule), "chair") if isinstance(part, Decide) else (part,)
            )
        ),
    )


class Lean:
    """Each seat for one option; the chair for `chair` when it breaks a tie."""

    def __init__(self, chair: str | None = "no", **first: str) -> None:
        self.chair, self.first = chair, first
        self.asked: list[Call] = []

    def __call__(self, call: Call):
        if call.op == "generate":
            return f"Reason of {call.seat}. More."
        task = next(each.text for each in call.segments if each.label == "task")
        rows = dict(row.split(". ", 1) for row in task.splitlines() if row[1:3] == ". ")
        shown = [rows.get(label.strip(), label.strip()) for label in call.options]
        wanted = self.first[call.seat]
        if call.purpose == "verdict":
            self.asked.append(call)
            wanted = self.chair
        if wanted is None:
            return [1 / len(shown)] * len(shown)
        rest = 0.1 / (len(shown) - 1)
        return [0.9 if option == wanted else rest for option in shown]


async def run(lean: Lean, rule: str, folder, **human):
    seats = Panel(Agent(name, model=human.get(name, "m")) for name in ("ann", "bo", "chair"))
    return await deliberate(
        "Share?",
        seats,
        protocol(rule),
        Pool.scripted(lean),
        options=OPTIONS,
        record_dir=folder,
        run_id="one",
    )


@pytest.mark.parametrize("rule", ["plurality", "majority"])
async def test_the_chair_chooses_among_those_in_front_only(tmp_path, rule):
    """ann yes, bo no, the chair waits: all three lead with one vote each."""
    lean = Lean(ann="yes", bo="no", chair="no")
    lean.first["chair"] = "wait"
    outcome = await run(lean, rule, tmp_path)
    decision = outcome.decision
    assert decision is not None
    assert (decision.status, decision.winner, decision.decided_by) == ("decided", "no", "chair")
    assert decision.options == ("yes", "no", "wait")
    assert decision.params == {"tied_under": rule}
    assert len(lean.asked) == 2
    (check,) = [each for each in outcome.transcript.checks if each.rule == "tied"]
    assert (check.holds, check.value) == (True, 3.0)
    assert audit(outcome.transcript) == ()
    assert verify(tmp_path / "one").ok


async def test_nobody_is_asked_where_the_votes_decide(tmp_path):
    lean = Lean(ann="yes", bo="yes")
    lean.first["chair"] = "no"
    outcome = await run(lean, "plurality", tmp_path)
    assert outcome.decision is not None
    assert (outcome.decision.winner, outcome.decision.decided_by) == ("yes", None)
    assert lean.asked == []
    assert verify(tmp_path / "one").ok


async def test_a_chair_without_a_choice_leaves_the_tie(tmp_path):
    lean = Lean(chair=None, ann="yes", bo="no")
    lean.first["chair"] = "wait"
    outcome = await run(lean, "plurality", tmp_path)
    assert outcome.decision is not None
    assert (outcome.decision.status, outcome.decision.winner) == ("deadlock", None)
    assert outcome.decision.not_valid == {"chair": "abstained"}
    assert verify(tmp_path / "one").ok


async def test_a_person_is_the_chair(tmp_path):
    lean = Lean(ann="yes", bo="no")
    said = {"stand": Said(choose="wait"), "reason": Said(text="Let us see. More.")}
    said["verdict"] = Said(choose="yes", confidence=0.9)
    asked: list[str] = []
    try:
        await run(lean, "plurality", tmp_path, chair="human")
    except Waiting:
        outcome = None
    while outcome is None:
        for call in waiting(read_journal(tmp_path / "one")):
            asked.append(call.purpose)
            answer(tmp_path / "one", call.id, said[call.purpose])
        try:
            outcome = await resume(tmp_path / "one", Pool.scripted(lean))
        except Waiting:
            continue
    assert asked == ["stand", "reason", "verdict"]
    assert outcome.decision is not None
    assert (outcome.decision.winner, outcome.decision.decided_by) == ("yes", "chair")
    assert outcome.decision.tally["yes"] == pytest.approx(0.9)
    assert verify(tmp_path / "one").ok
    assert load(tmp_path / "one").answer == outcome.answer


def test_the_worst_case_has_the_tie_in_it(begin, walk):
    opening = begin(("ann", "bo", "chair"), OPTIONS)
    lean = Lean(ann="yes", bo="no")
    lean.first["chair"] = "wait"
    walked = walk(protocol("plurality"), opening, lean)
    decisions = [each for each in walked.seen if isinstance(each, Decision)]
    assert len(decisions) == 1
    assert "tie-break" in walked.stages
    assert "decide" not in walked.stages
