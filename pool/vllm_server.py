"""The engine over a vLLM server that is started, watched, restarted and stopped here."""

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.ports import LOCAL, reserve
from folkmoot.pool.resolve import home
from folkmoot.pool.vllm_child import command, environment
from folkmoot.pool.vllm_client import VllmEngine
from folkmoot.pool.vllm_flights import Aborted
from folkmoot.pool.vllm_install import vllm_available
from folkmoot.pool.vllm_keeper import Keeper
from folkmoot.pool.vllm_metrics import Counters
from folkmoot.pool.vllm_plan import Plan, plan
from folkmoot.records import Call, EngineUnavailable, ModelRef, PoolError, Reply, Segment, Usage


class VllmServer:
    """Starts a vLLM server on this machine and answers from it.

    The server listens on 127.0.0.1 only and ends with this process, however that ends. If it dies,
    calls in flight fail with EngineUnavailable, it is started again, and calls that come meanwhile
    wait for it; one that dies young is started again after growing waits. One server holds one base
    model and any number of LoRA adapters on it; `plan` says how they are served.

    On a CPU the prefix cache works in blocks of 128 tokens (16 on a GPU): shorter prompts show no
    hits. Chunked prefill is off there, since it kills the engine together with seeds.

    Args:
        name: as replies and descriptions name it.
        models: what panels call a model → what it resolves from: a packaged name, folder or hub id.
        port: a port on this machine; None for a free one.
        window: tokens of context; None for the model's own.
        connections: calls on their way at once; the rest wait here.
        timeout_s: seconds a call may take once it is on its way.
        kv_cache_gib: memory for keys and values, on a CPU; whole GiB.
        flags: more arguments for the server; they win over ours.
        start_s: seconds that a start may take.
        logs: folder of the server's log; None for Folkmoot's own.
    """

    def __init__(
        self,
        name: str,
        models: Mapping[str, str],
        *,
        port: int | None = None,
        window: int | None = None,
        connections: int = 64,
        timeout_s: float = 600.0,
        kv_cache_gib: int = 2,
        flags: Sequence[str] = (),
        start_s: float = 600.0,
        logs: Path | None = None,
    ) -> None:
        self.name = name
        self._sources = dict(models)
        self._port = port
        self._window = window
        self._connections = connections
        self._timeout_s = timeout_s
        self._kv_cache_gib = kv_cache_gib
        self._flags = tuple(flags)
        self._start_s = start_s
        self._logs = logs
        self._starting = asyncio.Lock()
        self._held: socket.socket | None = None
        self._plan: Plan | None = None
        self._keeper: Keeper | None = None
        self._client: VllmEngine | None = None
        self._ready = False

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return tuple(self._sources)

    @property
    def pid(self) -> int | None:
        """Process id of the server's guard, whose child the server is; None while there is none."""
        return self._keeper.pid if self._keeper else None

    @property
    def aborted(self) -> Aborted:
        """What cancelled and timed-out calls have cost so far; see `settled`."""
        return self._client.aborted if self._client else Aborted()

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start the server and wait until it answers.

        Raises:
            PoolError: vLLM cannot run here, a model is not found, the port is in use, or the
                server ended before it was ready; the message says why and where its log is.
        """
        async with self._starting:
            if self._ready:
                return
            try:
                keeper, client = await self._prepared(on_progress)
                await keeper.start(on_progress)
                await client.start()
            except BaseException:
                await self._drop()
                raise
            self._ready = True

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call; see `VllmEngine`. Waits for a server that is being started again."""
        keeper, client = self._running
        await keeper.standing()
        try:
            return await client.answer(call, on_text)
        except EngineUnavailable:
            keeper.doubt()
            raise

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up; see `Engine`."""
        return None if self._client is None else await self._client.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, as the server counts them."""
        return await self._running[1].count(model, segments)

    def window(self, model: str) -> int:
        """The served context in tokens, prompt and completion together."""
        return self._running[1].window(model)

    def reference(self, model: str) -> ModelRef:
        """What pins the model: the files it is served from. After `start`."""
        if self._plan is None or model not in self._plan.references:
            raise PoolError(
                f"model {model!r} is not served by engine {self.name!r}", "open the pool for it"
            )
        return self._plan.references[model]

    def describe(self) -> dict[str, Any]:
        """For the record: as `VllmEngine` says, and that the server was started here, on what."""
        mine: dict[str, Any] = {
            "name": self.name,
            "kind": "vllm-server",
            "flags": list(self._flags),
        }
        if self._client is None or self._plan is None:
            return {**mine, "replay": "statistical"}
        serving = self._plan.serving
        mine |= {"device": "gpu" if serving.gpu else "cpu", "dtype": serving.dtype}
        return {**self._client.describe(), **mine}

    async def counters(self) -> Counters:
        """What the server has counted since it was last started."""
        return await self._running[1].counters()

    async def settled(self) -> None:
        """Wait until `aborted` holds every call that was called off."""
        if self._client is not None:
            await self._client.settled()

    async def close(self) -> None:
        """Stop the server and all it started. Idempotent."""
        async with self._starting:
            await self._drop()

    @property
    def _running(self) -> tuple[Keeper, VllmEngine]:
        if not self._ready or self._keeper is None or self._client is None:
            raise EngineUnavailable(f"engine {self.name!r} is not running")
        return self._keeper, self._client

    async def _prepared(self, on_progress: OnProgress | None) -> tuple[Keeper, VllmEngine]:
        """Everything that a start needs; no process has been started yet."""
        if (reason := vllm_available()) is not None:
            raise PoolError(f"engine {self.name!r} cannot start: {reason}")
        self._held = reserve(self._port)
        port = int(self._held.getsockname()[1])
        made = self._plan = await asyncio.to_thread(
            plan, self.name, self._sources, port, self._window, self._flags, _in_loop(on_progress)
        )
        client = self._client = VllmEngine(
            self.name,
            f"http://{LOCAL}:{port}",
            {model: model for model in self._sources},
            connections=self._connections,
            seeds=made.serving.gpu or "--enable-chunked-prefill" not in self._flags,
            timeout_s=self._timeout_s,
            controls=made.controls,
        )
        stamp = time.strftime("%Y%m%d-%H%M%S")
        keeper = self._keeper = Keeper(
            f"vLLM for {', '.join(self._sources)}",
            command(made.serving),
            environment(made.serving.gpu, self._kv_cache_gib),
            (self._logs or home() / "logs") / f"vllm-{stamp}-{port}.log",
            client.healthy,
            self._start_s,
        )
        return keeper, client

    async def _drop(self) -> None:
        self._ready = False
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            await keeper.stop()
        held, self._held = self._held, None
        if held is not None:
            held.close()


def _in_loop(on_progress: OnProgress | None) -> OnProgress | None:
    """The same for a worker thread: watchers are called in the loop's own thread."""
    if on_progress is None:
        return None
    loop, told = asyncio.get_running_loop(), on_progress

    def tell(progress: Progress) -> None:
        loop.call_soon_threadsafe(told, progress)

    return tell
