"""A seed together with chunked prefill ends real vLLM on a CPU: none is sent, and none is lost to it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from folkmoot.pool import Pool
from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.install import runs_on_gpu
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, Sampling

pytestmark = pytest.mark.vllm

FLAGS = ("--enable-chunked-prefill", "--max-num-batched-tokens", "64", "--max-num-seqs", "8")
"""A prompt of more than 64 tokens is computed in pieces: that alone brings it about."""

SEEDED: dict[str, Any] = {
    "model": "tiny",
    "messages": [{"role": "user", "content": "again " * 60}],
    "max_tokens": 5,
    "temperature": 1.0,
    "seed": 1,
}


async def test_an_engine_that_a_seed_has_ended_comes_back_and_all_are_answered(
    vllm_here: None, tiny_served_model: Path, make_call: Callable[..., Call], tmp_path: Path
):
    if runs_on_gpu():
        pytest.skip("on a GPU seeds and chunked prefill go together")
    server = VllmServer(
        "seedless",
        {"tiny": str(tiny_served_model)},
        window=512,
        kv_cache_gib=1,
        flags=FLAGS,
        logs=tmp_path,
    )

    def ask(number: int, most: int) -> Call:
        warm = Sampling(max_tokens=most, temperature=1.0, seed=number)
        return make_call(f"{number}: {'word ' * 20}", model="tiny", order=number, sampling=warm)

    async with Pool([server], patience_s=400) as pool:
        await pool.open(["tiny"])
        keeper = server.keeper
        assert keeper is not None
        assert (server.describe()["seeds"], pool.replay) == (False, "statistical")
        first = await asyncio.gather(*(pool.answer(ask(n, 20)) for n in range(8)))
        assert {reply.state for reply in first} <= {"ok", "cut_off", "empty"}
        assert (sum(reply.retries for reply in first), keeper.restarts) == (0, 0), (
            "no seed was sent"
        )

        written = (await server.counters()).generation
        calls = [ask(8 + n, 300) for n in range(8)]
        asked = [asyncio.create_task(pool.answer(call)) for call in calls]
        await until_more(server, written)
        assert await status_of(f"{server.describe()['url']}{CHAT}", SEEDED) in (None, 500)
        second = await asyncio.gather(*asked)

        assert keeper.restarts == 1
        assert "CPU Generator does not use offset" in keeper.log.read_text(errors="replace")
        assert [reply.call for reply in second] == [call.id for call in calls]
        assert {reply.state for reply in second} <= {"ok", "cut_off", "empty"}
        again = [reply for reply in second if reply.retries]
        assert again, "calls were on their way when it ended"
        assert all(reply.retried_for for reply in again)


async def until_more(server: VllmServer, written: int) -> None:
    """Until the server has written more tokens than these."""
    for _ in range(3000):
        if (await server.counters()).generation > written:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was written in a minute")


async def status_of(url: str, body: dict[str, Any]) -> int | None:
    """What a request straight to the server is answered with; None where it is cut off."""
    try:
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as said:
            return said.status
    except aiohttp.ClientError:
        return None
