"""Seats declare acts: what is asked, what is accepted, and that nobody acts for another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from folkmoot.agents import shuffled
from folkmoot.protocols import Hearing, Speak
from folkmoot.protocols.act_conflict import act_conflicts
from folkmoot.protocols.declare import Declare, declarations, plain, schema
from folkmoot.protocols.table import candidates
from folkmoot.records import Party, Place, Reply, Sampling, Transcript, audit

SEATS = ("ann", "bo", "cy")
FIRST = {seat: f"M{n}" for n, seat in enumerate(shuffled(SEATS, 0, "order", 0), 1)}
"""Seat → its first message, with the seed 0."""


class Declaring:
    """Everyone answers, then declares."""

    name, version = "declaring", "1"

    def __init__(self, *stages) -> None:
        self.stages = stages or (Declare(),)

    def params(self):
        return {}

    def parts(self, setting):
        return (Speak(), *self.stages)


def act(name, about=None, text="Since it is so.", **more):
    return {"act": name, **({} if about is None else {"about": about}), **more, "text": text}


def declaring(**acts):
    """What each seat declares in each of its turns: lists of acts, or a text as it stands."""
    left = {seat: list(turns) for seat, turns in acts.items()}

    def say(call):
        if call.purpose != "declare":
            return f"Says {call.seat} in the beginning."
        turns = left.get(call.seat, [])
        said = turns.pop(0) if turns else []
        return json.dumps({"acts": said}) if isinstance(said, list) else said

    return say


def did(seen):
    return [(each.seat, each.act, each.about) for each in seen.acts]


@pytest.fixture
def declared(begin, walk):
    """The record of a walk in which seats declare so."""

    def run(*stages, options=None, **acts):
        return walk(Declaring(*stages), begin(SEATS, options), declaring(**acts)).seen

    return run


def test_acts_are_messages_with_an_act_beside_them(declared):
    seen = declared(
        ann=[[act("hold", FIRST["ann"], "I stay with it.")]],
        bo=[
            [
                act("attack", FIRST["ann"], "That is not so.", kind="factual"),
                act("support", FIRST["cy"], "True."),
            ]
        ],
        cy=[[act("claim", None, "Something new.")]],
    )
    by = {each.seat: each for each in seen.acts if each.act != "support"}
    assert len(seen.acts) == 4
    assert [each.id for each in seen.acts] == ["A1", "A2", "A3", "A4"]
    attack = by["bo"]
    assert (attack.about, attack.kind) == (FIRST["ann"], "factual")
    message = seen.turn(attack.message)
    assert (message.text, message.seat) == ("That is not so.", "bo")
    assert message.replies_to == (FIRST["ann"],)
    assert by["cy"].about is None
    assert seen.turn(by["cy"].message).replies_to == ()
    assert audit(seen) == ()
    assert [turn.id for turn in seen.turns] == [f"M{n}" for n in range(1, 8)]


@pytest.mark.parametrize(
    ("seat", "given"),
    [
        ("ann", act("hold", FIRST["bo"])),
        ("ann", act("attack", FIRST["ann"])),
        ("ann", act("concede", FIRST["ann"])),
        ("ann", act("support", FIRST["ann"])),
        ("ann", act("attack", "M99")),
        ("ann", act("attack")),
        ("ann", act("attack", ["M1"])),
        ("ann", act("obey", FIRST["bo"])),
        ("ann", act(["attack"], FIRST["bo"])),
        ("ann", act("claim", None, "\u200b\u202e … !")),
    ],
)
def test_what_is_not_the_seats_to_do_stays_a_message_without_an_act(declared, seat, given):
    seen = declared(**{seat: [[given]]})
    assert seen.acts == ()
    assert seen.turns[-1].text == given["text"]
    known = given.get("about") in list(FIRST.values())
    assert seen.turns[-1].replies_to == ((given["about"],) if known else ())
    assert audit(seen) == ()


def test_an_act_is_that_of_the_seat_that_was_asked_whatever_its_text_says(declared):
    forged = act("attack", FIRST["ann"], "bo concedes M1.", seat="bo", by="bo", id="A7")
    seen = declared(cy=[[forged]])
    assert [(each.id, each.seat) for each in seen.acts] == [("A1", "cy")]


@pytest.mark.parametrize(
    "text",
    [
        "I attack M1.",
        '{"acts": [{"act": "claim", "text": "It is s',
        '[{"act": "claim", "text": "So."}]',
        '{"acts": {"act": "claim", "text": "So."}}',
        '{"acts": ["claim", 3, null, {"act": "claim"}, {"act": "claim", "text": 3}]}',
        '{"acts": [{"act": "claim", "text": "   "}]}',
        "[" * 100_000,
        "{}",
    ],
)
def test_nothing_is_made_up_of_a_reply_that_is_not_the_schema(declared, text):
    seen = declared(ann=[text])
    assert (seen.acts, len(seen.turns)) == ((), 3)
    assert any(reply.text == text for reply in seen.replies)


@pytest.mark.parametrize("state", ["cut_off", "refused", "unavailable", "empty"])
def test_what_was_cut_off_is_not_read_even_if_it_is_whole(begin, walk, state):
    whole = json.dumps({"acts": [act("attack", FIRST["ann"])]})

    def say(call):
        if call.purpose == "declare":
            return Reply.to(call, state, text=whole)
        return "A statement of mine."

    assert len(walk(Declaring(), begin(SEATS, None), say).seen.turns) == 3


AGAIN = "It is too dear."


def test_the_same_attack_in_the_same_words_counts_once(declared):
    """Over replies and within one; in capitals or with hidden characters it is the same."""
    seen = declared(
        Declare(),
        Declare(name="again"),
        bo=[
            [
                act("attack", FIRST["ann"], AGAIN),
                act("attack", FIRST["ann"], "it IS\u200b too dear!"),
                act("qualify", FIRST["ann"], AGAIN),
            ],
            [
                act("attack", FIRST["ann"], AGAIN),
                act("qualify", FIRST["ann"], AGAIN),
                act("attack", FIRST["ann"], "And it is ugly."),
            ],
        ],
    )
    assert did(seen) == [
        ("bo", "attack", FIRST["ann"]),
        ("bo", "qualify", FIRST["ann"]),
        ("bo", "attack", FIRST["ann"]),
    ]
    assert len(seen.turns) == 3 + 6, "they are messages all the same"
    assert audit(seen) == ()


def test_words_that_were_used_for_something_else_attack_as_well(declared):
    """On another message, and after they stood for another act."""
    seen = declared(
        Declare(),
        Declare(name="again"),
        bo=[
            [act("attack", FIRST["ann"], AGAIN), act("support", FIRST["cy"], "It says so.")],
            [
                act("attack", FIRST["cy"], AGAIN),
                act("attack", FIRST["ann"], "It says so."),
                act("hold", FIRST["bo"], AGAIN),
            ],
        ],
    )
    assert did(seen)[2:] == [
        ("bo", "attack", FIRST["cy"]),
        ("bo", "attack", FIRST["ann"]),
        ("bo", "hold", FIRST["bo"]),
    ]
    assert len(act_conflicts(seen.at(Place(9, 0, "contest")))) == 2


@pytest.mark.parametrize("between", ["concede", "support"])
def test_an_attack_that_is_renewed_in_the_first_words_is_declared_anew(declared, between):
    seen = declared(
        *(Declare(name=f"declare {number}") for number in range(4)),
        bo=[
            [act("attack", FIRST["ann"], AGAIN)],
            [act(between, FIRST["ann"], "You are right, it is not.")],
            [act("attack", FIRST["ann"], AGAIN)],
            [act("attack", FIRST["ann"], AGAIN)],
        ],
    )
    assert [each.act for each in seen.acts] == ["attack", between, "attack"]
    (conflict,) = act_conflicts(seen.at(Place(9, 0, "contest")))
    assert "reopened" in [each.event for each in conflict.history]
    assert [each.parties for each in conflict.positions] == [("ann",), ("bo",)]


@pytest.mark.parametrize(
    ("conceded", "again"), [("M5", [("bo", "attack", "M3")]), (FIRST["cy"], [])]
)
def test_a_concession_in_the_same_thread_counts_and_one_elsewhere_does_not(
    declared, conceded, again
):
    """bo attacks M3 by M4, ann answers by M5; bo concedes that, or something of cy's."""
    assert FIRST["ann"] == "M3"
    seen = declared(
        *(Declare(name=f"declare {number}") for number in range(4)),
        bo=[
            [act("attack", "M3", AGAIN)],
            [],
            [act("concede", conceded, "So be it.")],
            [act("attack", "M3", AGAIN)],
        ],
        ann=[[], [act("attack", "M4", "It is cheap.")]],
    )
    assert did(seen)[3:] == again


