"""A thousand deliberations: what they take of the client's memory, and whether it keeps its pace.

    python bench/thousand.py [--repeats 3] [--few 100] [--some 300] [--many 1000]

Deliberations of 9 calls (3 seats, 3 rounds; `nine_calls.py`: the journal on, real files) against a
stub server that answers at once. Every run is a process of its own with a server of its own; the
sizes take turns. The server counts what it is asked for: each call must have come to it exactly once
and must be in the records exactly once, else the run fails. The last line is JSON: for each size the
median peak RSS of the client in MiB (and after the first ten deliberations, when everything is
imported and connected) and calls a second (wall); then how much the peak grows from few to many, for
each deliberation more, and the pace of many over that of some.

    python bench/thousand.py --alone 1000 [--trace]

One run alone; with --trace, also the lines of code whose memory has grown most since the warm-up.
"""

import argparse
import asyncio
import gc
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from exchange import PERSONAS
from nine_calls import deliberate_all

SEATS = {seat: PERSONAS[seat] for seat in ("nurse", "researcher", "lawyer")}
ROUNDS, CONNECTIONS = 3, 64
WARM_UP = 10
CALLS = len(SEATS) * ROUNDS
_COUNT = re.compile(r"^stub:(\w+) (\d+)$", re.M)


@contextmanager
def stub() -> Iterator[str]:
    """The URL of a stub server in a process of its own."""
    script = Path(__file__).with_name("stub_server.py")
    line = [sys.executable, str(script)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().split()[1]}"
        finally:
            server.terminate()


def counted(url: str) -> dict[str, int]:
    """What the stub has counted."""
    with urlopen(f"{url}/metrics") as said:
        return {name: int(value) for name, value in _COUNT.findall(said.read().decode())}


async def run(url: str, count: int, folder: Path) -> dict[str, float]:
    """So many deliberations, every call accounted for: calls, and seconds of wall.

    Raises:
        AssertionError: a call was lost or doubled, on the way or in the records.
    """
    before, began = counted(url), time.perf_counter()
    texts = [f"Should hospital {number} share its records?" for number in range(count)]
    recorded = await deliberate_all(url, "stub", texts, SEATS, ROUNDS, CONNECTIONS, folder)
    wall, after = time.perf_counter() - began, counted(url)
    asked = after["completions"] - before["completions"]
    expected = count * CALLS
    assert recorded == asked == expected, f"{recorded} recorded, {asked} asked, {expected} due"
    assert after["repeated"] == 0, f"{after['repeated']} requests came twice"
    return {"calls": asked, "wall_s": wall}


async def alone(count: int, trace: bool) -> dict[str, float]:
    """One run in this process, after a warm-up."""
    with stub() as url, tempfile.TemporaryDirectory() as folder:
        await run(url, WARM_UP, Path(folder) / "warm-up")
        gc.collect()
        start = peak_mib()
        if trace:
            tracemalloc.start(4)
        done = await run(url, count, Path(folder) / "measured")
        if trace:
            gc.collect()
            show_growth(tracemalloc.take_snapshot())
    return {
        "deliberations": count,
        "calls": done["calls"],
        "warm_mib": start,
        "peak_mib": peak_mib(),
        "calls_per_s": done["calls"] / done["wall_s"],
    }


def peak_mib() -> float:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show_growth(snapshot: tracemalloc.Snapshot) -> None:
    """The ten places in the code that hold most of what was allocated since the warm-up."""
    for place in snapshot.statistics("traceback")[:10]:
        print(
            f"{place.size / 1024:.0f} KiB in {place.count} blocks", *place.traceback.format()[-4:]
        )


def compared(sizes: dict[str, int], repeats: int) -> dict[str, Any]:
    """Every size in turn, each run in a fresh process."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sizes}
    for number in range(repeats):
        for name, count in sizes.items():
            line = [sys.executable, str(Path(__file__)), "--alone", str(count)]
            said = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True)
            found[name].append(json.loads(said.stdout.splitlines()[-1]))
            print(f"{number + 1}/{repeats} {name}: {said.stdout.strip()}", flush=True)
    medians = {
        name: {key: statistics.median(each[key] for each in runs) for key in runs[0]}
        for name, runs in found.items()
    }
    few, some, many = (medians[name] for name in ("few", "some", "many"))
    more = sizes["many"] - sizes["few"]
    rounded = {
        name: {key: round(value, 1) for key, value in figures.items()}
        for name, figures in medians.items()
    }
    return {
        **rounded,
        "peak_ratio": round(many["peak_mib"] / few["peak_mib"], 3),
        "kib_a_deliberation": round((many["peak_mib"] - few["peak_mib"]) * 1024 / more, 2),
        "pace_ratio": round(many["calls_per_s"] / some["calls_per_s"], 3),
    }


def main() -> None:
    """Compare the sizes, or run one of them alone."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--some", type=int, default=300)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--alone", type=int, metavar="N", help="one run of N, in this process")
    parser.add_argument("--trace", action="store_true", help="with --alone: where memory grows")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(asyncio.run(alone(asked.alone, asked.trace))))
    else:
        sizes = {name: getattr(asked, name) for name in ("few", "some", "many")}
        print(json.dumps(compared(sizes, asked.repeats)))


if __name__ == "__main__":
    main()
