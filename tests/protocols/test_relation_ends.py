"""What becomes of conflicts that a clerk found: who is on a side, since when, who dissents."""

import math
from itertools import combinations

import pytest

from folkmoot.agents import relation
from folkmoot.protocols import Conclude, Contest, Debate, Decide, Log, with_log
from folkmoot.protocols.claims import claims, messages, nearest
from folkmoot.protocols.clerk import Clerk, polar
from folkmoot.protocols.logged import log_of
from folkmoot.records import (
    Act,
    Ballot,
    Move,
    Place,
    Relation,
    Reply,
    Stance,
    Transcript,
    Turn,
    audit,
    span,
)
from folkmoot.records.conflict_log import entries
from tests.protocols.conftest import opening_of

QUESTION = "Should the town ban cars?"
ATTACK, SUPPORT, NEITHER = (0.97, 0.01, 0.02), (0.01, 0.97, 0.02), (0.02, 0.02, 0.96)


def poison(first, second):
    """A clerk for which who speaks of poison is for a ban, and of shops against."""
    if "morning" in first + second:
        return NEITHER
    if "It is right" in first + second:
        return SUPPORT if "poison" in first + second else ATTACK
    return ATTACK if ("shops" in first) != ("shops" in second) else SUPPORT


def spoken(seats, said, options=None, question=QUESTION):
    """An opening and messages: (seat, text, round)."""
    turns = [
        Turn(
            step=100 * round + number,
            order=0,
            id=f"M{number}",
            seat=seat,
            round=round,
            stage="speak",
            role="statement",
            state="valid",
            text=text,
            call=f"c{100 * round + number}.0",
        )
        for number, (seat, text, round) in enumerate(said, 1)
    ]
    return opening_of(seats, options, question), turns


def at(opening, records, step):
    return Transcript(opening, records, Place(step, 1, "x"))


def judged(opening, records, rule=poison):
    """The records with the judgements of a clerk, and the conflicts drawn up from them."""
    clerk = Clerk(model="m")
    seen = at(opening, records, 900)
    replies = []
    for call in clerk.ask(seen):
        texts = next(each.text for each in call.segments if each.label == "claims")
        chances = rule(*texts.split("\n"))
        replies.append(Reply.to(call, "ok", logprobs=tuple(map(math.log, chances))))
    every = [*records, *replies, *clerk.tell(seen, tuple(replies))]
    return [*every, *Contest().tell(at(opening, every, 1000), ())]


def ended(opening, records):
    every = list(records)
    for step, stage in ((1001, Decide()), (1002, Conclude())):
        every += stage.tell(at(opening, every, step), ())
    return Transcript(opening, every)


def findings(seen):
    """Of the audit, but for replies that these records leave out."""
    return [each for each in audit(seen) if "reply" not in each]


def stance(seat, choice, order, round=0, step=1):
    return Stance(
        step=step,
        order=order,
        seat=seat,
        round=round,
        stage="stand",
        options=("yes", "no"),
        state="valid",
        choice=choice,
        probabilities={"yes": 0.9, "no": 0.1} if choice == "yes" else {"yes": 0.1, "no": 0.9},
        source="probabilities",
    )


APART = [("ann", "Cars poison the air.", 0), ("bo", "All shops will close then.", 0)]


def test_seats_that_voted_alike_dissent_from_nothing_whatever_they_said():
    opening, turns = spoken(("ann", "bo"), APART, ("yes", "no"))
    same = [stance(seat, "yes", order) for order, seat in enumerate(("ann", "bo"))]
    seen = ended(opening, judged(opening, [*turns, *same]))
    main = entries(seen)[0]
    assert (main.detection.rule, main.status) == ("relations/3", "open")
    assert main.dissent == ()
    assert findings(seen) == []


