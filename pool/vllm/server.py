"""The engine over a vLLM server that is started, watched, restarted and stopped here."""

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.admission import Room
from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.models.resolve import home
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.ports import LOCAL, reserve
from folkmoot.pool.vllm import sleep as vllm_sleep
from folkmoot.pool.vllm.child import command, environment
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.flights import Aborted
from folkmoot.pool.vllm.install import vllm_available
from folkmoot.pool.vllm.keeper import Keeper
from folkmoot.pool.vllm.life import Life
from folkmoot.pool.vllm.metrics import Counters
from folkmoot.pool.vllm.own_tokens import OwnTokens
from folkmoot.pool.vllm.plan import Plan, plan
from folkmoot.records import Call, EngineUnavailable, ModelRef, PoolError, Reply, Segment, Usage

_WINDOW_FLAGS = ("--max-model-len", "--max_model_len", "--config")
_LAYOUT_FLAGS = ("--chat-template", "--chat_template", "--default-chat", "--tokenizer", "--config")
"""Flags of the user's with which only the server knows its window, or how it lays out a prompt."""


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
        self._sources = dict(models)
        self._port = port
        self._window = window
        self._connections = connections
        self._timeout_s = timeout_s
        self._kv_cache_gib = kv_cache_gib
        self._flags = tuple(flags)
        self._start_s = start_s
        self._logs = logs
        self._host = host
        self._gpus = tuple(gpus)
        self._starting = asyncio.Lock()
        self._held: socket.socket | None = None
        self._plan: Plan | None = None
        self._own_tokens: OwnTokens | None = None
        self._life: Life | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return tuple(self._sources)

    @property
    def room(self) -> Room:
        """What it can have on its way; how much its cache holds is known once it has run."""
        return self._life.client.room if self._life else Room(self._connections)

    @property
    def gpus(self) -> tuple[int, ...]:
        """Which of the GPUs that this process sees it runs on; () for all."""
        return self._gpus

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
        return self._own_tokens.folder if self._own_tokens else None

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
        if self._own_tokens is None:
            raise EngineUnavailable(
                f"engine {self.name!r} is at rest, and lays prompts out by flag"
            )
        return await asyncio.to_thread(self._own_tokens.of_chat, segments)

    def window(self, model: str) -> int:
        """The served context in tokens, prompt and completion together."""
        life = self._running
        if life.met or self._known_window is None or model not in self._sources:
            return life.client.window(model)
        return self._known_window

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
        if self._life is None or self._plan is None:
            return {**mine, "replay": "statistical"}
        serving = self._plan.serving
        mine |= {"device": "gpu" if serving.gpu else "cpu", "dtype": serving.dtype}
        said = self._life.client.describe()
        if not self._life.met:  # What only the server can tell is absent.
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
    def _running(self) -> Life:
        if self._life is None:
            raise EngineUnavailable(f"engine {self.name!r} is not running")
        return self._life

    @property
    def _known_window(self) -> int | None:
        """The window that it will have, where that was said when it was made."""
        return None if _flagged(self._flags, _WINDOW_FLAGS) else self._window

    async def _made_ready(self, on_progress: OnProgress | None, turns: bool = False) -> Life:
        """Everything that a start needs; no process is started."""
        if self._life is not None:
            return self._life
        if (reason := vllm_available()) is not None:
            raise PoolError(f"engine {self.name!r} cannot start: {reason}")
        self._held = reserve(self._port, self._host)
        port = int(self._held.getsockname()[1])
        made = self._plan = await asyncio.to_thread(
            plan,
            self.name,
            self._sources,
            port,
            self._window,
            self._flags,
            _in_loop(on_progress),
            self._host,
        )
        if not _flagged(self._flags, _LAYOUT_FLAGS):
            self._own_tokens = OwnTokens(made.serving.folder, made.controls)
        url, sleeps = f"http://{self._host}:{port}", turns and made.serving.gpu
        client = VllmEngine(
            self.name,
            url,
            {model: model for model in self._sources},
            connections=self._connections,
            seeds=made.serving.gpu or "--enable-chunked-prefill" not in self._flags,
            timeout_s=self._timeout_s,
            controls=made.controls,
        )
        stamp = time.strftime("%Y%m%d-%H%M%S")
        keeper = Keeper(
            f"vLLM for {', '.join(self._sources)}",
            [*command(made.serving), *([vllm_sleep.FLAG] if sleeps else [])],
            environment(made.serving.gpu, self._kv_cache_gib, self._gpus)
            | (vllm_sleep.ENV if sleeps else {}),
            (self._logs or home() / "logs") / f"vllm-{stamp}-{port}.log",
            client.healthy,
            self._start_s,
        )
        life = self._life = Life(keeper, client, url, sleeps)
        return life

    async def _drop(self) -> None:
        life, self._life, self._own_tokens = self._life, None, None
        if life is not None:
            await life.end()
        held, self._held = self._held, None
        if held is not None:
            held.close()


def _flagged(flags: Sequence[str], names: tuple[str, ...]) -> bool:
    return any(flag.startswith(names) for flag in flags)


def _in_loop(on_progress: OnProgress | None) -> OnProgress | None:
    """The same for a worker thread: watchers are called in the loop's own thread."""
    if on_progress is None:
        return None
    loop, told = asyncio.get_running_loop(), on_progress

    def tell(progress: Progress) -> None:
        loop.call_soon_threadsafe(told, progress)

    return tell
