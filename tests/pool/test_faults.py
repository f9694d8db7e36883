"""What networks and servers do, done to a real vLLM server: no call is lost, none is doubled."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from folkmoot.pool import Pool
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.records import Call, Sampling
from tests.pool.faulty import CHAT, Faulty, faulty

pytestmark = pytest.mark.vllm

MakeCall = Callable[..., Call]
NAMES = {"smollm2-base": "smollm2-base"}


@pytest.fixture
def ask(make_call: MakeCall) -> MakeCall:
    def make(order: int = 0, **fields: Any) -> Call:
        brief = Sampling(max_tokens=8, temperature=0.0)
        given = {"model": "smollm2-base", "sampling": brief, "order": order}
        return make_call(f"Name a colour, please. This is number {order}.", **(given | fields))

    return make


@asynccontextmanager
async def behind(url: str, **settings: Any) -> AsyncIterator[tuple[Faulty, Pool]]:
    """A pool whose server stands behind a proxy that can be told to misbehave."""
    async with faulty(url) as (proxy, address):
        engine = VllmEngine("far", address, NAMES, seeds=True, **settings)
        async with Pool([engine], patience_s=60) as pool:
            await pool.open(NAMES)
            yield proxy, pool


def first(number: int, fault: str) -> Callable[[str], str | None]:
    """The first completions go wrong, whatever else is asked."""
    left = [number]

    def decide(path: str) -> str | None:
        if path != CHAT or not left[0]:
            return None
        left[0] -= 1
        return fault

    return decide


async def test_five_hundreds_are_asked_again_and_answered_once(hosted_vllm: Any, ask: MakeCall):
    async with behind(hosted_vllm.url) as (proxy, pool):
        proxy.fault = first(5, "500")
        replies = await asyncio.gather(*(pool.answer(ask(n)) for n in range(12)))
    assert {reply.state for reply in replies} <= {"ok", "cut_off"}
    assert proxy.passed == 12, "each reached the server once"
    failed = [reply for reply in replies if reply.retries]
    assert 1 <= len(failed) <= 5
    assert all("500: out of memory" in reply.retried_for[0] for reply in failed)
    assert sum(reply.retries for reply in replies) == 5


async def test_a_stream_cut_in_the_middle_is_asked_again(hosted_vllm: Any, ask: MakeCall):
    heard: list[str] = []
    async with behind(hosted_vllm.url) as (proxy, pool):
        whole = await pool.answer(ask(1))
        proxy.fault = first(1, "reset")
        reply = await pool.answer(ask(1), heard.append)
    assert (reply.text, reply.state) == (whole.text, whole.state)
    assert reply.retries == 1
    assert len("".join(heard)) <= len(whole.text) + 1, "nobody hears the beginning twice"


async def test_a_server_that_hangs_is_given_up_on_and_asked_again(hosted_vllm: Any, ask: MakeCall):
    async with behind(hosted_vllm.url, timeout_s=25.0) as (proxy, pool):
        proxy.fault = first(1, "hang")
        replies = await asyncio.gather(*(pool.answer(ask(n)) for n in range(3)))
    assert {reply.state for reply in replies} <= {"ok", "cut_off"}
    slow = [reply for reply in replies if reply.retries]
    assert [reply.retried_for for reply in slow] == [("engine 'far' did not answer in 25 s",)]


async def test_a_slow_replica_holds_up_only_what_it_has(hosted_vllm: Any, ask: MakeCall):
    """Two replicas of one server, one of them far slower: the bound of fairness holds."""
    async with faulty(hosted_vllm.url) as (slow, slow_at), faulty(hosted_vllm.url) as (_, quick_at):
        engines = [
            VllmEngine(name, url, NAMES, connections=4)
            for name, url in (("slow", slow_at), ("quick", quick_at))
        ]
        async with Pool([Replicas("both", engines)]) as pool:
            await pool.open(NAMES)
            release = asyncio.Event()
            slow.fault = lambda path: release if path == CHAT else None
            calls = [ask(n, seat=f"s{n % 3}") for n in range(30)]
            tasks = [
                asyncio.create_task(pool.answer(call, run=f"run {n % 2}"))
                for n, call in enumerate(calls)
            ]
            order: list[str | None] = []
            for task in asyncio.as_completed(tasks):
                order.append((await task).engine)
                if len(order) == 26:
                    release.set()
            replies = await asyncio.gather(*tasks)
    assert order[:26] == ["quick"] * 26, "whoever waits for the slow one, the others do not"
    assert {reply.state for reply in replies} <= {"ok", "cut_off"}
    assert sum(reply.engine == "slow" for reply in replies) <= 4


async def test_cancelling_a_run_frees_the_server(hosted_vllm: Any, ask: MakeCall):
    async with behind(hosted_vllm.url) as (_, pool):

        async def runs(number: int) -> bool:
            return await running(hosted_vllm.url) == number

        long = Sampling(max_tokens=3000, temperature=1.5, seed=3)
        tasks = [asyncio.create_task(pool.answer(ask(n, sampling=long))) for n in range(6)]
        await until(lambda: runs(6))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await until(lambda: runs(0))
        assert pool.loads == {"far": (0, 0, "closed")}
        after = await pool.answer(ask(99))
        assert after.state in ("ok", "cut_off")


async def until(condition: Callable[[], Any]) -> None:
    """Look again and again until it holds."""
    for _ in range(600):
        if await condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come about in a minute")


async def running(url: str) -> int:
    """How many requests the server says that it has running."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as said:
        text = await said.text()
    return sum(
        int(float(line.rsplit(" ", 1)[1]))
        for line in text.splitlines()
        if line.startswith("vllm:num_requests_running")
    )