@pytest.mark.parametrize("loser", ["ann", "bo"])
def test_a_seat_dissents_by_its_ballot_in_its_own_words(loser):
    opening, turns = spoken(("ann", "bo", "cy"), [*APART, ("cy", "Poison kills the poor.", 0)])
    ballots = [
        Ballot(
            step=800,
            order=order,
            id=f"b{order + 1}",
            seat=seat,
            round=0,
            options=("M1", "M2", "M3"),
            state="valid",
            ranking=("M3",) if seat == loser else ("M1",),
        )
        for order, seat in enumerate(("ann", "bo", "cy"))
    ]
    records = [each for each in judged(opening, turns) if each.record != "conflict"]
    seen = at(opening, [*records, *ballots], 1000)
    found = Contest(layers=("clerk",)).tell(seen, ())
    seen = ended(opening, [*records, *ballots, *found])
    main = entries(seen)[0]
    assert main.status == "outvoted"
    assert [each.seat for each in main.dissent] == [loser]
    words = {seat: text for seat, text, _ in APART}
    assert main.dissent[0].span.exact == words[loser]


def test_moves_of_stances_are_no_events_of_what_a_clerk_found():
    opening, turns = spoken(("ann", "bo"), APART, ("yes", "no"))
    names = list(enumerate(("ann", "bo")))
    stances = [stance(seat, "no", order) for order, seat in names]
    stances += [stance(seat, "yes", order, 1, 201) for order, seat in names]
    change = {"from_choice": "no", "to_choice": "yes", "because": "unexplained"}
    moves = [Move(step=202, order=order, seat=seat, round=1, **change) for order, seat in names]
    assert findings(ended(opening, judged(opening, [*turns, *stances, *moves]))) == []


def test_a_seat_of_which_nothing_is_known_is_on_no_side():
    said = [*APART, ("cy", "Good morning to you all today.", 0)]
    found = judged(*spoken(("ann", "bo", "cy"), said))
    main = next(each for each in found if each.record == "conflict")
    assert [each.parties for each in main.positions] == [("ann",), ("bo",)]


def test_a_conflict_opens_when_both_sides_are_taken_by_who_left_the_other():
    said = [
        ("ann", "Cars poison the air.", 0),
        ("bo", "Yes it is poison for all.", 0),
        ("ann", "Still it is poison to us.", 1),
        ("bo", "But all shops will close.", 1),
    ]
    opening, turns = spoken(("ann", "bo"), said)
    found = [each for each in judged(opening, turns) if each.record == "conflict"]
    main = found[0]
    assert [(e.round, e.event, e.by) for e in main.history] == [
        (1, "opened", None),
        (1, "withdrawn", "bo"),
    ]
    assert [(p.held_first, p.parties) for p in main.positions] == [
        (("ann", "bo"), ("ann",)),
        ((), ("bo",)),
    ]
    assert main.status == "open"
    # What bo said at first is not held against it.
    assert {span.message for each in found[1:] for p in each.positions for span in p.spans} <= {
        "M3",
        "M4",
    }


def test_an_act_is_no_message_to_tell_a_side_by():
    opening, turns = spoken(("ann", "bo"), APART)
    act = turns[1].model_copy(update={"id": "M3", "step": 150, "round": 1, "role": "act"})
    assert [each.id for each in messages(at(opening, [*turns, act], 900))] == ["M1", "M2"]


def test_a_quibble_of_two_is_less_than_what_the_panel_differs_over():
    seats = ("ann", "bo", "cy", "di", "eve")
    said = [
        ("ann", "Cars poison the air. Cars poison the wells. Cars poison the fields.", 0),
        ("bo", "No shops without cars. Our shops need cars. All shops will close.", 0),
        *((seat, f"The poison worries {seat} most of all.", 0) for seat in seats[2:]),
    ]
    found = [each for each in judged(*spoken(seats, said)) if each.record == "conflict"]
    assert found[0].about == "question"
    assert len(found) > 3
    assert all(each.history[0].by for each in found[1:])


