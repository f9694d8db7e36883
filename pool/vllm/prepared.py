"""A server that is made ready: its models found, its port held, its process yet to be started."""

import socket
from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.pool.engine import OnProgress
from folkmoot.pool.ports import reserve
from folkmoot.pool.vllm import sleep as vllm_sleep
from folkmoot.pool.vllm.child import command
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.keeper import Keeper
from folkmoot.pool.vllm.life import Life
from folkmoot.pool.vllm.own_tokens import OwnTokens
from folkmoot.pool.vllm.plan import Plan
from folkmoot.pool.vllm.wanted import Wanted

_LAYOUT_FLAGS = ("--chat-template", "--chat_template", "--default-chat", "--tokenizer", "--config")
"""Flags of the user's with which only the server knows how it lays out a prompt."""


class Place(NamedTuple):
    """Where a server listens, and how it is asked."""

    host: str
    """The address of this machine."""
    port: int | None
    """None for a free one."""
    connections: int
    """Calls on their way at once."""
    timeout_s: float
    """Seconds that a call may take."""
    start_s: float
    """Seconds that a start may take."""


class Prepared(NamedTuple):
    """Everything that a server's start needs."""

    plan: Plan
    life: Life
    own_tokens: OwnTokens | None
    """Counts a prompt while the server is stopped; None where only the server can."""
    held: socket.socket
    """Keeps the port for it."""

    async def end(self) -> None:
        """Stop the server for good, and let go of its port."""
        await self.life.end()
        self.held.close()


async def prepare(
    wanted: Wanted, place: Place, on_progress: OnProgress | None = None, turns: bool = False
) -> Prepared:
    """Make a server ready; no process is started.

    Args:
        wanted: what it is to serve.
        place: where.
        on_progress: hears what is being done.
        turns: whether it takes turns with others, and so sleeps where it can.

    Raises:
        PoolError: vLLM cannot run here, the port is in use, or a model is not found.
    """
    held = reserve(place.port, place.host)
    try:
        port = int(held.getsockname()[1])
        made = await wanted.plan(on_progress, port, place.host)
    except BaseException:
        held.close()
        raise
    counts = not flagged(wanted.flags, _LAYOUT_FLAGS)
    own_tokens = OwnTokens(made.serving.folder, made.controls) if counts else None
    return Prepared(made, _life(wanted, place, made, port, turns), own_tokens, held)


def flagged(flags: Sequence[str], names: tuple[str, ...]) -> bool:
    """Whether one of these is among a user's flags."""
    return any(flag.startswith(names) for flag in flags)


def _life(wanted: Wanted, place: Place, made: Plan, port: int, turns: bool) -> Life:
    promises = wanted.promises(made)
    url, sleeps = f"http://{place.host}:{port}", turns and made.serving.gpu
    client = VllmEngine(
        wanted.name,
        url,
        {model: model for model in wanted.models},
        connections=place.connections,
        seeds=promises.seeds,
        batch_invariant=promises.batch_invariant,
        timeout_s=place.timeout_s,
        controls=made.controls,
    )
    keeper = Keeper(
        f"vLLM for {', '.join(wanted.models)}",
        [*command(made.serving), *([vllm_sleep.FLAG] if sleeps else [])],
        wanted.environment(made) | (vllm_sleep.ENV if sleeps else {}),
        wanted.log(str(port)),
        client.healthy,
        place.start_s,
    )
    return Life(keeper, client, url, sleeps)
