"""Many at once: how full the engine is with twenty deliberations in flight, against one.

    python bench/many.py [--at-once 20] [--rounds 2] [--max-tokens 48]

On real vLLM, started here: one deliberation of five seats, then `--at-once` of them side by side.
`vllm:num_requests_running` is sampled from /metrics all the while, at 20 Hz where the server keeps
up. The last line is JSON: for both the time-weighted mean from the first running request to the
last, how often it was sampled, and the ratio of the means.
"""

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import aiohttp
from exchange import PERSONAS, Exchange, panel_of, questions

from folkmoot.graphs import deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.vllm.server import VllmServer

MODEL = "smollm2-base"
EVERY_S = 0.05
_RUNNING = re.compile(r"^vllm:num_requests_running\{[^}]*\} (\S+)$", re.M)


class Sample(NamedTuple):
    """How many requests were running at a moment."""

    at: float
    running: float


@asynccontextmanager
async def sampling(url: str) -> AsyncIterator[list[Sample]]:
    """Samples of the running requests, taken for as long as the block lasts."""
    samples: list[Sample] = []

    async def sample() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                started = time.perf_counter()
                async with session.get(f"{url}/metrics") as said:
                    running = sum(map(float, _RUNNING.findall(await said.text())))
                samples.append(Sample(time.perf_counter(), running))
                await asyncio.sleep(max(0.0, started + EVERY_S - time.perf_counter()))

    sampler = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        sampler.cancel()
        await asyncio.gather(sampler, return_exceptions=True)


def filling(samples: list[Sample]) -> dict[str, float]:
    """The time-weighted mean from the first running request to the last; each sample holds until
    the next."""
    busy = [number for number, sample in enumerate(samples) if sample.running]
    within = samples[busy[0] : busy[-1] + 2]
    steps = list(pairwise(within))
    seconds = within[-1].at - within[0].at
    held = sum(sample.running * (after.at - sample.at) for sample, after in steps)
    return {
        "mean_running": round(held / seconds, 2),
        "most_running": max(sample.running for sample in within),
        "samples_per_s": round(len(steps) / seconds, 1),
        "longest_gap_s": round(max(after.at - sample.at for sample, after in steps), 3),
        "seconds": round(seconds, 1),
    }


async def one(
    server: VllmServer, pool: Pool, count: int, asked: argparse.Namespace
) -> dict[str, Any]:
    """So many deliberations at once."""
    with tempfile.TemporaryDirectory() as folder:
        async with sampling(str(server.describe()["url"])) as samples:
            runs = deliberate_many(
                questions(count),
                panel_of(MODEL, PERSONAS, asked.max_tokens),
                Exchange(rounds=asked.rounds),
                pool,
                at_once=count,
                record_dir=folder,
            )
            ledgers = [outcome.ledger.total async for outcome in runs]
            await asyncio.sleep(4 * EVERY_S)
    calls = sum(total.calls for total in ledgers)
    completion = sum(total.completion or 0 for total in ledgers)
    return {"deliberations": count, "calls": calls, "completion": completion, **filling(samples)}


async def compared(asked: argparse.Namespace) -> dict[str, Any]:
    """One deliberation, then many, on one server."""
    server = VllmServer("vllm", {MODEL: MODEL}, window=4096)
    pool = Pool([server])
    await pool.open([MODEL])
    try:
        single = await one(server, pool, 1, asked)
        print(f"one: {single}", flush=True)
        many = await one(server, pool, asked.at_once, asked)
    finally:
        await pool.close()
    ratio = round(many["mean_running"] / single["mean_running"], 2)
    return {"one": single, "many": many, "ratio": ratio}


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--max-tokens", type=int, default=48)
    print(json.dumps(asyncio.run(compared(parser.parse_args()))))


if __name__ == "__main__":
    main()
