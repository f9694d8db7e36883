"""A vLLM server whose answers are malformed: a fault of the engine, whatever it sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from folkmoot.pool import Pool
from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.flights import Aborted
from folkmoot.records import Call, CallRefused, EngineUnavailable, PoolError, Reply, Segment
from folkmoot.records.canonical import canonical

MakeCall = Callable[..., Call]
Answers = Mapping[str, str]

DEEP = '{"data":' + "[" * 100_000
ABORT = "/inference/v1/abort_requests"
WELL = {
    "/v1/models": '{"data": [{"id": "stub", "max_model_len": 4096}]}',
    "/version": '{"version": "0"}',
    "/tokenize": '{"tokens": [1, 2, 3]}',
}


def chat(content: str = '"Yes."', usage: str = '{"prompt_tokens": 9}', log: str = "-0.5") -> str:
    top = f'{{"content": [{{"top_logprobs": [{{"token": "token_id:1", "logprob": {log}}}]}}]}}'
    return (
        f'{{"choices": [{{"message": {{"content": {content}}}, "finish_reason": "stop", '
        f'"logprobs": {top}}}], "usage": {usage}}}'
    )


@asynccontextmanager
async def serving(answers: Answers, aborted: asyncio.Event | None = None) -> AsyncIterator[str]:
    """The URL of a server with these answers; of `aborted`, chats wait until they are aborted."""

    async def handle(request: web.Request) -> web.Response:
        if aborted and request.path == ABORT:
            if "no-such-request" not in await request.text():  # The engine's look at its start.
                aborted.set()
            return web.Response()
        if aborted and request.path == CHAT:
            await aborted.wait()
        body = (WELL | answers).get(request.path)
        return web.Response(text=body) if body is not None else web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def started(answers: Answers, aborted: asyncio.Event | None = None):
    async with serving(answers, aborted) as url:
        engine = VllmEngine("ward", url, {"smollm2": "stub"})
        await engine.start()
        try:
            yield engine
        finally:
            await engine.close()


@pytest.mark.parametrize(
    ("path", "body", "what"),
    [
        ("/v1/models", '{"data": null}', "list of /v1/models"),
        ("/v1/models", "{}", "list of /v1/models"),
        ("/v1/models", "[]", "not a JSON object"),
        ("/v1/models", "<html>", "Expecting value"),
        ("/v1/models", DEEP, "recursion"),
        ("/v1/models", '{"data": [{"max_model_len": 4096}]}', "list of /v1/models"),
        ("/v1/models", '{"data": ["stub"]}', "list of /v1/models"),
        ("/v1/models", '{"data": [{"id": ["stub"]}]}', "a model of /v1/models"),
        ("/v1/models", '{"data": [{"id": "stub", "parent": []}]}', "a model of /v1/models"),
        ("/v1/models", '{"data": [{"id": "stub", "max_model_len": "4096"}]}', "'4096'"),
        ("/v1/models", '{"data": [{"id": "stub", "max_model_len": 4096.5}]}', "4096.5"),
        ("/v1/models", '{"data": [{"id": "stub", "max_model_len": -1}]}', "-1"),
        ("/version", "[]", "answer of /version"),
        ("/version", '{"version": 7}', "`version` is 7"),
    ],
)
async def test_a_malformed_start_is_an_error_of_the_pool(path: str, body: str, what: str):
    async with serving({path: body}) as url:
        engine = VllmEngine("ward", url, {"smollm2": "stub"})
        with pytest.raises(PoolError, match=what) as caught:
            await engine.start()
        assert url in caught.value.message


@pytest.mark.parametrize("body", ["<html>", "{}", DEEP])
async def test_a_server_without_a_version_is_described_without(body: str):
    async with started({"/version": body}) as engine:
        assert engine.describe()["version"] is None


async def test_a_version_can_be_recorded():
    async with started({"/version": '{"version": "0\\ud800"}'}) as engine:
        assert canonical(engine.describe())


@pytest.mark.parametrize(
    ("op", "path", "body", "what"),
    [
        ("generate", CHAT, chat(content="7"), "`content` is 7"),
        ("generate", CHAT, chat(content='["Yes."]'), "`content` is"),
        ("generate", CHAT, "[]", "not a JSON object"),
        ("generate", CHAT, DEEP, "recursion"),
        ("choose", CHAT, chat(log="NaN"), "log-probability is nan"),
        ("choose", CHAT, chat(log="Infinity"), "log-probability is inf"),
        ("choose", "/tokenize", "{}", "`tokens` of /tokenize is None"),
        ("embed", "/v1/embeddings", '{"data": [{"embedding": [NaN]}]}', "vector is nan"),
    ],
)
async def test_a_malformed_answer_is_a_fault_of_the_engine(
    make_call: MakeCall, op: str, path: str, body: str, what: str
):
    call = make_call(op=op, options=("yes",))
    async with serving({path: body}) as url:
        pool = Pool([VllmEngine("ward", url, {"smollm2": "stub"})], patience_s=0.0)
        async with pool.held(["smollm2"]):
            reply = await pool.answer(call)
    assert reply.state == "unavailable"
    assert reply.error is not None
    assert url in reply.error
    assert what in reply.error


async def test_a_malformed_event_of_a_stream_is_a_fault_of_the_engine(make_call: MakeCall):
    event = {"choices": [{"delta": {"content": 7}}]}
    async with started({CHAT: f"data: {json.dumps(event)}\n\n"}) as engine:
        with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1.* `content` is 7"):
            await engine.answer(make_call(), lambda _: None)


@pytest.mark.parametrize("usage", ["null", '{"prompt_tokens": null}', '{"prompt_tokens": 1.5}'])
async def test_a_malformed_usage_is_absent_and_the_reply_is_kept(make_call: MakeCall, usage: str):
    async with started({CHAT: chat(usage=usage)}) as engine:
        reply = await engine.answer(make_call())
    assert (reply.state, reply.text, reply.usage) == ("ok", "Yes.", None)


async def test_a_malformed_usage_of_an_aborted_call_is_not_measured(make_call: MakeCall):
    usage = '{"prompt_tokens": "9", "completion_tokens": 1}'
    async with started({CHAT: chat(usage=usage)}, asyncio.Event()) as engine:
        call = make_call()
        asked = asyncio.create_task(engine.answer(call))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await engine.spent(call) is None
        assert engine.aborted == Aborted(calls=1, unmeasured=1)


@pytest.mark.parametrize(
    "body", ["{}", '{"tokens": null}', '{"tokens": "12"}', '{"tokens": [1, "2"]}', "[]", DEEP]
)
async def test_a_malformed_count_is_a_fault_of_the_engine(body: str):
    async with started({"/tokenize": body}) as engine:
        with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
            await engine.count("smollm2", (Segment(role="user", text="x"),))


async def test_what_a_server_says_of_a_refusal_can_be_recorded(make_call: MakeCall):
    said = json.dumps({"error": {"message": "no \ud800", "code": 400}})
    async with started({CHAT: f"data: {said}\n\n"}) as engine:
        with pytest.raises(CallRefused) as caught:
            await engine.answer(make_call(), lambda _: None)
    assert canonical(Reply.to(make_call(), "refused", error=caught.value.message).plain())
