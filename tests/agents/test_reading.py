"""A reply is read to the letter, or is a typed failure; never a guess."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import reading, voice
from folkmoot.agents.reading import Stated
from folkmoot.records import Reply

OPTIONS = ("yes", "no")
ORDERS = (voice.choice(OPTIONS), voice.choice(OPTIONS, reverse=True))


def reply(state: str = "ok", text: str = "", logprobs: tuple[float, ...] | None = None) -> Reply:
    return Reply(
        step=0, order=0, seat="nurse", purpose="stand", state=state, text=text, logprobs=logprobs
    )


def logs(*shares: float) -> Reply:
    return reply(logprobs=tuple(math.log(share) for share in shares))


def weigh(*replies: Reply) -> reading.Weighed:
    return reading.weigh(OPTIONS, list(zip(ORDERS, replies, strict=True)))


def test_the_likelier_option_over_both_orders_is_the_choice():
    assert weigh(logs(0.9, 0.1), logs(0.3, 0.7)) == ("valid", "yes", {"yes": 0.8, "no": 0.2})


def test_a_preference_for_a_place_cancels():
    assert weigh(logs(0.9, 0.1), logs(0.9, 0.1)) == ("abstained", None, {"yes": 0.5, "no": 0.5})


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-8, 0), min_size=3, max_size=3),
    st.lists(st.floats(-4, 4), min_size=3, max_size=3),
)
def test_no_preference_for_places_makes_the_less_likely_of_a_pair_lead(leanings, bias):
    """Of two options that trade places between the orders, the likelier leads in the mean."""
    options = ("red", "green", "blue")
    orders = (voice.choice(options), voice.choice(options, reverse=True))
    told = dict(zip(options, leanings, strict=True))
    replies = [
        reply(logprobs=tuple(told[o] + bias[at] for at, o in enumerate(order.shown)))
        for order in orders
    ]
    read = reading.weigh(options, list(zip(orders, replies, strict=True)))
    assert read.probabilities is not None
    assert sum(read.probabilities.values()) == pytest.approx(1, abs=1e-5)
    if told["red"] > told["blue"]:
        assert read.probabilities["red"] >= read.probabilities["blue"] - 1e-6


def test_mass_on_other_tokens_counts_for_nobody():
    faint = reply(logprobs=(-20.0, -22.0))
    assert weigh(faint, logs(0.2, 0.8)).probabilities == pytest.approx(
        {"yes": 0.840399, "no": 0.159601}
    )


def test_two_leaders_nearer_than_noise_are_no_choice():
    wide, near = 0.5 + reading.UNDECIDED / 2 + 0.001, 0.5 + reading.UNDECIDED / 2 - 0.001
    assert weigh(logs(wide, 1 - wide), logs(1 - wide, wide)).choice == "yes"
    assert weigh(logs(near, 1 - near), logs(1 - near, near)).state == "abstained"


@pytest.mark.parametrize("state", ["unavailable", "refused"])
def test_one_reply_that_never_came_makes_the_whole_unavailable(state):
    assert weigh(logs(0.9, 0.1), reply(state)) == ("unavailable", None, None)


@pytest.mark.parametrize(
    "logprobs",
    [None, (), (-1.0,), (-1.0, -1.0, -1.0), (math.nan, -1.0), (-math.inf, -1.0), (-9999.0,) * 2],
)
def test_figures_that_cannot_be_used_are_unreadable(logprobs):
    assert weigh(logs(0.9, 0.1), reply(logprobs=logprobs)).state == "unreadable"


def test_one_option_without_any_probability_is_still_read():
    assert weigh(reply(logprobs=(-0.1, -9999.0)), reply(logprobs=(-9999.0, -0.1))).choice == "yes"


def stated(text: str, messages: tuple[str, ...] = ("M1", "M2"), state: str = "ok") -> Stated:
    return reading.stated(reply(state, text), OPTIONS, messages)


def test_a_stated_stance_is_read_with_its_reason_and_what_moved_it():
    text = json.dumps({"reason": "so", "answer": "no", "moved_by": ["M2", "M9", 4, "M2"]})
    assert stated(text) == Stated("valid", "no", "so", ("M2",))


def test_to_abstain_is_to_say_so():
    assert stated('{"reason": "hm", "answer": "abstain"}') == Stated("abstained", None, "hm", ())


def test_an_option_of_that_name_is_a_choice_like_any_other():
    text = reply("ok", '{"reason": "hm", "answer": "abstain"}')
    assert reading.stated(text, ("abstain", "act"), ()).choice == "abstain"
    enum = reading.stated_schema(("abstain", "act"), ())["properties"]["answer"]["enum"]
    assert enum == ["abstain", "act"]


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        '"yes"',
        "[]",
        "null",
        "NaN",
        '{"reason": "so", "answer": "yes"',
        '{"reason": "so", "answer": "Yes"}',
        '{"reason": "so", "answer": ["yes"]}',
        '{"reason": "so", "answer": {}}',
        '{"reason": "so"}',
        '{"answer": "yes"}',
        '{"reason": 4, "answer": "yes"}',
        '{"reason": "so", "answer": "yes", "moved_by": "M1"}',
        '{"reason": "so", "answer": "yes"} and more',
        "[" * 100_000,
    ],
)
def test_what_is_not_the_schema_is_unreadable(text):
    assert stated(text) == Stated("unreadable")


def test_a_cut_off_statement_is_unreadable_though_it_parses():
    text = '{"reason": "so", "answer": "yes"}'
    assert stated(text, state="cut_off").state == "unreadable"
    assert stated(text, state="empty").state == "unreadable"
    assert stated(text, state="unavailable").state == "unavailable"


def test_the_schema_puts_the_reason_before_the_answer_and_admits_nothing_else():
    schema = reading.stated_schema(OPTIONS, ["M1"])
    assert list(schema["properties"]) == schema["required"] == ["reason", "answer", "moved_by"]
    assert schema["properties"]["answer"]["enum"] == ["yes", "no", "abstain"]
    assert schema["additionalProperties"] is False
    assert "moved_by" not in reading.stated_schema(OPTIONS, [])["properties"]


@pytest.mark.parametrize(("max_tokens", "letters"), [(96, 198), (1024, 600), (8, 30)])
def test_a_stated_reason_leaves_room_for_the_choice(max_tokens: int, letters: int):
    schema = reading.stated_schema(OPTIONS, ["M1"], max_tokens)
    assert schema["properties"]["reason"]["maxLength"] == letters


@pytest.mark.parametrize(
    ("given", "worth"),
    [
        (reply("ok", "so"), "valid"),
        (reply("cut_off", "so"), "cut_off"),
        (reply("ok", " \n"), "empty"),
        (reply("cut_off", ""), "empty"),
        (reply("empty"), "empty"),
        (reply("refused"), "unavailable"),
        (reply("unavailable"), "unavailable"),
    ],
)
def test_a_text_is_worth_what_came(given, worth):
    assert reading.turn_state(given) == worth


def test_equal_options_rank_in_the_order_given():
    assert reading.ranking({"b": 0.3, "a": 0.3, "c": 0.4}) == ("c", "b", "a")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("yes", "yes"),
        (" No. It costs.", "no"),
        ("YES\nReason: so", "yes"),
        ("Not yes", None),
        ("nobody knows", None),
        ("", None),
        ("I say yes", None),
    ],
)
def test_free_text_is_read_by_how_it_begins(text, choice):
    assert reading.spoken(reply("ok", text), ORDERS[0]).choice == choice
    assert reading.spoken(reply("unavailable"), ORDERS[0]).state == "unavailable"


def test_letters_are_read_by_the_letter():
    laid_out = voice.choice(("a tax", "a ban"))
    said = {text: reading.spoken(reply("ok", text), laid_out) for text in ("B. a ban", "b", "Bans")}
    assert [each.choice for each in said.values()] == ["a ban", "a ban", None]
