"""What a pool tells Prometheus, read back with Prometheus' own parser."""

import asyncio
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from folkmoot.pool import Pool, Scripted
from folkmoot.pool.prometheus import PoolMetrics, serve_metrics, watch
from folkmoot.records import Call, EngineUnavailable, PoolError, Reply, Usage

MakeCall = Callable[..., Call]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Timed(Scripted):
    """Says what calls cost and how long they took; fails as often as it is told to."""

    faults = 0

    async def answer(self, call, on_text=None):
        if self.faults:
            self.faults -= 1
            raise EngineUnavailable("gone for a moment")
        reply = await super().answer(call, on_text)
        usage = Usage(prompt=40, cached=16 if call.order else None, completion=5)
        return reply.model_copy(update={"usage": usage, "took_ms": 300 * (call.order + 1)})


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def fetched(url: str) -> str:
    with urlopen(url) as response:
        return response.read().decode()


def told(metrics: PoolMetrics) -> Samples:
    registry = CollectorRegistry()
    registry.register(metrics)
    return samples(generate_latest(registry).decode())


def of(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


KIND = {"engine": "scripted", "model": "m", "op": "generate"}


async def test_calls_tokens_retries_and_seconds_are_counted(make_call: MakeCall):
    engine = Timed(lambda _: "yes", ["m"])
    async with Pool([engine], patience_s=5) as pool:
        await pool.open(["m"])
        metrics = watch(pool)
        engine.faults = 1
        for order in (0, 1):
            await pool.answer(make_call(model="m", order=order))
        found = told(metrics)
    assert of(found, "folkmoot_calls_total", **KIND, state="ok") == 2
    assert of(found, "folkmoot_retries_total", **KIND) == 1
    assert of(found, "folkmoot_tokens_total", **KIND, part="prompt") == 80
    assert of(found, "folkmoot_tokens_total", **KIND, part="cached") == 16, "one does not say"
    assert of(found, "folkmoot_tokens_total", **KIND, part="completion") == 10
    assert of(found, "folkmoot_call_seconds_bucket", **KIND, le="0.25") == 0
    assert of(found, "folkmoot_call_seconds_bucket", **KIND, le="0.5") == 1
    assert of(found, "folkmoot_call_seconds_bucket", **KIND, le="+Inf") == 2
    assert of(found, "folkmoot_call_seconds_sum", **KIND) == pytest.approx(0.9)
    assert of(found, "folkmoot_call_seconds_count", **KIND) == 2


async def test_what_an_engine_does_not_report_is_absent(make_call: MakeCall):
    async with Pool([Scripted(lambda _: "yes", ["m"])]) as pool:
        await pool.open(["m"])
        metrics = watch(pool)
        await pool.answer(make_call(model="m"))
        found = told(metrics)
    assert of(found, "folkmoot_calls_total", **KIND, state="ok") == 1
    assert not [name for name, _ in found if name.startswith("folkmoot_call_seconds")]
    assert of(found, "folkmoot_tokens_total", **KIND, part="cached") is None


async def test_calls_on_their_way_and_the_breaker_are_shown(make_call: MakeCall):
    come = asyncio.Event()

    class Slow(Scripted):
        async def answer(self, call, on_text=None):
            await come.wait()
            return await super().answer(call, on_text)

    async with Pool([Slow(lambda _: "yes", ["m"])]) as pool:
        await pool.open(["m"])
        metrics = watch(pool)
        asked = [asyncio.create_task(pool.answer(make_call(model="m", order=n))) for n in (0, 1)]
        await asyncio.sleep(0.05)
        found = told(metrics)
        come.set()
        await asyncio.gather(*asked)
    assert of(found, "folkmoot_calls_in_flight", engine="scripted") == 2
    assert of(found, "folkmoot_calls_waiting", engine="scripted") == 0
    assert of(found, "folkmoot_breaker", engine="scripted", state="closed") == 1
    assert of(found, "folkmoot_breaker", engine="scripted", state="open") == 0


async def test_whoever_listened_before_still_does(make_call: MakeCall):
    heard: list[Reply] = []
    async with Pool([Scripted(lambda _: "yes", ["m"])]) as pool:
        await pool.open(["m"])
        pool.on_reply = lambda _, reply: heard.append(reply)
        first, second = watch(pool), watch(pool)
        await pool.answer(make_call(model="m"))
    assert len(heard) == 1
    assert told(first) == told(second)


async def test_it_is_served_and_a_port_in_use_is_named(make_call: MakeCall):
    async with Pool([Scripted(lambda _: "yes", ["m"])]) as pool:
        await pool.open(["m"])
        metrics = watch(pool)
        await pool.answer(make_call(model="m"))
        with serve_metrics(metrics, port=0) as url:
            page = await asyncio.to_thread(fetched, url)
            assert samples(page) == told(metrics)
            port = int(url.rsplit(":", 1)[1].split("/")[0])
            with (
                pytest.raises(PoolError, match=f"127.0.0.1:{port}"),
                serve_metrics(metrics, port=port),
            ):
                pass
        with pytest.raises(URLError):
            await asyncio.to_thread(fetched, url)
