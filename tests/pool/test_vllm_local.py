"""What vLLM's engine in this process says, in the words of its server."""

from types import SimpleNamespace
from typing import Any

import pytest

from folkmoot.pool.admission import BOUNDLESS
from folkmoot.pool.vllm.in_process import VllmInProcess
from folkmoot.pool.vllm.local import Answer, Local
from folkmoot.pool.vllm.wire import (
    ZERO,
    read_choice,
    read_text,
    read_timing,
    read_usage,
)
from folkmoot.records import CallRefused, EngineUnavailable, Usage


def output(text: str, tokens: int, finish: str | None = None, **fields: Any) -> Any:
    """One of vLLM's outputs, as far as it is looked at."""
    new = SimpleNamespace(text=text, token_ids=[1] * tokens, finish_reason=finish, logprobs=None)
    stats = SimpleNamespace(queued_ts=1.0, scheduled_ts=1.5, first_token_ts=2.5, last_token_ts=4.5)
    whole = {"outputs": [new], "num_cached_tokens": 128, "metrics": stats} | fields
    return SimpleNamespace(**whole)


def test_pieces_are_heard_and_put_together():
    heard: list[dict[str, Any]] = []
    answer = Answer(200, heard.append)
    for each in (output("Snow ", 2), output("", 1), output("is white.", 3, "stop")):
        answer.take(each)
    deltas = [event["choices"][0]["delta"]["content"] for event in heard]
    assert deltas == ["Snow ", "is white."]
    whole = answer.whole()
    assert read_text(whole)[:2] == ("Snow is white.", "stop")
    assert read_usage(whole) == Usage(prompt=200, cached=128, completion=6)
    timing = read_timing(whole)
    assert timing is not None
    assert (timing.queued, timing.prefill, timing.decode) == (500, 1000, 2000)


def test_options_are_weighed_and_an_impossible_one_is_zero():
    answer = Answer(20, lambda _: None)
    last = output("x", 1, "length", metrics=None)
    weighed = {7: -0.25, 9: float("-inf")}
    last.outputs[0].logprobs = [{at: SimpleNamespace(logprob=log) for at, log in weighed.items()}]
    answer.take(last)
    assert read_choice(answer.whole(), (9, 7)) == (ZERO, -0.25)
    assert read_timing(answer.whole()) is None


def test_what_was_aborted_tells_its_tokens_and_is_no_reply():
    answer = Answer(200, lambda _: None)
    answer.take(output("Snow", 1))
    answer.take(output("", 0, "abort"))
    assert read_usage(answer.whole()) == Usage(prompt=200, cached=128, completion=1)
    with pytest.raises(EngineUnavailable, match="abort"):
        read_text(answer.whole())
    with pytest.raises(EngineUnavailable):
        read_text(Answer(200, lambda _: None).whole())


async def test_what_only_a_server_has_is_refused():
    local = Local(SimpleNamespace(), {})
    with pytest.raises(CallRefused, match="/v1/embeddings"):
        await local.post("/v1/embeddings", {})


def test_an_engine_that_does_not_run_still_says_that_its_room_is_unknown():
    """It is asked before each call, and the call is what starts a dead engine again."""
    assert VllmInProcess("ward", {"m": "smollm2-base"}).room == BOUNDLESS
