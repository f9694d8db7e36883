"""Critique-revise: typed objections, a revision that meets them or does not, and who accepts it."""

import pytest

from folkmoot.protocols import CritiqueRevise
from folkmoot.protocols.critique import ISSUE_TYPES
from folkmoot.records import audit

SEATS = ["ann", "bo", "cy"]
ONCE = CritiqueRevise(rounds=1)


def panel(weigh_by, accepts: dict[str, list[float]], type_: str = "omission", yes: float = 0.9):
    """Critics that accept with these weights, draft by draft."""

    def say(call):
        if call.op == "generate":
            return f"{call.purpose.title()} {call.id} stands. More."
        if call.purpose == "verdict":
            weights = accepts[call.seat]
            accept = weights[min(call.round, len(weights) - 1)]
            return weigh_by(call, lambda o: accept if o == "accept" else 1 - accept)
        if call.purpose == "type":
            return weigh_by(call, lambda o: 0.9 if o == ISSUE_TYPES[type_] else 0.05)
        return weigh_by(call, lambda o: yes if o == "yes" else 1 - yes)

    return say


def test_a_draft_that_all_accept_is_not_revised(begin, walk, weigh_by):
    say = panel(weigh_by, {"bo": [0.9], "cy": [0.8]})
    seen = walk(ONCE, begin(SEATS, None), say).seen
    assert [turn.role for turn in seen.turns] == ["draft"]
    assert (seen.decision.winner, seen.conflicts) == ("M1", ())
    assert seen.answer.text.startswith("“Draft c0.0 stands. More.” [M1]\n")


def test_an_objection_is_typed_heard_and_met(begin, walk, weigh_by, prompt):
    say = panel(weigh_by, {"bo": [0.1, 0.9], "cy": [0.9]})
    went = walk(ONCE, begin(SEATS, None), say)
    seen = went.seen
    assert [(t.role, t.seat, t.replies_to) for t in seen.turns] == [
        ("draft", "ann", ()),
        ("critique", "bo", ("M1",)),
        ("revision", "ann", ("M1", "M2")),
    ]
    (issue,) = seen.issues
    assert (issue.seat, issue.type, issue.about, issue.message) == ("bo", "omission", "M1", "M2")
    revise = next(call for call in went.calls if call.purpose == "revise")
    assert seen.turn("M2").text in prompt(revise)
    (conflict,) = seen.conflicts
    assert (conflict.status, seen.settlements[0].status) == ("conceded", "conceded")
    assert conflict.history[-1].cites == ("M3",)
    assert seen.decision.winner == "M3"


def test_who_conceded_no_longer_holds_the_objection(begin, walk, weigh_by):
    say = panel(weigh_by, {"bo": [0.1, 0.9], "cy": [0.9]})
    (conflict,) = walk(ONCE, begin(SEATS, None), say).seen.conflicts
    draft, objection = conflict.positions
    assert (draft.parties, objection.parties) == (("ann", "bo"), ())
    assert objection.held_first == ("bo",)


def test_an_objection_that_stays_is_outvoted_and_the_critic_dissents(begin, walk, weigh_by):
    say = panel(weigh_by, {"bo": [0.1], "cy": [0.9]})
    seen = walk(ONCE, begin(SEATS, None), say).seen
    assert seen.decision.tally == {"M3": 2.0, "none": 1.0}
    (_conflict,) = seen.conflicts
    (settled,) = seen.settlements
    assert settled.status == "outvoted"
    assert [each.seat for each in settled.dissent] == ["bo"]
    assert "bo" in seen.answer.text
    assert audit(seen) == ()


def test_a_draft_that_most_reject_is_no_answer_and_is_set_out(begin, walk, weigh_by):
    say = panel(weigh_by, {"bo": [0.1], "cy": [0.1]})
    seen = walk(ONCE, begin(SEATS, None), say).seen
    assert (seen.decision.status, seen.decision.winner) == ("deadlock", None)
    assert {each.status for each in seen.settlements} == {"open"}
    assert seen.turn("M4").text in seen.answer.text, "the last draft"
    assert audit(seen) == ()


@pytest.mark.parametrize("type_", ISSUE_TYPES)
def test_the_type_is_the_critics_own_word(begin, walk, weigh_by, type_):
    say = panel(weigh_by, {"bo": [0.1], "cy": [0.9]}, type_)
    assert next(each.type for each in walk(ONCE, begin(SEATS, None), say).seen.issues) == type_


def test_on_a_choice_question_the_last_stances_decide(begin, walk, weigh_by):
    say = panel(weigh_by, {"bo": [0.1], "cy": [0.1]})
    seen = walk(ONCE, begin(SEATS), say).seen
    assert seen.decision.winner == "yes"
    assert all(turn.answer == "yes" for turn in seen.turns if turn.role != "critique")
    assert audit(seen) == ()


def test_a_drafter_needs_a_seat_and_a_critic():
    assert "'zoe' has no seat" in CritiqueRevise(drafter="zoe").faults(("ann", "bo"))[0]
    assert "a second seat" in CritiqueRevise().faults(("ann",))[0]


def test_where_a_revision_fails_to_come_each_critic_is_heard_once(begin, walk, weigh_by):
    usual = panel(weigh_by, {"bo": [0.1], "cy": [0.1]})

    def say(call):
        return "" if call.purpose == "revise" else usual(call)

    went = walk(CritiqueRevise(rounds=2), begin(SEATS, None), say)
    last = [call for call in went.calls if call.purpose == "revise"][-1]
    shown = [each.label for each in last.segments if each.label.startswith("M")]
    assert [went.seen.turn(message).round for message in shown] == [0, 2, 2]
    assert audit(went.seen) == ()


def test_a_critic_that_turns_against_the_last_draft_dissents_too(begin, walk, weigh_by):
    """cy accepts the first draft, and rejects the revision when no more objections are taken."""
    say = panel(weigh_by, {"bo": [0.1, 0.9], "cy": [0.9, 0.1]})
    seen = walk(ONCE, begin(SEATS, None), say).seen
    assert seen.decision.winner == "M3"
    (turned,) = (c for c in seen.conflicts if c.detection.rule == "verdicts/1")
    assert (turned.about, turned.positions[1].parties) == ("M3", ("cy",))
    settled = next(each for each in seen.settlements if each.conflict == turned.id)
    assert (settled.status, [each.seat for each in settled.dissent]) == ("outvoted", ["cy"])
    assert "cy" in seen.answer.text
    assert audit(seen) == ()
