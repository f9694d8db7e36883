"""What a placement is worked out from, and what it is: machines, servers, figures, findings."""

from typing import NamedTuple

from folkmoot.pool.placement.placed import Placed
from folkmoot.records.base import Frozen


class Machine(NamedTuple):
    """Where servers can run."""

    name: str
    host: str
    """Its address for clients."""
    gpus: tuple[int, ...]
    """Bytes of each; () for a machine whose servers run on its processor."""
    memory: int
    """Bytes."""
    port: int
    """Of its first server; the others count up from it."""
    turns: bool = True
    """Whether servers may take turns there: whoever uses them must be able to wake them."""
    cpu_width: int = 4
    """Bytes of a number where its processor computes: 4, or 2 where it is fast at bfloat16."""


class Figures(Frozen):
    """What a placed server takes, over all its devices, and what it has room for."""

    weights_gib: float
    adapters_gib: float
    """Of all its slots."""
    overhead_gib: float
    """An estimate, on the high side."""
    adapters: int
    slots: int
    """Adapters that it holds at once."""
    kv_token_bytes: int
    kv_tokens: int
    """Tokens that its cache holds."""
    window: int
    """Tokens of context."""
    concurrency: float
    """Calls of a whole window that its cache holds at once."""


class Finding(Frozen):
    """What does not fit."""

    engine: str
    models: tuple[str, ...]
    what: str
    short_gib: float
    """What is missing at the place where the least is missing."""
    todo: str


class Placement(Frozen):
    """Which server runs where."""

    placed: tuple[Placed, ...]
    figures: dict[str, Figures]
    """By the server's name."""
    findings: tuple[Finding, ...]
