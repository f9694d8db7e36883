"""What a pool does, as Prometheus metrics of the process that uses it. Needs `prometheus-client`.

    pool = Pool.from_yaml("pool.yaml")
    with serve_metrics(watch(pool), port=9464):
        ...

The metrics are those of this process: the engines have their own (`/metrics` of a vLLM server). One
call may ask an engine several times; it is counted once, with its state in the end. What an engine
does not report is in no sum.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from folkmoot.records import Call, PoolError, Reply

OnReply = Callable[[Call, Reply], None]
"""Hears every call of a pool and what came of it."""

BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the buckets of calls by their seconds."""

_BREAKERS = ("closed", "open", "trying")


class Load(Protocol):
    """What stands before one engine; see `desk.Load`."""

    @property
    def flying(self) -> int: ...

    @property
    def waiting(self) -> int: ...

    @property
    def breaker(self) -> str: ...


class Watched(Protocol):
    """What a `Pool` has for whoever watches it."""

    on_reply: OnReply | None

    @property
    def loads(self) -> Mapping[str, Load]: ...


class _Kind(NamedTuple):
    engine: str
    model: str
    op: str


class _Seconds:
    """A histogram."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        place = next((at for at, bound in enumerate(BUCKETS_S) if seconds <= bound), len(BUCKETS_S))
        self.counts[place] += 1
        self.sum += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Bound → calls up to it, as Prometheus counts them."""
        bounds = [*map(str, BUCKETS_S), "+Inf"]
        return [(bound, sum(self.counts[: at + 1])) for at, bound in enumerate(bounds)]


class PoolMetrics:
    """The metrics of one pool: a collector for a `prometheus_client` registry.

    Args:
        loads: what stands before each engine now, by the engine's name.
    """

    def __init__(self, loads: Callable[[], Mapping[str, Load]]) -> None:
        self._loads = loads
        self._calls: Counter[tuple[_Kind, str]] = Counter()
        self._retries: Counter[_Kind] = Counter()
        self._tokens: Counter[tuple[_Kind, str]] = Counter()
        self._seconds: dict[_Kind, _Seconds] = {}

    def heard(self, call: Call, reply: Reply) -> None:
        """Count a call and what came of it."""
        kind = _Kind(reply.engine or "none", call.model, call.op)
        self._calls[kind, reply.state] += 1
        self._retries[kind] += reply.retries
        if reply.usage is not None:
            self._tokens[kind, "prompt"] += reply.usage.prompt
            self._tokens[kind, "completion"] += reply.usage.completion
            if reply.usage.cached is not None:
                self._tokens[kind, "cached"] += reply.usage.cached
        if reply.took_ms is not None:
            self._seconds.setdefault(kind, _Seconds()).add(reply.took_ms / 1000)

    def collect(self) -> Iterable[Any]:
        """The metrics now, as `prometheus_client` asks for them."""
        core = _client("core")
        yield from self._counters(core.CounterMetricFamily)
        seconds = core.HistogramMetricFamily(
            "folkmoot_call_seconds",
            "Seconds from the engine's taking a call to its reply.",
            labels=_Kind._fields,
        )
        for kind, taken in list(self._seconds.items()):
            seconds.add_metric(kind, buckets=taken.buckets(), sum_value=taken.sum)
        yield seconds
        yield from self._gauges(core.GaugeMetricFamily)

    def _counters(self, family: Any) -> Iterable[Any]:
        calls = family(
            "folkmoot_calls", "Calls by what came of them.", labels=(*_Kind._fields, "state")
        )
        for (kind, state), count in list(self._calls.items()):
            calls.add_metric((*kind, state), count)
        retries = family(
            "folkmoot_retries", "Times that a call was asked again.", labels=_Kind._fields
        )
        for kind, count in list(self._retries.items()):
            retries.add_metric(kind, count)
        tokens = family(
            "folkmoot_tokens",
            "Tokens of calls: of prompts, of these from a cache, and of completions.",
            labels=(*_Kind._fields, "part"),
        )
        for (kind, part), count in list(self._tokens.items()):
            tokens.add_metric((*kind, part), count)
        return calls, retries, tokens

    def _gauges(self, family: Any) -> Iterable[Any]:
        flying = family("folkmoot_calls_in_flight", "Calls that an engine has.", labels=("engine",))
        waiting = family(
            "folkmoot_calls_waiting", "Calls that wait for their place.", labels=("engine",)
        )
        breaker = family(
            "folkmoot_breaker",
            "1 for the state of the engine's circuit breaker.",
            labels=("engine", "state"),
        )
        for engine, load in self._loads().items():
            flying.add_metric((engine,), load.flying)
            waiting.add_metric((engine,), load.waiting)
            for state in _BREAKERS:
                breaker.add_metric((engine, state), float(load.breaker == state))
        return flying, waiting, breaker


def watch(pool: Watched) -> PoolMetrics:
    """The metrics of a pool from now on. Whoever listened to it before still hears everything."""
    metrics, before = PoolMetrics(lambda: pool.loads), pool.on_reply

    def heard(call: Call, reply: Reply) -> None:
        metrics.heard(call, reply)
        if before is not None:
            before(call, reply)

    pool.on_reply = heard
    return metrics


@contextmanager
def serve_metrics(
    metrics: PoolMetrics, port: int = 9464, host: str = "127.0.0.1"
) -> Generator[str]:
    """Serve metrics for Prometheus to fetch, for as long as the block lasts. Gives their URL.

    Args:
        metrics: of a pool.
        port: 0 for a free one.
        host: the address of this machine that is listened on.

    Raises:
        PoolError: `prometheus-client` is not installed, or the port is in use.
    """
    client = _client()
    registry = client.CollectorRegistry()
    registry.register(metrics)
    try:
        server, thread = client.start_http_server(port, addr=host, registry=registry)
    except OSError as fault:
        raise PoolError(
            f"cannot serve metrics at {host}:{port}: {fault.strerror}", "give another port"
        ) from fault
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _client(module: str = "") -> Any:
    try:
        return importlib.import_module(f"prometheus_client{module and '.'}{module}")
    except ImportError as fault:
        raise PoolError(
            "metrics for Prometheus need prometheus-client", "pip install 'folkmoot[prometheus]'"
        ) from fault
