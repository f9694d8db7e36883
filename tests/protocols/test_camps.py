"""Conflicts in free text between more than two camps, and past those who stand between two."""

import json

import pytest

from folkmoot.protocols import Declare, Log, with_log
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.parts import Repeat
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.speak import Speak
from folkmoot.records import QUESTION, audit

TALK = Composed(name="talk", parts=(Speak(), Rank(), Contest(), Decide(), Conclude()))
TWICE = Composed(
    name="twice",
    parts=(Speak(), Repeat((Speak(),), 1), Rank(), Contest(), Decide(), Conclude()),
)
WHICH = "Which road is to be closed?"
ROADS = {
    "ann": "Only the north road must be closed.",
    "bo": "Only the south road must be closed.",
    "cy": "Only the west road must be closed.",
    "di": "Only the east road must be closed.",
}
LOG = Log(clerk="small", same=False)


def judge(call):
    """Two roads contradict each other; the same one goes with itself; of all else there is nothing to say."""
    first, second = (
        next((road for road in ("north", "south", "west", "east") if f"{road} road" in line), None)
        for line in next(s.text for s in call.segments if s.label == "claims").split("\n")
    )
    if first is None or second is None:
        return (0.02, 0.02, 0.96)
    return (0.02, 0.96, 0.02) if first == second else (0.96, 0.02, 0.02)


def run(walk, begin, said, question=WHICH, log=LOG, protocol=TALK, judging=judge):
    def say(call):
        if call.seat == "clerk":
            return judging(call)
        if call.op == "generate":
            texts = said[call.seat]
            return texts if isinstance(texts, str) else texts[min(call.round, len(texts) - 1)]
        return [1 / len(call.options)] * len(call.options)

    return walk(with_log(protocol, log), begin(tuple(said), None, question), say)


def main_of(found):
    return next(each for each in found.seen.conflicts if each.about == QUESTION)


def faults(found):
    return [each for each in audit(found.seen) if "reply" not in each]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_every_answer_that_contradicts_all_others_is_a_position(walk, begin, count):
    said = dict(list(ROADS.items())[:count])
    found = run(walk, begin, said)
    main = main_of(found)
    assert [each.parties for each in main.positions] == [(seat,) for seat in said]
    assert [each.id for each in main.positions] == [f"cf1.{name}" for name in "abcd"[:count]]
    assert [each.summary for each in main.positions] == [
        f"with {each.spans[0].message}" for each in main.positions
    ]
    assert all(each.spans[0].exact == said[each.parties[0]] for each in main.positions)
    assert faults(found) == []


def test_who_comes_over_moves_between_camps(walk, begin):
    said = {**ROADS, "di": [ROADS["di"], "I was mistaken: only the north road must be closed."]}
    found = run(walk, begin, said, protocol=TWICE)
    main = main_of(found)
    held = {each.id[-1]: (each.held_first, each.parties) for each in main.positions}
    assert sorted(held.values()) == [
        ((("ann",)), ("ann", "di")),
        (("bo",), ("bo",)),
        (("cy",), ("cy",)),
        (("di",), ()),
    ]
    (moved,) = (each for each in main.history if each.by is not None)
    assert (moved.by, moved.round) == ("di", 1)
    ids = {each.parties[:1] or each.held_first: each.id for each in main.positions}
    assert (moved.from_position, moved.to_position) == (ids["di",], ids["ann",])
    assert faults(found) == []


@pytest.mark.parametrize("others", [1, 4, 10])
@pytest.mark.parametrize("question", [WHICH, "Should a road be closed?"])
def test_those_who_speak_of_the_weather_hide_nothing(walk, begin, others, question):
    said = {"ann": ROADS["ann"], "bo": ROADS["bo"]}
    said |= {f"x{n}": f"The weather is fine in the hills, {n} says." for n in range(others)}
    main = main_of(run(walk, begin, said, question))
    sides = [each.parties for each in main.positions]
    assert sorted(sides) == [("ann",), ("bo",)]


@pytest.mark.parametrize("others", [1, 2, 6])
def test_those_who_agree_with_everything_hide_nothing(walk, begin, others):
    def flattered(call):
        text = next(s.text for s in call.segments if s.label == "claims")
        return (0.02, 0.96, 0.02) if "agree with everything" in text else judge(call)

    said = {"ann": ROADS["ann"], "bo": ROADS["bo"]}
    said |= {f"x{n}": "I fully agree with everything they say." for n in range(others)}
    main = main_of(run(walk, begin, said, judging=flattered))
    apart = [each.parties for each in main.positions]
    assert not any({"ann", "bo"} <= set(parties) for parties in apart)
    assert {"ann", "bo"} <= {seat for parties in apart for seat in parties}


@pytest.mark.parametrize(("author", "attacker"), [("ann", "bo"), ("bo", "ann")])
def test_what_is_declared_on_one_sentence_hides_nothing_of_another(walk, begin, author, attacker):
    said = {
        author: "Shops lose very little by it. Only the south road must be closed.",
        attacker: ROADS["ann"],
    }

    def say(call):
        if call.seat == "clerk":
            return judge(call)
        if call.purpose == "declare":
            if call.seat == author:
                return json.dumps({"acts": [{"act": "claim", "text": "More of it."}]})
            acts = call.json_schema["properties"]["acts"]["items"]["anyOf"]
            attack = next(
                a["properties"] for a in acts if a["properties"]["act"]["enum"] == ["attack"]
            )
            about = attack["about"]["enum"][0]
            act = {"act": "attack", "about": about, "text": "The figure on shops is out of date."}
            return json.dumps({"acts": [act]})
        if call.op == "generate":
            return said[call.seat]
        return [1 / len(call.options)] * len(call.options)

    talk = Composed(
        name="talk", parts=(Speak(), Declare(), Rank(), Contest(), Decide(), Conclude())
    )
    found = walk(with_log(talk, LOG), begin(tuple(said), None, WHICH), say)
    (mine,) = (turn.id for turn in found.seen.turns if turn.text == said[author])
    about = [(each.about, each.detection.method) for each in found.seen.conflicts]
    assert (mine, "protocol_act") in about
    assert [method for message, method in about if message != QUESTION].count("clerk") == 1
