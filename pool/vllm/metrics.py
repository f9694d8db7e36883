"""What a vLLM server counts of itself, and what it is doing: the other side of the ledger."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple, Self

from folkmoot.records import EngineUnavailable, scrub

_LABELS = r'\{((?:[^"}\n]|"(?:[^"\\\n]|\\.)*")*)\}'
"""Labels, also where a value holds a brace or an escaped quotation mark."""

_LINE = re.compile(rf"^vllm:(\w+?)(?:_total)?(?:{_LABELS})? (\S+)$", re.M)
_BEGAN = re.compile(r"^process_start_time_seconds (\S+)$", re.M)
_LABEL = re.compile(r'(\w+)="((?:[^"\\\n]|\\.)*)"')
_LONGEST_NAME = 200
"""Characters of an adapter's name that are taken from a server."""

_NAMES = ("prompt_tokens", "prompt_tokens_cached", "generation_tokens")
_SUMMED = (
    "num_requests_running",
    "num_requests_waiting",
    "prefix_cache_queries",
    "prefix_cache_hits",
)


class Counters(NamedTuple):
    """Tokens since the server started, over all its models and clients.

    A prompt counts once its first token is out, a token once it is handed over: an aborted request
    counts with what it had by then, and with nothing where it had not yet produced a token.
    """

    prompt: int
    cached: int
    generation: int

    @property
    def computed(self) -> int:
        """Prompt tokens that no cache held."""
        return self.prompt - self.cached

    def since(self, before: "Counters") -> Self:
        """The difference from an earlier reading."""
        return type(self)(*(now - then for now, then in zip(self, before, strict=True)))


def read_counters(text: str) -> Counters:
    """The counters in the text of `/metrics`, summed over engines and models.

    Raises:
        EngineUnavailable: a counter is missing or no count: the server is not vLLM, or older than
            0.26.
    """
    found: dict[str, float] = {}
    for name, _, value in _LINE.findall(text):
        if name in _NAMES:
            found[name] = found.get(name, 0.0) + _number(name, value)
    missing = [name for name in _NAMES if name not in found]
    if missing:
        raise EngineUnavailable(f"the server's /metrics has no counter {missing[0]!r}")
    return Counters(*(round(found[name]) for name in _NAMES))


def read_process(text: str) -> str | None:
    """What tells one process from another in the text of its `/metrics`: when it began. None where
    the page is that of several, or says nothing of it."""
    began = _BEGAN.search(text)
    return began[1] if began else None


class Gauges(NamedTuple):
    """What a server is doing at one moment. What it does not tell is None."""

    running: int
    """Requests in the batch."""
    waiting: int
    kv_use: float | None
    """The share of the memory for keys and values that is taken, 0 to 1."""
    asked: int | None
    """Prompt tokens that were looked up in the prefix cache since the server started."""
    hits: int | None
    """Of these, tokens that it held."""
    failed: int | None
    """Requests that ended with an error of the server's own."""
    asleep: bool | None
    adapters: tuple[str, ...] | None
    """Names of the adapters that requests in the batch use; None where it serves none."""
    slots: int | None
    """Adapters that one batch has room for."""
    began: float | None
    """Seconds since 1970 at which its process began."""

    @property
    def hit_rate(self) -> float | None:
        """The share of looked-up prompt tokens that the prefix cache held."""
        return self.hits / self.asked if self.hits is not None and self.asked else None


def read_gauges(text: str) -> Gauges:
    """The gauges in the text of `/metrics`, summed over engines; of shares, the largest.

    Raises:
        EngineUnavailable: the text is not a vLLM server's, or a value is none.
    """
    sums, shares, awake = dict[str, float](), list[float](), list[float]()
    adapters: list[tuple[float, dict[str, str]]] = []
    for name, labels, value in _samples(text):
        if name in _SUMMED or (name, labels.get("finished_reason")) == ("request_success", "error"):
            sums[name] = sums.get(name, 0.0) + _number(name, value)
        elif name == "kv_cache_usage_perc":
            shares.append(min(_number(name, value), 1.0))
        elif (name, labels.get("sleep_state")) == ("engine_sleep_state", "awake"):
            awake.append(_number(name, value))
        elif name == "lora_requests_info":
            # Each change leaves its line; the value of each is when it was true.
            adapters.append((_number(name, value), labels))
    for name in ("num_requests_running", "num_requests_waiting"):
        if name not in sums:
            raise EngineUnavailable(f"the server's /metrics has no gauge {name!r}")
    began = _BEGAN.search(text)
    using = max(adapters, key=lambda each: each[0])[1] if adapters else None
    return Gauges(
        running=round(sums["num_requests_running"]),
        waiting=round(sums["num_requests_waiting"]),
        kv_use=max(shares, default=None),
        asked=_whole(sums.get("prefix_cache_queries")),
        hits=_whole(sums.get("prefix_cache_hits")),
        failed=_whole(sums.get("request_success")),
        asleep=not all(awake) if awake else None,
        adapters=None if using is None else _listed(using, "running_lora_adapters"),
        slots=None if using is None else _slots(using),
        began=None if began is None else _number("process_start_time_seconds", began[1]),
    )


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    for name, labels, value in _LINE.findall(text):
        yield name, dict(_LABEL.findall(labels)), value


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _listed(labels: dict[str, str], name: str) -> tuple[str, ...]:
    found = labels.get(name, "").split(",")
    return tuple(scrub(each)[:_LONGEST_NAME] for each in found if each)


def _slots(labels: dict[str, str]) -> int | None:
    found = labels.get("max_lora", "")
    return int(found) if found.isdecimal() and len(found) < 10 else None


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < 2**53:
        raise EngineUnavailable(f"the server's /metrics gives {value!r} for counter {name!r}")
    return number