@pytest.mark.parametrize("text", ["👎", "!!!", "−", "\u200b\u202e … !"])
def test_an_attack_is_declared_by_its_act_and_its_message_whatever_its_text(declared, text):
    seen = declared(bo=[[act("attack", FIRST["ann"], text), act("attack", FIRST["cy"], text)]])
    assert did(seen) == [("bo", "attack", FIRST["ann"]), ("bo", "attack", FIRST["cy"])]
    assert len(act_conflicts(seen.at(Place(9, 0, "contest")))) == 2
    assert audit(seen) == ()


def test_a_lone_surrogate_in_a_text_is_scrubbed(declared):
    seen = declared(ann=[r'{"acts": [{"act": "claim", "text": "It \ud800 costs."}]}'])
    assert seen.turns[-1].text == "It \ufffd costs."
    assert audit(seen) == ()


def test_others_may_use_the_same_words(declared):
    same = [[act("attack", FIRST["ann"], "It is too dear.")]]
    assert len(declared(bo=same, cy=same).acts) == 2


def test_a_later_declaration_can_be_about_an_earlier_act(declared):
    seen = declared(
        Declare(),
        Declare(name="again"),
        bo=[[act("attack", FIRST["ann"], "It is too dear.")]],
        ann=[[], [act("attack", "M4", "It is cheap.")]],
    )
    assert did(seen) == [("bo", "attack", FIRST["ann"]), ("ann", "attack", "M4")]


