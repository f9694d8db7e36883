"""What a call costs the client: Folkmoot against a plain LangGraph script, on a server that answers
at once.

    python bench/overhead.py [--repeats 3] [--deliberations 300]

300 deliberations of 9 calls (3 seats, 3 rounds). `folkmoot` is `deliberate_many` with the journal on
(`nine_calls.py`; real files in a temporary folder), `plain` is `plain_langgraph.py`, `plain_bounded`
the same with 64 connections. The server is a process of its own, and so is every repetition of each;
they take turns. The last line is JSON: medians of CPU milliseconds per call (`time.process_time`:
user and system, all threads) and of calls per second (wall), and folkmoot's ms over each other's.
"""

import argparse
import asyncio
import gc
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ARMS = ("folkmoot", "plain", "plain_bounded")
ROUNDS, CONNECTIONS = 3, 64
PERSONAS = {
    "nurse": "I care for patients day and night, and their trust comes before everything else.",
    "researcher": "New treatments need data, and data need to be shared to save lives.",
    "lawyer": "What was promised to patients binds the hospital, whatever good may come of it.",
}
WARM_UP = 10
"""Deliberations before the clock starts, in every arm: first requests import and connect."""


async def measured(arm: str, url: str, deliberations: int) -> dict[str, float]:
    """One repetition of one arm, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        run = _runner(arm, url, Path(folder))
        await run(_questions(WARM_UP), "warm-up")
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        calls = await run(_questions(deliberations), "measured")
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    expected = deliberations * len(PERSONAS) * ROUNDS
    assert calls == expected, f"{arm}: {calls} calls, not {expected}"
    return {"ms_per_call": cpu * 1000 / calls, "calls_per_s": calls / wall}


def _runner(arm: str, url: str, folder: Path) -> Callable[[list[str], str], Awaitable[int]]:
    """One arm. Only its own module is imported: what the other imports must not weigh on it."""
    common = {"url": url, "model": "stub", "personas": PERSONAS, "rounds": ROUNDS}
    if arm == "folkmoot":
        ours = importlib.import_module("nine_calls").deliberate_all
        return lambda questions, name: ours(
            questions=questions, connections=CONNECTIONS, folder=folder / name, **common
        )
    plain = importlib.import_module("plain_langgraph").deliberate_all
    connections = CONNECTIONS if arm == "plain_bounded" else None
    return lambda questions, _: plain(questions=questions, connections=connections, **common)


def _questions(count: int) -> list[str]:
    return [
        f"Should hospital {number} share its records with researchers?" for number in range(count)
    ]


def compared(repeats: int, deliberations: int) -> dict[str, Any]:
    """Every arm in turn, each repetition in a fresh process against one server."""
    here = Path(__file__)
    stub = [sys.executable, str(here.with_name("stub_server.py"))]
    with subprocess.Popen(stub, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().split()[1]}"
        found: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
        try:
            for number in range(repeats):
                for arm in ARMS:
                    line = [sys.executable, str(here), "--arm", arm, "--url", url]
                    line += ["--deliberations", str(deliberations)]
                    said = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True)
                    found[arm].append(json.loads(said.stdout))
                    print(f"{number + 1}/{repeats} {arm}: {said.stdout.strip()}", flush=True)
        finally:
            server.terminate()
    return _summary(found)


def _summary(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    medians = {
        arm: {name: statistics.median(each[name] for each in runs) for name in runs[0]}
        for arm, runs in found.items()
    }
    own = medians["folkmoot"]["ms_per_call"]
    ratios = {f"ratio_{arm}": own / medians[arm]["ms_per_call"] for arm in ARMS[1:]}
    rounded = {
        arm: {name: round(value, 3) for name, value in figures.items()}
        for arm, figures in medians.items()
    }
    return {**rounded, **{name: round(value, 3) for name, value in ratios.items()}}


def main() -> None:
    """Compare the arms, or run one of them against a server that is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--deliberations", type=int, default=300)
    parser.add_argument("--arm", choices=ARMS, help="run this one alone, against --url")
    parser.add_argument("--url")
    asked = parser.parse_args()
    if asked.arm:
        figures = asyncio.run(measured(asked.arm, asked.url, asked.deliberations))
        print(json.dumps(figures))
    else:
        print(json.dumps(compared(asked.repeats, asked.deliberations)))


if __name__ == "__main__":
    main()
