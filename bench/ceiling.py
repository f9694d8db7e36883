"""The ceiling: recorded requests sent again by a perfect scheduler, with nothing else to do."""

import asyncio
import json
from collections.abc import Iterable

import aiohttp
from fixed_server import Sent

from folkmoot.pool.vllm.asked import CHAT


async def replay(url: str, sent: Iterable[Sent]) -> int:
    """Send every request the moment its inputs exist; returns how many were answered.

    The inputs of a request exist when every request of the step before it, in its own deliberation,
    has been answered. Connections are not bounded, bodies are encoded beforehand, answers are read
    and thrown away.
    """
    runs: dict[str, dict[int, list[bytes]]] = {}
    for each in sent:
        steps = runs.setdefault(each.deliberation, {})
        steps.setdefault(each.step, []).append(json.dumps(each.body).encode())
    async with aiohttp.ClientSession(
        url,
        connector=aiohttp.TCPConnector(limit=0),
        headers={"Content-Type": "application/json"},
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        answered = await asyncio.gather(*(_run(session, steps) for steps in runs.values()))
    return sum(answered)


async def _run(session: aiohttp.ClientSession, steps: dict[int, list[bytes]]) -> int:
    for number in sorted(steps):
        await asyncio.gather(*(_ask(session, body) for body in steps[number]))
    return sum(map(len, steps.values()))


async def _ask(session: aiohttp.ClientSession, body: bytes) -> None:
    async with session.post(CHAT, data=body) as said:
        await said.read()
        said.raise_for_status()
