"""The engine over a vLLM server that is started, watched, restarted and stopped here."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.admission import Room
from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.vllm.flights import Aborted
from folkmoot.pool.vllm.keeper import Keeper
from folkmoot.pool.vllm.life import Life
from folkmoot.pool.vllm.metrics import Counters
from folkmoot.pool.vllm.plan import Plan
from folkmoot.pool.vllm.prepared import Place, Prepared, flagged, prepare
from folkmoot.pool.vllm.wanted import Wanted
from folkmoot.records import Call, EngineUnavailable, ModelRef, PoolError, Reply, Segment, Usage

_WINDOW_FLAGS = ("--max-model-len", "--max_model_len", "--config")
"""Flags of the user's with which only the server knows its window."""


class VllmServer:
    """Starts a vLLM server on this machine and answers from it.

    The server listens on 127.0.0.1, unless another address is given, and ends with this process,
    however that ends. If it dies, calls in flight fail with EngineUnavailable, it is started again,
    and calls that come meanwhile wait for it; one that dies young is started again after growing
    waits. One server holds one base model and any number of LoRA adapters on it; `plan` says how
    they are served.

    On a CPU the prefix cache works in blocks of 128 tokens (16 on a GPU): shorter prompts show no
    hits. Chunked prefill is off there, since it kills the engine together with seeds.

    A server that takes turns with others (`Turns`) is not started but made ready (`prepare`), then
    woken and put to rest: with a GPU it sleeps, on a CPU its process is stopped and started again,
    on the same port.

    Args:
        name: as replies and descriptions name it.
        models: what panels call a model → where it comes from; a name alone is a packaged name, a
            folder or a hub id.
        port: a port on this machine; None for a free one.
        window: tokens of context; None for the model's own.
        connections: calls on their way at once; the rest wait here.
        timeout_s: seconds a call may take once it is on its way.
        kv_cache_gib: memory for keys and values, on a CPU; whole GiB.
        flags: more arguments for the server; they win over ours.
        start_s: seconds that a start may take.
        logs: folder of the server's log; None for Folkmoot's own.
        host: the address of this machine that it listens on.
        gpus: which of the GPUs that this process sees; () for all.
    """

    def __init__(
        self,
        name: str,
        models: Mapping[str, str | Source],
        *,
        port: int | None = None,
        window: int | None = None,
        connections: int = 64,
        timeout_s: float = 600.0,
        kv_cache_gib: int = 2,
        flags: Sequence[str] = (),
        start_s: float = 600.0,
        logs: Path | None = None,
        host: str = LOCAL,
        gpus: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._wanted = Wanted(
            name, dict(models), window, kv_cache_gib, tuple(flags), logs, tuple(gpus)
        )
        self._place = Place(host, port, connections, timeout_s, start_s)
        self._starting = asyncio.Lock()
        self._plan: Plan | None = None
        self._prepared: Prepared | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return tuple(self._wanted.models)

    @property
    def room(self) -> Room:
        """What it can have on its way; how much its cache holds is known once it has run."""
        return self._life.client.room if self._life else Room(self._place.connections)

    @property
    def gpus(self) -> tuple[int, ...]:
        """Which of the GPUs that this process sees it runs on; () for all."""
        return self._wanted.gpus

    @property
    def pid(self) -> int | None:
        """Process id of the server's guard, whose child the server is; None while there is none."""
        return self._life.keeper.pid if self._life else None

    @property
    def keeper(self) -> Keeper | None:
        """What keeps the server's process; None while there is none."""
        return self._life.keeper if self._life else None

    @property
    def controls(self) -> tuple[str, ...]:
        """Control tokens of the models' tokeniser. () before `start`."""
        return self._plan.controls if self._plan else ()

    @property
    def tokeniser(self) -> Path | None:
        """The files whose tokeniser lays a prompt out as the server does; None where only it knows."""
        own_tokens = self._prepared and self._prepared.own_tokens
        return own_tokens.folder if own_tokens else None

    async def healthy(self) -> bool:
        """Whether there is a server that says that it can answer."""
        return self._life is not None and await self._life.client.healthy()

    @property
    def aborted(self) -> Aborted:
        """What cancelled and timed-out calls have cost so far; see `settled`."""
        return self._life.client.aborted if self._life else Aborted()

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start the server and wait until it answers.

        Raises:
            PoolError: vLLM cannot run here, a model is not found, the port is in use, or the
                server ended before it was ready; the message says why and where its log is.
        """
        async with self._starting:
            try:
                await (await self._made_ready(on_progress)).rise(on_progress)
            except BaseException:
                await self._drop()
                raise

    async def prepare(self, on_progress: OnProgress | None = None) -> bool:
        """Make it ready to be woken, and to be put to rest. Its process is not started.

        Returns:
            Whether everything is known of it. If not, it should be woken once before it is relied
            on: its window is the model's own, or, on a GPU, its start may still fail and from then
            on it only sleeps.

        Raises:
            PoolError: as for `start`, as far as that shows without its process.
        """
        async with self._starting:
            try:
                await self._made_ready(on_progress, turns=True)
            except BaseException:
                await self._drop()
                raise
        gpu = self._plan is not None and self._plan.serving.gpu
        return self._known_window is not None and not gpu

    async def wake(self, on_progress: OnProgress | None = None) -> None:
        """Wake it, or start its process, and wait until it answers.

        Raises:
            EngineUnavailable: it cannot be woken; the message says why.
        """
        async with self._starting:
            try:
                await self._running.rise(on_progress)
            except PoolError as error:
                raise EngineUnavailable(error.message, error.hint) from error

    async def rest(self) -> None:
        """Give up its memory until it is woken. Nothing should be in flight."""
        async with self._starting:
            if self._life is not None:
                await self._life.lie_down()

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call; see `VllmEngine`. Waits for a server that is being started again."""
        life = self._running
        if life.state != "awake":
            raise EngineUnavailable(f"engine {self.name!r} is at rest")
        await life.keeper.standing()
        try:
            return await life.client.answer(call, on_text)
        except EngineUnavailable:
            life.keeper.doubt()
            raise

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up; see `Engine`."""
        return None if self._life is None else await self._life.client.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, as the server counts them; one that is stopped need
        not be started for it.

        Raises:
            EngineUnavailable: the server is stopped, and its files do not tell.
        """
        life = self._running
        if life.state != "stopped":
            return await life.client.count(model, segments)
        own_tokens = self._prepared and self._prepared.own_tokens
        if own_tokens is None:
            raise EngineUnavailable(
                f"engine {self.name!r} is at rest, and lays prompts out by flag"
            )
        return await asyncio.to_thread(own_tokens.of_chat, segments)

    def window(self, model: str) -> int:
        """The served context in tokens, prompt and completion together."""
        life = self._running
        if life.met or self._known_window is None or model not in self._wanted.models:
            return life.client.window(model)
        return self._known_window

    def reference(self, model: str) -> ModelRef:
        """What pins the model: the files it is served from. After `start`."""
        return self._wanted.reference(self._plan, model)

    def describe(self) -> dict[str, Any]:
        """For the record: as `VllmEngine` says, and that the server was started here, on what."""
        mine: dict[str, Any] = {
            "name": self.name,
            "kind": "vllm-server",
            "flags": list(self._wanted.flags),
        }
        if self._prepared is None:
            return {**mine, "replay": "statistical"}
        serving, life = self._prepared.plan.serving, self._prepared.life
        mine |= {"device": "gpu" if serving.gpu else "cpu", "dtype": serving.dtype}
        said = life.client.describe()
        if not life.met:  # What only the server can tell is absent.
            said = {name: said[name] for name in said if name not in ("version", "aborts")}
        return {**said, **mine}

    async def counters(self) -> Counters:
        """What the server has counted since `start`, also where it was stopped on purpose in
        between. What it had counted when it died is gone."""
        return await self._running.counters()

    async def settled(self) -> None:
        """Wait until `aborted` holds every call that was called off."""
        if self._life is not None:
            await self._life.client.settled()

    async def close(self) -> None:
        """Stop the server and all it started. Idempotent."""
        async with self._starting:
            await self._drop()

    @property
    def _life(self) -> Life | None:
        return self._prepared.life if self._prepared else None

    @property
    def _running(self) -> Life:
        if self._life is None:
            raise EngineUnavailable(f"engine {self.name!r} is not running")
        return self._life

    @property
    def _known_window(self) -> int | None:
        """The window that it will have, where that was said when it was made."""
        return None if flagged(self._wanted.flags, _WINDOW_FLAGS) else self._wanted.window

    async def _made_ready(self, on_progress: OnProgress | None, turns: bool = False) -> Life:
        """Everything that a start needs; no process is started."""
        if self._prepared is None:
            self._prepared = await prepare(self._wanted, self._place, on_progress, turns)
            self._plan = self._prepared.plan
        return self._prepared.life

    async def _drop(self) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            await prepared.end()
