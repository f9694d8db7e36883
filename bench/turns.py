"""Two bases that do not fit together: how often mixed deliberations make servers change turns.

    python bench/turns.py [--deliberations 10] [--rounds 3] [--seats 3] [--max-tokens 32]

On real vLLM, started here: two servers of which only one may be awake (with a GPU the other sleeps,
on a CPU it is stopped). Panels have seats on both. In a step in which both are asked, both must be
awake between its beginning and its end, and the steps of a deliberation do not overlap: so many such
steps as the deliberation with the most of them has, so many changes of turn are needed at least,
however many deliberations share them. The last line is JSON: changes of turn, that bound, their
ratio, where the seconds went, and whether the tokens of the ledger are those the servers counted.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from exchange import PERSONAS, Exchange, questions

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.turns import Turns
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Reply, Sampling
from folkmoot.records.journal_reader import read_journal

MODELS = ("smollm2", "smollm2-base")


def mixed_panel(seats: int, max_tokens: int) -> Panel:
    """Seats on both models, in turn."""
    return Panel(
        [
            Agent(
                seat,
                model=MODELS[number % 2],
                perspective=Perspective(statement=persona),
                sampling=Sampling(max_tokens=max_tokens),
            )
            for number, (seat, persona) in enumerate([*PERSONAS.items()][:seats])
        ]
    )


class Ran(NamedTuple):
    """What the records of some deliberations say."""

    deliberations: int
    replies: tuple[Reply, ...]
    least_swaps: int
    """The fewest changes of turn that they need."""


def read(records: Path, panel: Panel) -> Ran:
    """Every record in a folder."""
    models = {agent.name: agent.model for agent in panel}
    runs = [tuple(read_journal(folder).replies.values()) for folder in records.iterdir()]
    least = max(mixed_steps(replies, models) for replies in runs)
    return Ran(len(runs), tuple(reply for replies in runs for reply in replies), least)


def mixed_steps(replies: Iterable[Reply], models: Mapping[str, str]) -> int:
    """In how many steps of a run seats of several models were asked."""
    asked: dict[int, set[str]] = {}
    for reply in replies:
        asked.setdefault(reply.step, set()).add(models[reply.seat])
    return sum(len(each) > 1 for each in asked.values())


async def deliberated(pool: Pool, panel: Panel, asked: argparse.Namespace) -> Ran:
    """All deliberations side by side."""
    with tempfile.TemporaryDirectory() as folder:
        runs = deliberate_many(
            questions(asked.deliberations),
            panel,
            Exchange(rounds=asked.rounds),
            pool,
            at_once=asked.deliberations,
            record_dir=folder,
        )
        async for outcome in runs:
            print(f"ended: {outcome.ledger.total.calls} calls", flush=True)
        return await asyncio.to_thread(read, Path(folder), panel)


async def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """On two servers that take turns."""
    servers = [VllmServer(model, {model: model}, window=4096) for model in MODELS]
    turns = Turns("here", servers)
    panel = mixed_panel(asked.seats, asked.max_tokens)
    async with Pool(turns.engines) as pool:
        began = time.monotonic()
        await pool.open(panel.models)
        ran = await deliberated(pool, panel, asked)
        seconds = time.monotonic() - began
        counted = [await server.counters() for server in servers]
        device = servers[0].describe()["device"]
    usages = [reply.usage for reply in ran.replies if reply.usage is not None]
    return {
        "device": device,
        "deliberations": ran.deliberations,
        "calls": len(ran.replies),
        "unanswered": sum(reply.usage is None for reply in ran.replies),
        "swaps": turns.swaps,
        "least_swaps": ran.least_swaps,
        "ratio": round(turns.swaps / ran.least_swaps, 2),
        "seconds": round(seconds, 1),
        "swapping_s": round(turns.swapping_s, 1),
        "ledger_tokens": sum(usage.prompt + usage.completion for usage in usages),
        "server_tokens": sum(each.prompt + each.generation for each in counted),
    }


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliberations", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seats", type=int, default=3)
    parser.add_argument("--max-tokens", type=int, default=32)
    print(json.dumps(asyncio.run(measured(parser.parse_args()))))


if __name__ == "__main__":
    main()
