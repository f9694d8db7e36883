"""A server that is OpenAI-compatible and no more: what can be asked of it, and what is refused."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from folkmoot.pool.config import read_pool
from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.wire import read_listed
from folkmoot.records import Call, CallRefused, EngineUnavailable, PoolError, Sampling, Segment

MakeCall = Callable[..., Call]
TAKES = {
    *("model", "messages", "max_tokens", "temperature", "top_p", "logprobs", "top_logprobs"),
    *("presence_penalty", "frequency_penalty", "stream", "stream_options", "response_format"),
}
LISTED = {"A": -0.25, " B": -1.5, "The": -3.0}


@asynccontextmanager
async def serving(listed: dict[str, Any] | None = None) -> AsyncIterator[str]:
    """A server that refuses what OpenAI's own does not know."""
    top = [{"token": token, "logprob": log} for token, log in (listed or LISTED).items()]

    async def handle(request: web.Request) -> web.Response:
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "m", "object": "model", "owned_by": "x"}]})
        if request.path != CHAT:
            return web.json_response({"error": "no"}, status=404)
        body = await request.json()
        if unknown := set(body) - TAKES:
            return web.json_response({"error": f"unknown: {sorted(unknown)}"}, status=400)
        size = sum(len(each["content"].encode()) for each in body["messages"])
        choice = {"message": {"content": "Yes."}, "finish_reason": "stop"}
        if body.get("logprobs"):
            choice["logprobs"] = {"content": [{"top_logprobs": top[: body["top_logprobs"]]}]}
        usage = {"prompt_tokens": size, "completion_tokens": 1}
        return web.json_response({"choices": [choice], "usage": usage})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def started(window: int = 4096, listed: dict[str, Any] | None = None):
    async with serving(listed) as url:
        engine = VllmEngine("far", url, {"smollm2": "m"}, window=window)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.close()


async def test_without_a_window_it_is_refused_at_the_start_with_what_to_do():
    async with serving() as url:
        with pytest.raises(PoolError, match="how many tokens of context 'm' has") as told:
            await VllmEngine("far", url, {"smollm2": "m"}).start()
    assert "`window`" in told.value.hint


async def test_a_pool_file_gives_the_window(tmp_path: Path):
    async with serving() as url:
        file = tmp_path / "pool.yaml"
        entry = f"{{kind: served, url: '{url}', models: {{far: m}}, window: 2048}}"
        file.write_text(f"engines:\n  - {entry}\n")
        (engine,) = read_pool(file).engines
        await engine.start()
        assert engine.window("far") == 2048
        await engine.close()


async def test_a_text_is_asked_for_in_words_that_every_such_server_takes(make_call: MakeCall):
    async with started() as engine:
        reply = await engine.answer(make_call())
        assert (reply.state, reply.text) == ("ok", "Yes.")
        assert engine.describe()["tokens"] == "estimated"


async def test_a_prompt_is_counted_with_a_byte_for_a_token_and_cut_to_fit(make_call: MakeCall):
    texts = ["Rules.", *(f"message {n} " * 20 for n in range(9)), "Well?"]
    segments = tuple(
        Segment(role="user", text=text, drop=int(0 < at < 10), label=f"M{at}")
        for at, text in enumerate(texts)
    )
    async with started(window=2048) as engine:
        counted = await engine.count("smollm2", segments)
        assert counted > sum(map(len, texts))
        call = make_call(segments=segments, sampling=Sampling(max_tokens=64, temperature=0.0))
        reply = await engine.answer(call)
        assert reply.state == "ok"
        assert reply.dropped, "it would not fit otherwise"
        assert reply.usage is not None
        assert reply.usage.prompt + 64 <= 2048


async def test_options_are_weighed_where_each_is_listed(make_call: MakeCall):
    async with started() as engine:
        reply = await engine.answer(make_call(op="choose", options=("A", "B")))
        assert reply.state == "ok"
        assert reply.logprobs == (-0.25, -1.5)
        with pytest.raises(CallRefused, match=r"none is 'C'") as told:
            await engine.answer(make_call(op="choose", options=("A", "C")))
        assert "vLLM" in told.value.hint


async def test_a_reply_that_was_begun_is_refused(make_call: MakeCall):
    async with started() as engine:
        with pytest.raises(CallRefused, match="a reply that was begun"):
            await engine.answer(make_call(opening="My answer:"))


def weighed(listed: Any) -> dict[str, Any]:
    content = [{"top_logprobs": listed}]
    return {"choices": [{"finish_reason": "length", "logprobs": {"content": content}}]}


def test_an_option_is_its_first_word_and_never_part_of_one():
    listed = [{"token": token, "logprob": log} for token, log in LISTED.items()]
    assert read_listed(weighed(listed), (" B", "A good one")) == (-1.5, -0.25)
    for options in (("Absolutely", " B"), ("Th", "A"), ("A good one", "A bad one"), ("", "A")):
        with pytest.raises(CallRefused, match="cannot be weighed"):
            read_listed(weighed(listed), options)
    without = {"choices": [{"finish_reason": "stop", "logprobs": None}]}
    with pytest.raises(CallRefused, match="of the 0 tokens"):
        read_listed(without, ("A", "B"))


@pytest.mark.parametrize("log", [float("nan"), "much", None])
def test_a_log_probability_that_is_none_is_a_fault_of_the_engine(log: Any):
    with pytest.raises(EngineUnavailable, match="log-probability"):
        read_listed(weighed([{"token": "A", "logprob": log}]), ("A",))