def test_one_seat_cannot_keep_others_from_being_compared():
    base = {
        "ann": "Taxes pay for good schools. Teachers deserve higher wages. Libraries help the poor.",
        "bo": "Taxes punish honest work. Teachers earn plenty already. Libraries stand empty now.",
        "di": "Roads decay without public money. Bridges crumble lacking repairs. Buses serve all.",
        "eve": "Autumn colours please painters. Winter nights feel long. Spring flowers bloom now.",
    }
    whole = " ".join(text.replace(".", "") for text in base.values()) + "."
    said = [*((seat, text, 0) for seat, text in base.items()), ("cy", f"{whole} " * 3, 0)]
    opening, turns = spoken((*base, "cy"), said)
    pairs = nearest(claims(messages(at(opening, turns, 900)), 3), 20)
    assert len(pairs) == 20
    mine = [{a.seat, b.seat} for a, b in pairs]
    assert {frozenset(each) for each in mine} == set(map(frozenset, combinations((*base, "cy"), 2)))
    assert mine.count({"ann", "bo"}) == 3


def test_a_script_without_blanks_is_compared_all_the_same():
    said = [
        (seat, f"车辆污染{seat}。我们禁止{seat}。孩子受伤{seat}。", 0) for seat in ("a", "b", "c")
    ]
    opening, turns = spoken(("a", "b", "c"), said)
    assert len(nearest(claims(messages(at(opening, turns, 900)), 3), 2)) == 2


def test_the_likeliest_relation_is_the_same_when_it_was_read_again():
    _, turns = spoken(("ann", "bo"), APART)
    one = Relation(
        step=5,
        order=0,
        id="r1",
        second=span(turns[0], 0, 5),
        probabilities={"attack": 0.0, "support": 0.5, "neither": 0.5},
        layer="llm",
        model="m",
        calls=(),
    )
    again = one.model_copy(update={"probabilities": dict(sorted(one.probabilities.items()))})
    assert one.likeliest == again.likeliest == "neither"


@pytest.mark.parametrize(
    "logprobs", [(math.nan, -1.0, -2.0), (-math.inf,) * 3, (-1.0, -1.0, math.nan)]
)
def test_what_is_no_number_is_no_judgement(logprobs):
    reply = Reply(step=0, order=0, seat="clerk", purpose="relation", state="ok", logprobs=logprobs)
    assert relation.read(reply, relation.RELATIONS) is None


def test_a_log_can_be_switched_back_to_the_default():
    logged = with_log(Debate(), Log(clerk="small"))
    assert log_of(with_log(logged, Log())) == Log()
    assert log_of(with_log(logged, None)).clerk == "small"
    with pytest.raises(ValueError, match="nobody is named to judge"):
        Log(embed="vectors")


@pytest.mark.parametrize(
    ("question", "is_polar"),
    [
        ("Should we go to Paris or Rome?", False),
        ("Should we go or not?", True),
        ("Should we ban cars? Explain why.", True),
    ],
)
def test_a_question_between_two_things_is_not_for_or_against(question, is_polar):
    assert polar(question) == is_polar


def test_what_was_declared_is_not_read_out_of_the_words_a_second_time():
    """bo declares that it attacks ann's message, and a clerk reads as much; cy's attack is new."""
    said = [*APART, ("cy", "The shops will all be gone soon.", 0)]
    opening, turns = spoken(("ann", "bo", "cy"), said)
    word = turns[1].model_copy(update={"id": "M4", "step": 150, "round": 1, "role": "act"})
    fields = {"order": 0, "id": "A1", "seat": "bo", "round": 1, "message": "M4", "about": "M1"}
    act = Act(step=150, act="attack", **fields)

    def about(records):
        found = [each for each in judged(opening, records) if each.record == "conflict"]
        return {
            each.detection.method: set(each.positions[1].parties)
            for each in found
            if each.about == "M1"
        }

    assert about(turns) == {"clerk": {"bo", "cy"}}
    assert about([*turns, word, act]) == {"protocol_act": {"bo"}, "clerk": {"bo", "cy"}}
    both = Act(step=151, act="attack", **{**fields, "id": "A2", "seat": "cy", "message": "M5"})
    other = word.model_copy(update={"id": "M5", "step": 151, "seat": "cy"})
    assert about([*turns, word, act, other, both]) == {"protocol_act": {"bo", "cy"}}
