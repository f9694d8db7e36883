"""Ends of conflicts: what they are over decides what may resolve them."""

import pytest

from folkmoot.protocols import Consensus, Debate
from folkmoot.protocols.question_conflict import question_conflict
from folkmoot.protocols.settle import settlements as settled
from folkmoot.records import Ballot, Decision, Place, Transcript, audit
from folkmoot.records.audit import settlements
from folkmoot.records.ends import ALLOWED, resolves
from tests.protocols.threads import Threads

ENDS = {
    "Should we share?": ("outvoted", "outvoted"),
    "Is it fair?": ("outvoted", "outvoted"),
    "Did it rain?": ("outvoted", "resolved"),
    "Does a scooter count as a vehicle?": ("resolved", "resolved"),
    "Does it imply consent?": ("resolved", "resolved"),
    "Who decides?": ("resolved", "resolved"),
}


@pytest.mark.parametrize(("question", "ends"), ENDS.items())
@pytest.mark.parametrize("judge", [None, "cy"])
def test_what_a_conflict_is_over_decides_what_resolves_it(
    begin, walk, seats, question, ends, judge
):
    debate = Debate(judge=judge, contest_claims=False)
    opening = begin(["ann", "bo", "cy"], question=question)
    seen = walk(debate, opening, seats(ann=0.9, bo=0.9, cy=0.1)).seen
    (end,) = seen.settlements
    status, rule = ends[judge is not None], "vote" if judge is None else "judge"
    assert (end.status, end.resolution.rule) == (status, rule)
    assert {each.seat for each in end.dissent} == ({"cy"} if judge is None else {"ann", "bo"})
    assert audit(seen) == ()


@pytest.mark.parametrize("judge", [None, "cy"])
def test_of_a_kind_that_is_not_known_a_judge_resolves_and_a_vote_does_not(
    begin, walk, seats, judge
):
    opening = begin(["ann", "bo", "cy"])
    leaning = seats(ann=0.9, bo=0.9, cy=0.1)
    seen = walk(Debate(judge=judge, contest_claims=False), opening, leaning).seen
    unknown = [
        each.model_copy(update={"kind": None}) if each.record == "conflict" else each
        for each in seen
        if each.record != "settlement"
    ]
    found = Transcript(opening, unknown, Place(9, 1, "decide"))
    (end,) = settled(found, seen.decision)
    assert end.status == ("outvoted" if judge is None else "resolved")


@pytest.mark.parametrize("kind", [None, *ALLOWED])
@pytest.mark.parametrize("status", ["resolved", "outvoted"])
@pytest.mark.parametrize("rule", ["vote", "judge"])
def test_the_audit_finds_an_end_that_the_kind_does_not_allow(
    begin, walk, seats, kind, status, rule
):
    opening = begin(["ann", "bo", "cy"])
    leaning = seats(ann=0.9, bo=0.9, cy=0.1)
    seen = walk(Debate(contest_claims=False), opening, leaning).seen
    changed = []
    for each in seen:
        if each.record == "conflict":
            each = each.model_copy(update={"kind": kind})
        if each.record == "settlement":
            judged = {"rule": rule, "decided_by": "cy" if rule == "judge" else "majority"}
            resolution = each.resolution.model_copy(update=judged)
            each = each.model_copy(update={"status": status, "resolution": resolution})
        if each.record == "decision" and rule == "judge":
            each = each.model_copy(update={"decided_by": "cy"})
        changed.append(each)
    found = list(settlements(Transcript(opening, changed)))
    assert bool(found) == ((status == "resolved") != resolves(rule, kind))


def test_values_are_never_resolved_by_a_vote_or_a_judge():
    for kind in ("value", "preference"):
        assert not resolves("vote", kind)
        assert not resolves("judge", kind)
        assert resolves("merge", kind)
    assert not any(resolves("none", kind) for kind in (None, *ALLOWED))


@pytest.mark.parametrize(
    ("later", "status", "rule"),
    [({"cy": "bo"}, "resolved", "merge"), ({"cy": "cy"}, "outvoted", "vote")],
)
def test_sides_that_joined_on_a_statement_written_anew_ended_by_a_merge(
    begin, walk, weigh_by, later, status, rule
):
    prefers = ({"ann": "ann", "bo": "ann", "cy": "cy"}, {"ann": "bo", "bo": "bo", **later})

    def say(call):
        if call.op == "generate":
            return f"In round {call.round} {call.seat} says this."
        author = prefers[min(call.round, 1)][call.seat]
        return weigh_by(call, lambda option: 0.8 if f" {author} says" in option else 0.05)

    opening = begin(["ann", "bo", "cy"], None)
    seen = walk(Consensus(rounds=1, candidates=3), opening, say).seen
    (conflict,), (end,) = seen.conflicts, seen.settlements
    merged = [each.event for each in conflict.history].count("merged")
    assert (merged, end.status, end.resolution.rule) == (rule == "merge", status, rule)
    assert audit(seen) == ()


LEFT, RIGHT = ("We go left now.", "We go right now."), ("We go straight on.", "We go up the hill.")
AGAIN = ("Left again it is.", "Right again it is.")


@pytest.mark.parametrize(
    ("last", "status", "rule"),
    [
        (None, "resolved", "merge"),
        (AGAIN, "open", "none"),
        ("abstained", "dropped", "none"),
        ("unavailable", "open", "none"),
    ],
)
def test_only_sides_that_are_still_merged_ended_by_a_merge(last, status, rule):
    """ann and bo differ, both go straight on; then they differ anew, and then cast no ballot."""
    said, records = Threads("ann", "bo"), []

    def cast(round, texts, firsts, state="valid"):
        ids = [said.say(seat, text) for seat, text in zip(("ann", "bo"), texts, strict=True)]
        for order, first in enumerate(firsts):
            ballot = {"step": 50 + round, "order": order, "id": f"b{len(records) + 1}"}
            ballot |= {"seat": ("ann", "bo")[order], "round": round, "options": tuple(ids)}
            ranking = () if first is None else (ids[first],)
            records.append(Ballot(**ballot, state=state, ranking=ranking))
        return ids

    cast(0, LEFT, (0, 1))
    ids = cast(1, RIGHT, (0, 0))
    if last is not None:
        ids = cast(2, AGAIN, (0, 1))
    if isinstance(last, str):
        for ballot in records[-2:]:
            later = {"step": 60, "id": f"{ballot.id}x", "round": 3, "state": last, "ranking": ()}
            records.append(ballot.model_copy(update=later))
    opening = said.opening
    seen = Transcript(opening, [*said.records, *records], Place(900, 4, "contest"))
    conflict = question_conflict(seen).model_copy(update={"id": "cf1"})
    decision = Decision(
        step=1000, order=0, status="deadlock", rule="plurality", options=tuple(ids), reason="x"
    )
    seen = Transcript(opening, [*said.records, *records, conflict], Place(1000, 4, "decide"))
    (end,) = settled(seen, decision)
    assert "merged" in {each.event for each in conflict.history}
    assert (end.status, end.resolution.rule) == (status, rule)
    assert list(settlements(Transcript(opening, [*seen, decision, end]))) == []
