"""The arms of `pool.py`, all on one server: who deliberates on what, and what that took."""

import tempfile
import time
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any, NamedTuple

from aligned import AlignedServer
from autogen_round_robin import deliberate_all as autogen
from ceiling import replay
from exchange import PERSONAS, Exchange, panel_of, questions
from fixed_server import FIXED, MODEL, Sent
from plain_langgraph import client_for, gathered
from prefix_tree import distinct, least
from psutil import Process, cpu_times

from folkmoot.graphs import deliberate_many
from folkmoot.pool import Pool

AUTOGEN = all(map(find_spec, ("autogen_agentchat", "autogen_ext")))
"""Whether this peer is installed."""


class Setting(NamedTuple):
    """How large the deliberations are, and how many of them run at once."""

    seats: int
    rounds: int
    deliberations: int

    @property
    def name(self) -> str:
        """As `--only` takes it."""
        return f"{self.seats}x{self.rounds}"

    @property
    def calls(self) -> int:
        """Calls of all deliberations."""
        return self.seats * self.rounds * self.deliberations

    @property
    def personas(self) -> dict[str, str]:
        """Who sits."""
        return dict(list(PERSONAS.items())[: self.seats])


class Bench:
    """The arms, on one server.

    Args:
        server: started.
        pool: holds the server.
        setting: what is deliberated on.
        reply_tokens: tokens of every reply.
        aligned: whether there is an arm with aligned prompts.
    """

    def __init__(
        self,
        server: AlignedServer,
        pool: Pool,
        setting: Setting,
        reply_tokens: int,
        aligned: bool = False,
    ) -> None:
        self._server, self._pool = server, pool
        self._setting, self._reply_tokens = setting, reply_tokens
        self._ours: list[Sent] = []
        self.arms: dict[str, Callable[[], Coroutine[Any, Any, list[dict[str, Any]]]]] = {
            "ours": self._run_ours,
            "plain": self._run_plain,
            "ceiling": self._run_ceiling,
        }
        if aligned:
            self.arms["aligned"] = self._run_aligned
        if AUTOGEN:
            self.arms["autogen"] = self._run_autogen

    async def measured(self, arm: str) -> dict[str, float]:
        """One run of an arm from a cold cache.

        Raises:
            AssertionError: the server has counted other tokens than the prompts sent have, or a
                reply was of another length.
        """
        server, calls = self._server, self._setting.calls
        await server.forget()
        before, cpu, own = await server.counters(), cpu_s(server), time.process_time()
        stolen = stolen_s()
        began = time.perf_counter()
        bodies = await self.arms[arm]()
        wall = time.perf_counter() - began
        cpu, own = cpu_s(server) - cpu, time.process_time() - own
        stolen = stolen_s() - stolen
        spent = (await server.counters()).since(before)
        prompts = await server.token_ids(bodies)
        assert len(prompts) == calls, f"{arm}: {len(prompts)} requests, not {calls}"
        assert spent.prompt == sum(map(len, prompts)), f"{arm}: other prompts than were sent"
        assert spent.generation == calls * self._reply_tokens, f"{arm}: other lengths of replies"
        return {
            "wall_s": wall,
            "tokens_per_s": spent.generation / wall,
            "server_cpu_s": cpu,
            "client_cpu_s": own,
            "stolen_s": stolen,
            "prompt": spent.prompt,
            "computed": spent.computed,
            "generated": spent.generation,
            "distinct": distinct(prompts),
            "least": least(prompts, await server.block()),
        }

    async def _run_ours(self) -> list[dict[str, Any]]:
        self._ours = await self._deliberated()
        return [each.body for each in self._ours]

    async def _run_aligned(self) -> list[dict[str, Any]]:
        server = self._server
        server.aligned, server.seats = True, self._setting.seats
        try:
            return [each.body for each in await self._deliberated()]
        finally:
            server.aligned = False
            server.unpadded()

    async def _deliberated(self) -> list[Sent]:
        """Every deliberation at once, as a user runs them; returns what was sent."""
        self._server.sent = []
        setting = self._setting
        with tempfile.TemporaryDirectory() as folder:
            async for outcome in deliberate_many(
                questions(setting.deliberations),
                panel_of(MODEL, setting.personas, self._reply_tokens),
                Exchange(rounds=setting.rounds),
                self._pool,
                at_once=setting.deliberations,
                record_dir=folder,
            ):
                assert not outcome.absences, f"not answered: {outcome.absences[0]!r}"
        return self._server.sent

    async def _run_ceiling(self) -> list[dict[str, Any]]:
        await replay(self._server.url, self._ours)
        return [each.body for each in self._ours]

    async def _run_autogen(self) -> list[dict[str, Any]]:
        setting = self._setting
        asked = questions(setting.deliberations)
        return await autogen(
            self._server.url,
            MODEL,
            asked,
            setting.personas,
            setting.rounds,
            self._reply_tokens,
            FIXED,
        )

    async def _run_plain(self) -> list[dict[str, Any]]:
        setting, sent = self._setting, []
        client = client_for(self._server.url, None)
        completions = client.chat.completions
        create = completions.create

        async def fixed(**asked: Any) -> Any:
            sent.append({"model": MODEL, "messages": asked["messages"]})
            asked["max_tokens"] = self._reply_tokens
            return await create(**asked, extra_body=FIXED)

        completions.create = fixed
        asked = questions(setting.deliberations)
        await gathered(client, MODEL, asked, setting.personas, setting.rounds)
        await client.close()
        return sent


def cpu_s(server: AlignedServer) -> float:
    """Seconds of CPU that the server's processes have used so far."""
    assert server.pid is not None
    family = Process(server.pid).children(recursive=True)
    return sum(sum(each.cpu_times()[:2]) for each in family)


def stolen_s() -> float:
    """Seconds of CPU, of all cores, that this machine's host has given to others so far; 0 where it
    does not say. Wall times of arms that lost unlike shares cannot be compared."""
    return getattr(cpu_times(), "steal", 0.0)
