"""Sixty deliberations against a stub server: every call reaches it once and is recorded once."""

import pytest
from thousand import CALLS, counted, run

from folkmoot.records import load


async def test_no_request_is_lost_or_doubled(stub_url, tmp_path):
    done = await run(stub_url, 60, tmp_path)
    assert done["calls"] == 60 * CALLS == 540
    assert counted(stub_url)["completions"] == 540
    calls = [load(folder).ledger.total.calls for folder in tmp_path.iterdir()]
    assert calls == [CALLS] * 60


async def test_a_call_that_comes_twice_is_seen(stub_url, tmp_path):
    """The bench fails on what it is there to find: here somebody else asks in the middle."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            body = {"request_id": "twice", "messages": []}
            async with session.post(f"{stub_url}/v1/chat/completions", json=body) as said:
                said.raise_for_status()
    assert counted(stub_url)["repeated"] == 1
    with pytest.raises(AssertionError, match="came twice"):
        await run(stub_url, 1, tmp_path)