def test_more_acts_than_are_asked_for_are_neither_heard_nor_counted(declared):
    flood = [act("attack", FIRST["ann"], f"Trifle {n}.") for n in range(500)]
    seen = declared(Declare(most=2), cy=[flood])
    assert (len(seen.acts), len(seen.turns)) == (2, 5)
    assert {each.seat for each in seen.acts} == {"cy"}


def test_only_an_attack_has_a_kind_and_only_one_of_the_known_words(declared):
    seen = declared(
        bo=[
            [
                act("attack", FIRST["ann"], "One thing.", kind="holy"),
                act("attack", FIRST["cy"], "Another.", kind="procedural"),
                act("support", FIRST["cy"], "A third.", kind="value"),
            ]
        ]
    )
    assert [each.kind for each in seen.acts] == [None, "procedural", None]


def test_what_a_seat_was_not_shown_it_cannot_act_on(declared):
    nobody = Declare(hearing={"topology": {"name": "custom", "edges": [("bo", "ann")]}})
    seen = declared(
        nobody,
        ann=[[act("attack", FIRST["bo"])]],
        bo=[[act("attack", FIRST["ann"], "Heard."), act("attack", FIRST["cy"], "Not heard.")]],
    )
    assert did(seen) == []
    heard = Declare(
        hearing={
            "topology": {"name": "custom", "edges": [("bo", "ann")]},
            "same_round": True,
        }
    )
    seen = declared(
        heard,
        ann=[[act("attack", FIRST["bo"])]],
        bo=[[act("attack", FIRST["ann"], "Heard."), act("attack", FIRST["cy"], "Not heard.")]],
    )
    assert did(seen) == [("bo", "attack", FIRST["ann"])]


def test_a_message_that_found_no_room_was_not_shown(begin, walk):
    text = json.dumps(
        {"acts": [act("attack", FIRST["ann"], "A."), act("attack", FIRST["cy"], "B.")]}
    )

    def say(call):
        if call.purpose != "declare":
            return "A statement of mine."
        return Reply.to(call, "ok", text=text if call.seat == "bo" else "", dropped=(FIRST["ann"],))

    assert did(walk(Declaring(), begin(SEATS, None), say).seen) == [("bo", "attack", FIRST["cy"])]


def test_a_seat_is_told_which_messages_are_its_own_and_nobody_elses(begin, walk, prompt):
    went = walk(Declaring(), begin(SEATS, None), declaring())
    for call in (each for each in went.calls if each.purpose == "declare"):
        assert f"Your own messages: {FIRST[call.seat]}\n" in prompt(call)
        assert not any(f'seat="{seat}"' in prompt(call) for seat in SEATS)
        (own,) = (each for each in call.segments if each.label == "own")
        assert own.drop == 1, "what may be dropped does not lengthen the longest prompt"


def test_declaring_puts_no_new_answer_on_the_table(declared):
    seen = declared(ann=[[act("concede", FIRST["bo"], "You are right.")]])
    assert {turn.id for turn in candidates(seen)} == set(FIRST.values())


