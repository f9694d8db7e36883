"""Requests to a vLLM server and the reading of its answers."""

import json
from typing import Any

import pytest

from folkmoot.pool.vllm.asked import choose_fields, generate_fields, prompt_body
from folkmoot.pool.vllm.wire import (
    read_choice,
    read_event,
    read_text,
    read_usage,
    read_vector,
    whole,
)
from folkmoot.records import CallRefused, EngineUnavailable, Sampling, Usage

CHAT = [{"role": "user", "content": "Well?"}]
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def answer(finish: object = "stop", **message: object) -> dict[str, object]:
    choice = {"message": {"content": "Yes."} | message, "finish_reason": finish, "logprobs": None}
    return {"choices": [choice], "usage": USAGE}


def weighed(logprobs: dict[int, float]) -> dict[str, object]:
    top = [{"token": f"token_id:{token}", "logprob": value} for token, value in logprobs.items()]
    choice = {"finish_reason": "length", "logprobs": {"content": [{"top_logprobs": top}]}}
    return {"choices": [choice], "usage": USAGE}


def test_an_opening_is_continued_and_nothing_else_is():
    assert prompt_body("m", CHAT, "") == {"model": "m", "messages": CHAT}
    body = prompt_body("m", CHAT, "My answer:", "r1")
    assert body["messages"] == [*CHAT, {"role": "assistant", "content": "My answer:"}]
    assert body["continue_final_message"] is True
    assert body["add_generation_prompt"] is False
    assert body["request_id"] == "r1"
    assert CHAT == [{"role": "user", "content": "Well?"}]


def test_a_seed_is_sent_only_where_seeds_hold():
    sampling = Sampling(seed=-3)
    assert "seed" not in generate_fields(sampling, None, seeds=False, stream=False)
    assert generate_fields(sampling, None, True, False)["seed"] == 2**63 - 3
    assert "seed" not in generate_fields(Sampling(), None, seeds=True, stream=False)


def test_sampling_is_said_in_full_so_that_the_server_adds_nothing():
    fields = generate_fields(Sampling(max_tokens=5, temperature=0.1, top_p=0.5), None, True, False)
    assert (fields["max_tokens"], fields["temperature"], fields["top_p"]) == (5, 0.1, 0.5)
    assert (fields["top_k"], fields["min_p"], fields["repetition_penalty"]) == (0, 0.0, 1.0)
    assert "stream" not in fields


