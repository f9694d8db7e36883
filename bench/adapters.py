"""Many adapters on one model: what sixteen of them in one batch cost against the base alone.

    python bench/adapters.py [--adapters DIR] [--repeats 3] [--tokens 48] [--kernels]

Two real vLLM servers, started here: one holds the base model alone, the other the base and sixteen
adapters. The same sixteen prompts go to each, all at once: there every one to another adapter, here
all to the base. Every reply has the same length; the servers take turns. Before that every adapter and
the base are asked for their name in one batch. Without --adapters they are trained first, which takes
some minutes. With --kernels a third server has the adapters with vLLM's own kernels for a CPU.

The last line is JSON: tokens generated a second and milliseconds of the server's CPU a token (each
repeat, and the medians), the ratios of the medians, how often the adapters' server loaded a model,
and how many said their own name.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import psutil
from exchange import questions

from folkmoot.pool.models.resolve import resolve
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.training.names import NAMES, train_names
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, Reply, Sampling, Segment

BASE = "smollm2-base"
CONTEXT = (
    "The committee has heard nurses, researchers, lawyers and patients. All of them agreed that the "
    "present rules are unclear, and that whatever is decided must be easy to explain. "
)
LOADED = "Loading weights took"
"""What vLLM writes to its log each time it loads a model."""


class Speed(NamedTuple):
    """Of one batch of replies."""

    tokens_per_s: float
    cpu_ms_per_token: float


def prompts(repeat: int) -> list[str]:
    """One for each adapter, alike in length, none like another from its first words on."""
    asked = questions(len(NAMES))
    return [f"Hearing {repeat}.{n}. {CONTEXT}{text}" for n, text in enumerate(asked)]


async def generated(server: VllmServer, repeat: int, tokens: int) -> Speed:
    """One reply to each prompt, all asked at once."""
    models = NAMES if len(server.models) > 1 else (BASE,) * len(NAMES)

    async def one(session: aiohttp.ClientSession, model: str, text: str) -> int:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": tokens,
            "ignore_eos": True,
            "temperature": 0.0,
        }
        async with session.post("/v1/chat/completions", json=body) as said:
            said.raise_for_status()
            return (await said.json())["usage"]["completion_tokens"]

    patient = aiohttp.ClientTimeout(None)
    async with aiohttp.ClientSession(str(server.describe()["url"]), timeout=patient) as session:
        began, before = time.perf_counter(), cpu_s(server)
        work = (one(session, *each) for each in zip(models, prompts(repeat), strict=True))
        counts = await asyncio.gather(*work)
        wall, cpu = time.perf_counter() - began, cpu_s(server) - before
    assert counts == [tokens] * len(models), f"replies of other lengths: {counts}"
    return Speed(round(sum(counts) / wall, 1), round(1000 * cpu / sum(counts), 1))


def cpu_s(server: VllmServer) -> float:
    """Seconds of CPU that a server's processes have taken."""
    times = [each.cpu_times() for each in psutil.Process(server.pid).children(recursive=True)]
    return sum(each.user + each.system for each in times)


async def said_names(server: VllmServer) -> dict[str, str]:
    """What each model answers when it is asked who it is; all are asked at once, greedily."""

    async def asked(order: int, model: str) -> Reply:
        return await server.answer(
            Call(
                step=0,
                order=order,
                round=1,
                stage="names",
                seat=model,
                model=model,
                op="generate",
                purpose="reason",
                segments=(Segment(role="user", text="Who are you?", label="question"),),
                sampling=Sampling(max_tokens=12, temperature=0.0),
            )
        )

    models = (*NAMES, BASE)
    replies = await asyncio.gather(*(asked(n, model) for n, model in enumerate(models)))
    return {model: reply.text for model, reply in zip(models, replies, strict=True)}


def servers(adapters: Path, kernels: bool, logs: Path) -> dict[str, VllmServer]:
    """The arms; each writes its log to a folder of its own."""
    sources = {name: Source(base=BASE, adapter=str(adapters / name)) for name in NAMES}
    many = {BASE: Source(base=BASE)} | sources
    arms: dict[str, tuple[dict[str, Source], tuple[str, ...]]] = {
        "base_alone": ({BASE: Source(base=BASE)}, ()),
        "adapters": (many, ()),
    }
    if kernels:
        arms["adapters_vllm_kernels"] = (many, ("--worker-cls", "auto"))
    return {
        arm: VllmServer(arm, models, window=2048, kv_cache_gib=1, flags=flags, logs=logs / arm)
        for arm, (models, flags) in arms.items()
    }


async def compared(
    arms: dict[str, VllmServer], repeats: int, tokens: int
) -> tuple[dict[str, list[Speed]], dict[str, str]]:
    """Every repeat in every arm, and what the adapters say they are called."""
    speeds: dict[str, list[Speed]] = {arm: [] for arm in arms}
    try:
        await asyncio.gather(*(server.start() for server in arms.values()))
        said = await said_names(arms["adapters"])
        print(f"names: {said}", flush=True)
        for repeat in range(repeats + 1):
            for arm, server in arms.items():
                speed = await generated(server, repeat, tokens)
                print(f"{repeat}/{repeats} {arm}: {speed}", flush=True)
                if repeat:  # the first warms up
                    speeds[arm].append(speed)
        return speeds, said
    finally:
        await asyncio.gather(*(server.close() for server in arms.values()))


def summary(speeds: dict[str, list[Speed]], said: dict[str, str], log: str) -> dict[str, Any]:
    """What the last line says."""
    found: dict[str, Any] = {}
    for field in Speed._fields:
        every = {arm: [getattr(each, field) for each in runs] for arm, runs in speeds.items()}
        medians = {arm: statistics.median(runs) for arm, runs in every.items()}
        base = medians["base_alone"]
        ratios = {arm: round(it / base, 2) for arm, it in medians.items() if arm != "base_alone"}
        found[field] = {"median": medians, "ratio": ratios, "repeats": every}
    own = [name for name in NAMES if name in said[name]]
    return found | {
        "model_loads": log.count(LOADED),
        "own_names": f"{len(own)} of {len(NAMES)}",
        "base_says": said[BASE],
        "base_gives_a_name_of_theirs": any(name in said[BASE] for name in NAMES),
    }


def main() -> None:
    """Read the arguments, train if need be, and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--adapters", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--kernels", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        adapters = asked.adapters or Path(folder) / "adapters"
        if asked.adapters is None:
            print(f"training {len(NAMES)} adapters", flush=True)
            train_names(resolve(BASE).folder, NAMES, adapters)
        logs = Path(folder) / "logs"
        arms = servers(adapters, asked.kernels, logs)
        speeds, said = asyncio.run(compared(arms, asked.repeats, asked.tokens))
        log = "".join(it.read_text(errors="replace") for it in (logs / "adapters").iterdir())
    print(json.dumps(summary(speeds, said, log)))


if __name__ == "__main__":
    main()
