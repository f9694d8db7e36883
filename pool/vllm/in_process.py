"""The engine with vLLM in this process: no server, no port, the same answers."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.admission import BOUNDLESS, Room
from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.vllm.asking import Asking
from folkmoot.pool.vllm.child import command
from folkmoot.pool.vllm.core import Core
from folkmoot.pool.vllm.flights import Aborted, Flights
from folkmoot.pool.vllm.install import vllm_version
from folkmoot.pool.vllm.local import Local
from folkmoot.pool.vllm.plan import Plan
from folkmoot.pool.vllm.promises import Promises
from folkmoot.pool.vllm.tokens import Tokens
from folkmoot.pool.vllm.wanted import Wanted
from folkmoot.records import (
    Call,
    CallRefused,
    EngineUnavailable,
    ModelRef,
    PoolError,
    Reply,
    Segment,
    Usage,
)


class VllmInProcess:
    """Runs vLLM's engine for this process alone and answers from it.

    It lays prompts out, cuts them to the window, weighs options and counts as `VllmServer` does:
    both go through the same code up to the request, and vLLM takes it from there. One engine holds
    one base model and any number of LoRA adapters on it. If it dies, calls in flight fail with
    EngineUnavailable, and the next call starts it again. `embed` and `classify` are refused.

    vLLM computes in a process that it starts by importing the program's main module again: a script
    needs its `if __name__ == "__main__":`.

    Args:
        name: as replies and descriptions name it.
        models: what panels call a model → where it comes from; a name alone is a packaged name, a
            folder or a hub id.
        window: tokens of context; None for the model's own.
        timeout_s: seconds a call may take.
        kv_cache_gib: memory for keys and values, on a CPU; whole GiB.
        flags: more of vLLM's arguments, as on its command line; they win over ours.
        logs: folder of vLLM's log; None for Folkmoot's own.
        gpus: which of the GPUs that this process sees; () for all.
    """

    def __init__(
        self,
        name: str,
        models: Mapping[str, str | Source],
        *,
        window: int | None = None,
        timeout_s: float = 600.0,
        kv_cache_gib: int = 2,
        flags: Sequence[str] = (),
        logs: Path | None = None,
        gpus: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._wanted = Wanted(
            name, dict(models), window, kv_cache_gib, tuple(flags), logs, tuple(gpus)
        )
        self._timeout_s = timeout_s
        self._starting = asyncio.Lock()
        self._open = False
        self._plan: Plan | None = None
        self._promises: Promises | None = None
        self._core: Core | None = None
        self._flights: Flights | None = None
        self._tokens: Tokens | None = None
        self._asking: Asking | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return tuple(self._wanted.models)

    @property
    def room(self) -> Room:
        """What it computes together, and what its cache holds; unknown while it does not run."""
        if self._core is None:
            return BOUNDLESS  # Whoever asks it next starts it again: that must not fail here.
        config = self._core.config
        blocks, size = config.cache_config.num_gpu_blocks, config.cache_config.block_size
        return Room(config.scheduler_config.max_num_seqs, blocks * size if blocks else None)

    @property
    def aborted(self) -> Aborted:
        """What cancelled and timed-out calls have cost since the engine was last started."""
        return self._flights.aborted if self._flights else Aborted()

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start the engine and wait until it can answer.

        Raises:
            PoolError: vLLM cannot run here, a model is not found, or the engine does not start;
                the message says why and where its log is.
        """
        async with self._starting:
            if not self._open:
                await self._start(on_progress)
                self._open = True

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call; see `Engine`. Out of time is EngineUnavailable, and aborted."""
        began = time.monotonic()
        if call.model not in self._wanted.models:
            raise CallRefused(f"engine {self.name!r} has no model {call.model!r}")
        if call.op == "embed":
            raise CallRefused(
                f"engine {self.name!r} generates and weighs options: it has no embeddings",
                "give the model to an embedded engine",
            )
        asking = await self._standing()
        return await asking.reply(call, call.model, self.window(call.model), on_text, began)

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up; see `Engine`."""
        return None if self._flights is None else await self._flights.given_up.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, the chat template included."""
        self.window(model)
        assert self._tokens is not None
        return await self._tokens.of_chat(model, segments)

    def window(self, model: str) -> int:
        """The context of a model in tokens, prompt and completion together."""
        if self._core is None or model not in self._wanted.models:
            raise self._wanted.unserved(model)
        return int(self._core.config.model_config.max_model_len)

    def reference(self, model: str) -> ModelRef:
        """What pins the model: the files it is computed from. After `start`."""
        return self._wanted.reference(self._plan, model)

    def describe(self) -> dict[str, Any]:
        """For the record; see `Promises` for what it says of asking again."""
        version = vllm_version()
        said: dict[str, Any] = {
            "name": self.name,
            "kind": "vllm-in-process",
            "version": ".".join(map(str, version)) if version else None,
            "models": {model: model for model in self._wanted.models},
            "flags": list(self._wanted.flags),
            "aborts": "measured",
            "replay": "statistical",
        }
        if self._plan is not None:
            serving = self._plan.serving
            said |= {"device": "gpu" if serving.gpu else "cpu", "dtype": self._dtype(serving.dtype)}
        if self._promises is not None:
            said |= self._promises.described()
        return said

    async def settled(self) -> None:
        """Wait until `aborted` holds every call that was called off."""
        if self._flights is not None:
            await self._flights.settled()

    async def close(self) -> None:
        """End the engine and its processes. Idempotent."""
        self._open = False
        async with self._starting:
            await self._drop()

    async def _standing(self) -> Asking:
        """What asks the engine, which is started again if it has died."""
        if self._open and (self._core is None or self._core.dead):
            async with self._starting:
                if self._open and (self._core is None or self._core.dead):
                    await self._again()
        if self._asking is None:
            raise EngineUnavailable(f"engine {self.name!r} is not running")
        return self._asking

    async def _again(self) -> None:
        await self._drop()
        try:
            await self._start(None)
        except PoolError as fault:
            raise EngineUnavailable(fault.message, fault.hint) from fault

    async def _start(self, on_progress: OnProgress | None) -> None:
        wanted = self._wanted
        made = self._plan = await wanted.plan(on_progress)
        if on_progress is not None:
            on_progress(Progress(f"starting vLLM for {', '.join(wanted.models)}"))
        line = command(made.serving._replace(flags=()))
        core = Core(
            line[line.index("--model") :],
            wanted.flags,
            wanted.environment(made),
            wanted.log("in-process"),
        )
        try:
            await core.start()
        except BaseException:
            await core.close()
            raise
        local = Local(core, made.serving.adapters)
        self._flights, self._tokens = Flights(local), Tokens(local, made.controls)
        await self._flights.probe()
        self._promises = wanted.promises(made)
        self._asking = Asking(
            self.name,
            local,
            self._flights,
            self._tokens,
            controls=made.controls,
            seeds=self._promises.seeds,
            timeout_s=self._timeout_s,
        )
        self._core = core

    async def _drop(self) -> None:
        core, self._core, self._asking, self._tokens = self._core, None, None, None
        if self._flights is not None:
            await self._flights.settled()
        if core is not None:
            await core.close()

    def _dtype(self, planned: str) -> str:
        found = planned if self._core is None else self._core.config.model_config.dtype
        return str(found).removeprefix("torch.")
