"""Several servers behind one address: what an aborted call cost is then not said to be known."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from folkmoot.pool.vllm.alone import alone, pages
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.flights import Aborted
from folkmoot.pool.vllm.http import Http
from folkmoot.records import Call

MODELS = {"nurse-7b": "stub"}


@asynccontextmanager
async def router(
    urls: tuple[str, str], *, lists: bool, metrics_of: int | None
) -> AsyncIterator[str]:
    """Passes each request on to the next server. It says whom it has, or does not; the page of
    metrics is that of one of them, or of whoever is next."""
    turns = itertools.cycle(urls)

    async def passed_on(request: web.Request) -> web.StreamResponse:
        url = next(turns)
        if request.path == "/list_workers" and lists:
            return web.json_response({"urls": list(urls)})
        if request.path == "/metrics" and metrics_of is not None:
            url = urls[metrics_of]
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url + request.path, data=await request.read()) as said,
        ):
            return web.Response(status=said.status, body=await said.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", passed_on)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("lists", "metrics_of"),
    [(True, 0), (False, None)],
    ids=["a router that says whom it has", "a balancer that says nothing"],
)
async def test_behind_a_router_an_aborted_call_is_hung_up_on_and_counted(
    two_stub_urls: tuple[str, str],
    make_call: Callable[..., Call],
    lists: bool,
    metrics_of: int | None,
):
    async with router(two_stub_urls, lists=lists, metrics_of=metrics_of) as url:
        engine = VllmEngine("ward", url, MODELS)
        await engine.start()
        assert engine.describe()["aborts"] == "counted"
        asked = asyncio.create_task(engine.answer(make_call("[[slow 30]]", model="nurse-7b")))
        await asyncio.sleep(0.2)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert engine.aborted == Aborted(calls=1, unmeasured=1)
        await until_hung_up(two_stub_urls)
        await engine.close()


async def until_hung_up(urls: tuple[str, str]) -> None:
    """Until one of the servers has lost its caller: at once, not seconds later."""
    async with asyncio.timeout(3), aiohttp.ClientSession() as session:
        while True:
            for url in urls:
                async with session.get(f"{url}/metrics") as said:
                    if "stub:closed_early 1" in await said.text():
                        return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("process_start_time_seconds 1.76e9\nvllm:x 1.0\n", True),
        ("vllm:prompt_tokens_total 3.0\n", False),
        ("", False),
    ],
    ids=["of one process", "of several processes", "of none"],
)
async def test_the_page_of_one_process_is_told_from_others(
    stub_url: str, page: str, expected: bool
):
    http = Http(stub_url)
    await http.open()
    assert await alone(http, [page, page]) == expected
    assert not await alone(http, [page, "process_start_time_seconds 1.77e9\n"])
    assert not await alone(http, [])
    assert await alone(http, await pages(http))
    await http.close()
