"""What the prompt layout is worth: the perspective last, as Folkmoot lays prompts out, or first.

    python bench/layout.py [--repeats 2] [--deliberations 4] [--rounds 4] [--max-tokens 64]

On real vLLM, started here: deliberations of five seats, in turn with the perspective last (what all
seats share comes first) and with the perspective in the system message (the same calls with the
same texts, their segments in another order). Each on a cold prefix cache. Tokens are the server's
own counts. The last line is JSON: for each layout the tokens sent, computed and generated and the
wall seconds of every repetition, and the ratios of the medians, perspective first over last.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from typing import Any

import aiohttp
from exchange import PERSONAS, Exchange, panel_of, questions

from folkmoot.graphs import deliberate_many
from folkmoot.pool import OnText, Pool
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, Reply, Segment

MODEL = "smollm2-base"
LAYOUTS = ("perspective_last", "perspective_first")


class LaidOut(VllmServer):
    """A vLLM server whose calls can be sent in either layout.

    Every run hears the first one's words, and no reply may be longer than the first one's was: so
    all runs send the same texts, and what differs is their order.
    """

    layout = LAYOUTS[0]

    def __init__(self) -> None:
        super().__init__("vllm", {MODEL: MODEL}, window=4096)
        self._first: dict[tuple[Segment, ...], Reply] = {}

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The reply to the call in the layout that is set, in the words of the first run."""
        segments, first = call.segments, self._first.get(call.segments)
        changes: dict[str, Any] = {}
        if self.layout == "perspective_first":
            changes["segments"] = perspective_first(segments)
        if first is not None and first.usage is not None:
            most = {"max_tokens": max(1, first.usage.completion)}
            changes["sampling"] = call.sampling.model_copy(update=most)
        reply = await super().answer(call.model_copy(update=changes), on_text)
        first = self._first.setdefault(segments, reply)
        return reply.model_copy(update={"text": first.text, "state": first.state})


def perspective_first(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The same segments with the perspective in the system message, as most frameworks have it."""
    own = [each for each in segments if each.label == "perspective"]
    system = [each for each in segments if each.role == "system"]
    rest = [each for each in segments if each not in own and each not in system]
    moved = [each.model_copy(update={"role": "system"}) for each in own]
    return (*system, *moved, *rest)


async def one(
    server: LaidOut, pool: Pool, layout: str, asked: argparse.Namespace
) -> dict[str, Any]:
    """Every deliberation at once under one layout, from a cold cache."""
    await forget(str(server.describe()["url"]))
    server.layout = layout
    before, start = await server.counters(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        runs = deliberate_many(
            questions(asked.deliberations),
            panel_of(MODEL, PERSONAS, asked.max_tokens),
            Exchange(rounds=asked.rounds),
            pool,
            at_once=asked.deliberations,
            record_dir=folder,
        )
        ledgers = [outcome.ledger.total async for outcome in runs]
    wall = time.perf_counter() - start
    spent = (await server.counters()).since(before)
    computed = sum(total.computed or 0 for total in ledgers)
    assert computed == spent.computed, f"the ledgers say {computed}, the server {spent.computed}"
    return {
        "calls": sum(total.calls for total in ledgers),
        "prompt": spent.prompt,
        "computed": spent.computed,
        "completion": spent.generation,
        "wall_s": round(wall, 1),
    }


async def forget(url: str) -> None:
    """Empty the server's prefix cache (an endpoint of its development mode)."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/reset_prefix_cache") as said,
    ):
        said.raise_for_status()


async def compared(asked: argparse.Namespace) -> dict[str, Any]:
    """Both layouts in turn on one server."""
    server = LaidOut()
    pool = Pool([server])
    await pool.open([MODEL])
    found: dict[str, list[dict[str, Any]]] = {layout: [] for layout in LAYOUTS}
    try:
        for number in range(asked.repeats):
            for layout in LAYOUTS:
                found[layout].append(await one(server, pool, layout, asked))
                print(f"{number + 1}/{asked.repeats} {layout}: {found[layout][-1]}", flush=True)
    finally:
        await pool.close()
    columns = {
        layout: {name: [run[name] for run in runs] for name in runs[0]}
        for layout, runs in found.items()
    }
    last, first = (columns[layout] for layout in LAYOUTS)
    ratios = {
        f"ratio_{name}": round(statistics.median(first[name]) / statistics.median(last[name]), 2)
        for name in ("computed", "wall_s")
    }
    return {**columns, **ratios}


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--deliberations", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--max-tokens", type=int, default=64)
    asked = parser.parse_args()
    os.environ["VLLM_SERVER_DEV_MODE"] = "1"
    print(json.dumps(asyncio.run(compared(asked))))


if __name__ == "__main__":
    main()
