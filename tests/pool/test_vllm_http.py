"""The client's own bounds: what a server sends, where it sends us, and what it says of itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from folkmoot.pool import Pool
from folkmoot.pool.vllm import http as vllm_http
from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.http import Http
from folkmoot.records import Call, EngineRefused, EngineUnavailable, PoolError

MakeCall = Callable[..., Call]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[str]:
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
async def connected(handle: Handler, key_env: str | None = None) -> AsyncIterator[Http]:
    async with serving(handle) as url:
        http = Http(url, key_env)
        await http.open()
        try:
            yield http
        finally:
            await http.close()


def answering(status: int, headers: dict[str, str] | None = None) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="no", headers=headers)

    return handle


def endless(piece: bytes, hung_up: asyncio.Event | None = None) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(piece)
        except ConnectionError:
            if hung_up is not None:
                hung_up.set()
            raise

    return handle


async def pieces(http: Http, max_tokens: int = 1) -> list[dict]:
    return [event async for event in http.stream(CHAT, {"max_tokens": max_tokens})]


async def test_a_line_that_is_far_too_long_is_a_fault_of_the_engine(make_call: MakeCall):
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == CHAT:
            return web.Response(body=b"data: " + b"x" * (3 * 2**20) + b"\n\n")
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "smollm2", "max_model_len": 4096}]})
        return web.Response(status=404)

    async with serving(handle) as url:
        pool = Pool([VllmEngine("e", url, {"smollm2": "smollm2"})], patience_s=0.0)
        async with pool.held(["smollm2"]):
            reply = await pool.answer(make_call(), lambda _: None)
    assert reply.state == "unavailable"
    assert url in (reply.error or "")


@pytest.mark.parametrize("piece", [b"a" * 2**16, b'data: {"choices": []}\n\n' * 2000, b"\n" * 9999])
async def test_an_endless_answer_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, piece: bytes):
    monkeypatch.setattr(vllm_http, "_LARGEST", 2**18)
    monkeypatch.setattr(vllm_http, "_LARGEST_TEXT", 2**18)
    hung_up = asyncio.Event()
    async with connected(endless(piece, hung_up)) as http:
        for asked in (http.get("/metrics"), http.post(CHAT, {"max_tokens": 8}), pieces(http, 8)):
            hung_up.clear()
            with pytest.raises(EngineUnavailable, match=r"sent more than the|does not answer"):
                await asyncio.wait_for(asked, 10)
            await asyncio.wait_for(hung_up.wait(), 10)


async def test_the_bound_grows_with_what_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vllm_http, "_LARGEST_TEXT", 100)
    event = b'data: {"choices": []}\n\n'

    async def handle(_: web.Request) -> web.StreamResponse:
        return web.Response(body=event * 1000 + b"data: [DONE]\n\n")

    async with connected(handle) as http:
        assert len(await pieces(http, 10)) == 1000
        with pytest.raises(EngineUnavailable, match="sent more than"):
            await pieces(http, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_is_followed_elsewhere(monkeypatch: pytest.MonkeyPatch, status: int):
    monkeypatch.setenv("WARD_KEY", "s3cret")
    seen: list[str] = []

    async def other(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.json_response({})

    async with serving(other) as elsewhere:
        handle = answering(status, {"Location": f"{elsewhere}/there"})
        async with connected(handle, "WARD_KEY") as http:
            for asked in (http.get("/v1/models"), http.post(CHAT, {}), pieces(http)):
                with pytest.raises(EngineRefused, match=f"{status}: it sends whoever asks") as told:
                    await asked
                assert "at which the server itself answers" in told.value.hint
            assert not await http.tell("/abort", {})
    assert seen == []


async def test_a_server_that_wants_a_key_says_where_to_name_it():
    async with serving(answering(401)) as url:
        with pytest.raises(PoolError) as told:
            await VllmEngine("e", url, {"m": "m"}).start()
    assert "in `key_env`" in told.value.hint
    assert "is not accepted" not in told.value.hint


@pytest.mark.parametrize("status", [401, 403, 404, 405])
async def test_a_refusal_of_whoever_asks_is_told_from_one_of_a_call(status: int):
    async with connected(answering(status)) as http:
        with pytest.raises(EngineRefused, match=str(status)):
            await http.post(CHAT, {})


@pytest.mark.parametrize(("said", "wait_s"), [("7", 7.0), ("soon", None), ("9" * 9, None)])
async def test_a_busy_server_says_for_how_long(said: str, wait_s: float | None):
    async with connected(answering(429, {"Retry-After": said})) as http:
        with pytest.raises(EngineUnavailable) as told:
            await http.post(CHAT, {})
    assert (told.value.alive, told.value.wait_s) == (True, wait_s)
