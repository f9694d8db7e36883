"""What a vLLM server counts of itself: the other side of the ledger."""

import math
import re
from typing import NamedTuple, Self

from folkmoot.records import EngineUnavailable

_LINE = re.compile(r"^vllm:(\w+?)(?:_total)?(?:\{[^}]*\})? (\S+)$", re.M)
_NAMES = ("prompt_tokens", "prompt_tokens_cached", "generation_tokens")


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
    for name, value in _LINE.findall(text):
        if name in _NAMES:
            found[name] = found.get(name, 0.0) + _number(name, value)
    missing = [name for name in _NAMES if name not in found]
    if missing:
        raise EngineUnavailable(f"the server's /metrics has no counter {missing[0]!r}")
    return Counters(*(round(found[name]) for name in _NAMES))


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < 2**53:
        raise EngineUnavailable(f"the server's /metrics gives {value!r} for counter {name!r}")
    return number