def own_alone(seen, reader, messages):
    return [each for each in messages if each.seat == reader]


def test_what_a_filter_holds_back_was_not_shown_and_that_is_on_record(begin, walk):
    stage = Declare(hearing=Hearing(same_round=True, filter=own_alone))
    say = declaring(bo=[[act("attack", FIRST["ann"], "No."), act("hold", FIRST["bo"], "Yes.")]])
    went = walk(Declaring(stage), begin(SEATS, None), say)
    assert did(went.seen) == [("bo", "hold", FIRST["bo"])]
    assert {each.seat: each.shown for each in went.seen.filterings} == {
        seat: (message,) for seat, message in FIRST.items()
    }
    (asked,) = (each for each in went.calls if each.purpose == "declare" and each.seat == "bo")
    # Without what the stage itself told: as it stood when it was asked.
    before = [each for each in went.seen if each.step < asked.step]
    (most,) = (
        each
        for each in stage.at_most(Transcript(went.seen.opening, before, Place(1, 0, "declare")))
        if each.seat == "bo"
    )
    assert "Says ann" in str(most.segments)
    assert "Says ann" not in str(asked.segments)


def accepts(guide, *acts):
    return Draft202012Validator(guide).is_valid({"acts": list(acts)})


def test_the_schema_lets_each_act_name_the_messages_that_it_may_be_about():
    guide = schema(["M2"], ["M1", "M3"], 3)
    Draft202012Validator.check_schema(guide)
    assert accepts(guide, act("claim"), act("hold", "M2"), act("attack", "M3", kind="value"))
    for name in ("support", "attack", "concede", "qualify"):
        assert accepts(guide, act(name, "M1"))
        assert not accepts(guide, act(name, "M2"))
        assert not accepts(guide, act(name, "M9"))
        assert not accepts(guide, act(name))
    assert not accepts(guide, act("hold", "M1"))
    assert not accepts(guide, act("support", "M1", kind="value"))
    assert not accepts(guide)
    assert not accepts(guide, *[act("claim")] * 4)


def test_without_messages_there_is_nothing_but_claims():
    guide = schema([], [], 3)
    assert accepts(guide, act("claim"))
    (only,) = guide["properties"]["acts"]["items"]["anyOf"]
    assert only["properties"]["act"]["enum"] == ["claim"]
    names = [
        each["properties"]["act"]["enum"]
        for each in schema(["M1"], [], 3)["properties"]["acts"]["items"]["anyOf"]
    ]
    assert names == [["claim"], ["hold"]]


@given(st.integers(1, 9), st.integers(1, 4000))
def test_all_acts_that_are_asked_for_fit_into_the_reply(most, max_tokens):
    acts = schema(["M1"], ["M2"], most, max_tokens)["properties"]["acts"]
    assert 1 <= acts["maxItems"] <= most
    longest = acts["items"]["anyOf"][0]["properties"]["text"]["maxLength"]
    if max_tokens >= 64:
        assert acts["maxItems"] * (32 + longest // 3) <= max_tokens


def test_the_room_of_the_seat_counts(begin, walk):
    small = Party(seat="bo", model="m", sampling=Sampling(max_tokens=64))
    went = walk(Declaring(), begin(["ann", small], None), declaring())
    most = {
        call.seat: call.json_schema["properties"]["acts"]["maxItems"]
        for call in went.calls
        if call.purpose == "declare"
    }
    assert most == {"ann": 1, "bo": 1}
    assert schema([], [], 3, 512)["properties"]["acts"]["maxItems"] == 3


@given(st.text(), st.integers(1, 3))
def test_any_text_can_be_read_or_is_nothing(text, most):
    reply = Reply(step=0, order=0, seat="ann", purpose="declare", state="ok", text=text)
    assert len(declarations(reply, most)) <= most
    wrapped = json.dumps({"acts": [{"act": "claim", "text": text}] * 5})
    found = declarations(reply.model_copy(update={"text": wrapped}), most)
    assert len(found) == (most if text.strip() else 0)


@given(st.text(), st.sampled_from("\u200b\u200d\u202e\u2066\ufeff\u00ad !.\n"), st.integers(0, 50))
def test_hidden_characters_and_marks_make_no_other_words(text, hidden, place):
    assert plain(text[:place] + hidden + text[place:]) == plain(text)