def test_a_schema_guides_and_a_stream_carries_its_usage():
    fields = generate_fields(Sampling(), {"type": "object"}, seeds=False, stream=True)
    assert fields["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert fields["stream_options"] == {"include_usage": True}


def test_choosing_takes_one_greedy_token_and_reports_the_given_ones():
    fields = choose_fields((7, 8))
    assert (fields["max_tokens"], fields["temperature"]) == (1, 0.0)
    assert fields["logprob_token_ids"] == [7, 8]


def test_a_text_is_read_with_its_finish_and_usage():
    assert read_text(answer()) == ("Yes.", "stop", Usage(prompt=9, completion=2))
    assert read_text(answer(content=None)).text == ""


@pytest.mark.parametrize("finish", ["abort", "error", None])
def test_a_reply_that_the_server_gave_up_is_no_reply(finish: str | None):
    with pytest.raises(EngineUnavailable, match="gave up"):
        read_text(answer(finish))


@pytest.mark.parametrize("data", [{}, {"choices": []}, {"choices": [{"message": "x"}]}])
def test_what_vllm_would_not_send_is_not_read(data: dict[str, object]):
    with pytest.raises(EngineUnavailable, match="does not answer as vLLM does"):
        read_text(data)


def test_logprobs_come_in_the_order_of_the_options():
    assert read_choice(weighed({8: -1.23456789, 7: -0.5, 3: -0.1}), (7, 8)) == (-0.5, -1.234568)
    assert read_choice(weighed({7: -20000.0}), (7,)) == (-9999.0,)


def test_a_server_that_leaves_an_option_out_is_not_believed():
    with pytest.raises(CallRefused, match="given tokens") as caught:
        read_choice(weighed({7: -0.5}), (7, 8))
    assert "0.26" in caught.value.hint
    with pytest.raises(CallRefused, match="given tokens"):
        read_choice(answer("length"), (7,))
    with pytest.raises(EngineUnavailable, match="gave up"):
        read_choice(answer("abort"), (7,))


@pytest.mark.parametrize("log", ["NaN", "Infinity", "-Infinity", "1e999", '"x"', "null", "9" * 400])
def test_a_log_probability_that_is_no_finite_number_is_not_read(log: str):
    data = weighed({7: json.loads(log)})
    with pytest.raises(EngineUnavailable, match=r"^http://ward does .* a log-probability is"):
        read_choice(data, (7,), "http://ward")


@pytest.mark.parametrize("content", [7, 0, ["Yes."], {"text": "Yes."}, False])
def test_a_content_that_is_no_text_is_not_read(content: object):
    with pytest.raises(EngineUnavailable, match=r"^http://ward does .* `content` is"):
        read_text(answer(content=content), "http://ward")
    with pytest.raises(EngineUnavailable, match=r"^http://ward does .* `content` is"):
        read_event({"choices": [{"delta": {"content": content}}]}, "http://ward")


def test_a_finish_reason_is_a_text_that_can_be_recorded():
    assert read_text(answer("st\ud800op")).finish == "st\ufffdop"
    with pytest.raises(EngineUnavailable, match="`finish_reason` is 7"):
        read_text(answer(7))


def test_what_is_shown_of_a_malformed_answer_is_short_however_deep_it_is():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(EngineUnavailable) as caught:
        read_text({"choices": [{"message": {"content": deep}, "finish_reason": "stop"}]})
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("count", [None, "9", 1.5, -1, 2**53, 2**60, True])
def test_a_usage_that_counts_no_tokens_is_absent_and_the_reply_is_kept(count: object):
    usage: dict[str, object] = USAGE | {"prompt_tokens": count}
    assert read_usage({"usage": usage}) is None
    assert read_text(answer() | {"usage": usage}) == ("Yes.", "stop", None)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt_tokens_details": {"cached_tokens": "4"}},
        {"prompt_tokens_details": {"cached_tokens": -1}},
        {"prompt_tokens_details": {"cached_tokens": 10}},
        {"prompt_tokens_details": "none"},
        {"completion_tokens": "2"},
        {"completion_tokens": 2.0},
    ],
)
def test_a_usage_is_believed_as_a_whole_or_not_at_all(fields: dict[str, object]):
    assert read_usage({"usage": USAGE | fields}) is None


@pytest.mark.parametrize("data", [{}, {"usage": None}, {"usage": []}, {"usage": {}}])
def test_a_usage_that_was_not_sent_is_absent(data: dict[str, object]):
    assert read_usage(data) is None


def test_the_largest_counts_are_read():
    usage = {"prompt_tokens": 2**53 - 1, "completion_tokens": None}
    cached = {"prompt_tokens_details": {"cached_tokens": 2**53 - 1}}
    assert read_usage({"usage": usage | cached}) == Usage(
        prompt=2**53 - 1, cached=2**53 - 1, completion=0
    )


def test_cached_tokens_are_absent_where_they_are_not_reported():
    assert read_usage({"usage": USAGE}) == Usage(prompt=9, completion=2)
    told = USAGE | {"prompt_tokens_details": {"cached_tokens": 4}}
    assert read_usage({"usage": told}) == Usage(prompt=9, cached=4, completion=2)
    untold = USAGE | {"prompt_tokens_details": None}
    assert read_usage({"usage": untold}).cached is None


def test_events_of_a_stream_add_up_to_a_whole_answer():
    assert read_event({"choices": [{"delta": {"content": "Y"}}]}) == ("Y", None)
    assert read_event({"choices": [{"delta": {}, "finish_reason": "stop"}]}) == ("", "stop")
    assert read_event({"choices": [], "usage": USAGE}) == ("", None)
    assert read_text(whole("Yes.", "stop", {"usage": USAGE})) == read_text(answer())
    with pytest.raises(EngineUnavailable):
        read_event({"choices": [{"delta": "x"}]})


def test_a_vector_is_read():
    assert read_vector({"data": [{"embedding": [1, 0.5]}]}) == (1.0, 0.5)
    with pytest.raises(EngineUnavailable):
        read_vector({"data": []})


@pytest.mark.parametrize("vector", [None, "12", [float("nan")], ["1"], [10**400], [True]])
def test_a_vector_of_anything_but_finite_numbers_is_not_read(vector: object):
    with pytest.raises(EngineUnavailable, match="the vector is"):
        read_vector({"data": [{"embedding": vector}]})
