"""Judges do not see who spoke: where one would, the check says so."""

import pytest

from folkmoot.agents import voice
from folkmoot.graphs.rehearsal import dry_opening, said
from folkmoot.graphs.soundness import unsound
from folkmoot.protocols import (
    Accepted,
    Account,
    Calls,
    Composed,
    Conclude,
    Contest,
    Critique,
    Decide,
    Draft,
    Hearing,
    Judge,
    JudgeDecides,
    Rank,
    Repeat,
    Revise,
    Rule,
    Speak,
    Stand,
    Verdict,
    Vote,
    catalogue,
    named,
)
from folkmoot.records import Ballot

SEATS = ("ann", "bo", "cy", "di")
OPTIONS = ("yes", "no")
FIRST = (Stand(), Speak())
END = (Contest(), Decide(), Conclude())
SHOWN = Hearing(visibility=["answer", "rationale", "identity"])
CHAIR = Decide(rule=Rule(name="dictator", seat="di"))


def found(*parts, options=OPTIONS, seats=SEATS):
    opening = dry_opening(seats, options)
    every = unsound(Composed(name="planted", parts=parts), opening)
    return [(said(each.path), each.what) for each in every if "who judges" in each.what]


def ballots(seen):
    """Votes on the messages, each under the name of who said it."""
    calls = Calls(seen)
    for party in seen.opening.parties:
        rows = "\n".join(f"{turn.seat} says: {turn.text}" for turn in seen.spoken())
        calls.choose(party, "vote", (voice.own(party), voice.task(rows)), ("yes", "no"))
    replies = yield calls.done()
    return tuple(
        Ballot(
            step=seen.place.step,
            order=order,
            id=seen.next_id("b", order),
            seat=reply.seat,
            round=seen.place.round,
            options=OPTIONS,
            state="valid",
            ranking=("yes",),
        )
        for order, reply in enumerate(replies)
    )


PLANTED = {
    "verdicts on a draft with its author's name": (
        (Stand(), Draft(drafter="ann"), Verdict(drafter="ann", hearing=SHOWN), *END),
        [("parts[2]", "'verdict'", "(ann)")],
    ),
    "critics who are told whose draft it is": (
        (
            *(Stand(), Draft(drafter="ann"), Verdict(drafter="ann")),
            *(Repeat((Critique(drafter="ann", hearing=SHOWN), Revise(drafter="ann")), 1), *END),
        ),
        [("parts[3].repeat.parts[0]", "'critique'", "(ann)")],
    ),
    "a chair who hears by name": (
        (
            *(*FIRST, Repeat((Stand(seats=("di",), hearing=SHOWN), Account(hearing=SHOWN)), 1)),
            *(Contest(), CHAIR, Conclude()),
        ),
        [("parts[2].repeat.parts[0]", "'stand'", "(ann, bo, cy)")],
    ),
    "a ballot of a user's own that names authors": (
        (*FIRST, ballots, *END),
        [("parts[2]", "'ballots'", "(ann, bo, cy, di)")],
    ),
}


@pytest.mark.parametrize(("parts", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_judge_who_is_shown_who_spoke_is_found(parts, expected):
    every = found(*parts)
    assert [where for where, _ in every] == [where for where, _, _ in expected]
    for (_, what), (_, stage, who) in zip(every, expected, strict=True):
        assert what.startswith(f"{stage} is not blind: who judges")
        assert what.endswith(who)


SOUND = {
    "an exchange by name, where nobody judges": (
        (*FIRST, Repeat((Stand(hearing=SHOWN), Account(hearing=SHOWN)), 1), *END)
    ),
    "a chair who hears anonymously": (
        (
            *(*FIRST, Repeat((Stand(seats=("di",), hearing=Hearing()), Account()), 1)),
            *(Contest(), CHAIR, Conclude()),
        )
    ),
    "the library's own judges": (*FIRST, Judge(), Vote(), Contest(), Decide(), Conclude()),
    "a judge": (*FIRST, Contest(), JudgeDecides(judge="di"), Conclude()),
}


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND)
def test_what_is_blind_or_no_judgement_is_left_alone(parts):
    assert found(*parts) == []


@pytest.mark.parametrize("options", [OPTIONS, None], ids=["choice", "open"])
@pytest.mark.parametrize("seats", [SEATS, ("A", "I", "Answer", "yes")])
@pytest.mark.parametrize("name", [each.name for each in catalogue()])
def test_no_name_makes_a_judge_of_the_library_seeing(name, seats, options):
    params = next(each.params for each in catalogue() if each.name == name)
    needed = {"seat": seats[0]} if "seat" in params else {}
    every = unsound(named(name, **needed), dry_opening(seats, options))
    assert [each.what for each in every if "who judges" in each.what] == []


def test_on_an_open_question_too():
    rank = (Speak(), Rank(), *END)
    assert found(*rank, options=None) == []
    draft = (Draft(drafter="ann"), Verdict(drafter="ann", hearing=SHOWN), *rank)
    assert [where for where, _ in found(*draft, options=None)] == ["parts[1]"]


def test_a_loop_that_shows_them_is_named_once():
    body = (Verdict(drafter="ann", hearing=SHOWN), Critique(drafter="ann"), Revise(drafter="ann"))
    every = found(Stand(), Draft(drafter="ann"), Repeat(body, 3, Accepted()), *END)
    assert [where for where, _ in every] == ["parts[2].repeat.parts[0]"]
