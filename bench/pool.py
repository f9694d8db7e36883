"""The pool at work: ours, a plain LangGraph script, and the best that any scheduler could do.

    python bench/pool.py [--repeats 2] [--reply-tokens 96] [--only 3x3] [--aligned]

Real vLLM, started here; one model, the same questions, every reply of the same length. Arms take
turns, each run on a cold prefix cache:

    ours      `deliberate_many` with the journal on
    plain     a LangGraph script as its documentation has it (`plain_langgraph.py`)
    ceiling   the requests of `ours` sent again, each the moment its inputs exist (`ceiling.py`)
    aligned   with --aligned: `ours` with the shared part of prompts padded to whole cache blocks, where
              that saves tokens (`aligned.py`)
    autogen   where it is installed: its round robin (`autogen_round_robin.py`)

in two settings: 3 seats x 3 rounds, and 5 seats x 4 rounds. The last line is JSON: for each setting
and arm wall seconds, tokens generated a second, CPU seconds of the server and of the client, CPU
seconds that the machine's host gave to others meanwhile (arms that lost unlike shares cannot be
compared), the server's counts of prompt, computed and generated tokens, the distinct tokens of all prompts (nodes of
their prefix tree), and the least that a cache of the server's block size could compute; medians over
the repeats, then the ratios that matter: of medians, and of wall seconds also of the best (on a
machine that does other work besides, these say more). Peers that did not take part are named.
"""

import argparse
import asyncio
import json
import os
import statistics
from importlib.util import find_spec
from typing import Any

from aligned import AlignedServer
from arms import AUTOGEN, Bench, Setting
from fixed_server import MODEL

from folkmoot.pool import Pool

SETTINGS = (Setting(3, 3, 6), Setting(5, 4, 3))


def peers() -> dict[str, str]:
    """Whether each peer takes part, and if not, why."""
    mallm = "installed, but no arm for it" if find_spec("mallm") else "not installed"
    return {"autogen": "measured" if AUTOGEN else "not installed", "mallm": mallm}


async def compared(
    settings: list[Setting], repeats: int, reply_tokens: int, aligned: bool
) -> dict[str, Any]:
    """Every setting on one server."""
    server = AlignedServer()
    pool = Pool([server])
    await pool.open([MODEL])
    try:
        server.block_size = await server.block()
        await Bench(server, pool, Setting(3, 2, 2), 8).measured("ours")  # warm-up
        found = {
            setting.name: await in_turn(
                Bench(server, pool, setting, reply_tokens, aligned), repeats
            )
            for setting in settings
        }
    finally:
        await pool.close()
    return {
        "reply_tokens": reply_tokens,
        "block": server.block_size,
        **{
            setting.name: {"deliberations": setting.deliberations, **summed_up(found[setting.name])}
            for setting in settings
        },
        "peers": peers(),
    }


async def in_turn(bench: Bench, repeats: int) -> dict[str, list[dict[str, float]]]:
    """The arms in turn, `repeats` times, each time another one first (the first time, `ours`)."""
    arms = list(bench.arms)
    found: dict[str, list[dict[str, float]]] = {arm: [] for arm in arms}
    for number in range(repeats):
        first = number % len(arms)
        for arm in arms[first:] + arms[:first]:
            found[arm].append(await bench.measured(arm))
            print(f"{number + 1}/{repeats} {arm}: {rounded(found[arm][-1])}", flush=True)
    return found


def summed_up(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Medians of every arm, and the ratios that matter."""
    arms = {
        arm: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for arm, runs in found.items()
    }
    best = {arm: min(run["wall_s"] for run in runs) for arm, runs in found.items()}
    ours, plain, ceiling = (arms[arm] for arm in ("ours", "plain", "ceiling"))
    ratios = {
        "wall_to_ceiling": ours["wall_s"] / ceiling["wall_s"],
        "wall_to_ceiling_best": best["ours"] / best["ceiling"],
        "computed_to_least": ours["computed"] / ours["least"],
        "distinct_to_plain": ours["distinct"] / plain["distinct"],
        "computed_to_plain": ours["computed"] / plain["computed"],
        "tokens_per_s_to_plain": ours["tokens_per_s"] / plain["tokens_per_s"],
        "tokens_per_s_to_plain_best": best["plain"] / best["ours"],
        "server_cpu_to_plain": ours["server_cpu_s"] / plain["server_cpu_s"],
    }
    if aligned := arms.get("aligned"):
        ratios |= {
            f"aligned_{name}": aligned[name] / ours[name]
            for name in ("wall_s", "server_cpu_s", "prompt", "computed")
        }
    walls = {arm: [round(run["wall_s"], 1) for run in runs] for arm, runs in found.items()}
    medians = {arm: rounded(figures) for arm, figures in arms.items()}
    return {**medians, "walls_s": walls, **{name: round(it, 3) for name, it in ratios.items()}}


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """Counts as they are, the rest to two decimals."""
    return {name: round(it, 2) if it % 1 else round(it) for name, it in figures.items()}


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--reply-tokens", type=int, default=96)
    parser.add_argument("--only", choices=[setting.name for setting in SETTINGS])
    parser.add_argument("--aligned", action="store_true", help="also with aligned prompts")
    parser.add_argument("--deliberations", type=int, help="as many at once in every setting")
    asked = parser.parse_args()
    os.environ["VLLM_SERVER_DEV_MODE"] = "1"
    settings = [
        each._replace(deliberations=asked.deliberations or each.deliberations)
        for each in SETTINGS
        if asked.only in (None, each.name)
    ]
    for peer, part in peers().items():
        print(f"{peer}: {part}", flush=True)
    found = compared(settings, asked.repeats, asked.reply_tokens, asked.aligned)
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main()
