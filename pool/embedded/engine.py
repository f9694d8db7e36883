"""The embedded engine: transformers in this process, requests answered together."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from folkmoot.pool.admission import Room
from folkmoot.pool.embedded.lane import Lane
from folkmoot.pool.embedded.prompting import option_tokens, prompt, render, text_tokens
from folkmoot.pool.embedded.requests import Request
from folkmoot.pool.embedded.worker import Worker
from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.models.loading import load
from folkmoot.pool.models.resolve import PACKAGED, resolvable
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.vllm.given_up import GivenUp
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


class Embedded:
    """Models loaded into this process. Seeds hold.

    Args:
        models: packaged names, folders or hub ids to have at hand; or what panels call a model →
            where it comes from.
        name: as replies and descriptions name it.
        max_batch: replies written at once.
        cache_mb: megabytes of memory, for each model, for what prompts have in common; 0 for none.
        dtype: `float32`, `bfloat16` or `float16`; None for what suits the device.
        device: as torch names it; None for a GPU if there is one.
    """

    def __init__(
        self,
        models: Sequence[str] | Mapping[str, str | Source] = ("smollm2",),
        *,
        name: str = "embedded",
        max_batch: int = 32,
        cache_mb: int = 512,
        dtype: str | None = None,
        device: str | None = None,
    ) -> None:
        self.name = name
        given = models if isinstance(models, Mapping) else {model: model for model in models}
        self._models = {model: Source.of(source) for model, source in given.items()}
        self._wanted: dict[str, None] = {}
        self._max_batch = max_batch
        self._cache_mb = cache_mb
        self._dtype, self._device = dtype, device
        self._lanes: dict[str, Lane] = {}
        self._worker: Worker | None = None
        self._starting = threading.Lock()
        self._given_up = GivenUp()

    @property
    def models(self) -> tuple[str, ...]:
        """The names it answers for."""
        return tuple(self._models)

    @property
    def room(self) -> Room:
        """Some more calls than it computes together, so that it never waits for the next."""
        return Room(2 * self._max_batch)

    def adopt(self, model: str) -> bool:
        """Be ready for this model after the next start, if the name can stand for one."""
        if model not in self._models:
            if not resolvable(model):
                return False
            self._models[model] = Source.of(model)
        self._wanted[model] = None
        return True

    @property
    def takes(self) -> str:
        """What names can stand for."""
        return f"{', '.join(PACKAGED)} (packaged), any folder, any hub id such as org/name"

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Load the models it was told of that are not loaded yet; all of its own if of none."""
        loop = asyncio.get_running_loop()

        def tell(progress: Progress) -> None:
            if on_progress is not None:
                loop.call_soon_threadsafe(on_progress, progress)

        await asyncio.to_thread(self._start, tell)

    def _start(self, tell: OnProgress) -> None:
        with self._starting:
            for model in tuple(self._wanted or self._models):
                if model not in self._lanes:
                    self._lanes[model] = self._lane_of(model, tell)
            if self._worker is None:
                self._worker = Worker(self.name, lambda request: self._lanes[request.call.model])

    def _lane_of(self, model: str, tell: OnProgress) -> Lane:
        try:
            loaded = load(self._models[model], self._dtype, self._device, tell, model)
        except BaseException:
            # One that cannot be loaded must not keep the next start from loading others.
            self._wanted.pop(model, None)
            raise
        return Lane(loaded, self._max_batch, self._cache_mb)

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call, together with whatever else is asked at the time."""
        worker = self._worker
        if worker is None:
            raise EngineUnavailable(f"engine {self.name!r} is not started")
        request = self._request(call, on_text)
        if call.json_schema is not None and call.op == "generate":
            guides = self._lane(call.model).guides
            request.guide = await asyncio.to_thread(guides.guide, call.json_schema)
        worker.put(request)
        try:
            return await request.future
        except asyncio.CancelledError:
            request.cancelled = True
            self._given_up.add(call, request.cost)
            raise

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up; see `Engine`."""
        return await self._given_up.spent(call)

    def _request(self, call: Call, on_text: OnText | None) -> Request:
        loaded = self._lane(call.model).loaded
        if call.op == "classify":
            raise CallRefused(
                f"model {call.model!r} has no classification head",
                "give a model that has one to a vLLM server, or ask with `choose`",
            )
        dropped: tuple[str, ...] = ()
        if call.op == "embed":
            tokens = text_tokens(loaded, call)
        else:
            tokens, dropped = prompt(loaded, call)
        loop = asyncio.get_running_loop()
        return Request(
            call=call,
            tokens=tokens,
            dropped=dropped,
            options=option_tokens(loaded, call) if call.op == "choose" else (),
            on_text=on_text,
            loop=loop,
            future=loop.create_future(),
            cost=loop.create_future(),
            engine=self.name,
        )

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, the chat template included."""
        return len(render(self._lane(model).loaded, segments))

    def window(self, model: str) -> int:
        """The context of a loaded model in tokens."""
        return self._lane(model).loaded.window

    def reference(self, model: str) -> ModelRef:
        """Source and digests of a loaded model."""
        return self._lane(model).loaded.reference

    def describe(self) -> dict[str, Any]:
        """Kind, versions, device and precision, and which models carry their adapter.

        Replay is statistical: the same seed draws the same numbers, but a processor may round
        differently in batches of different sizes, and where a part of the prompt comes from the
        cache. With `max_batch=1` and `cache_mb=0` every call is computed alone: then a reply does
        not depend on the batch, and replay is exact on the same machine.
        """
        alone = self._max_batch == 1 and self._cache_mb == 0
        description: dict[str, Any] = {
            "name": self.name,
            "kind": "embedded",
            "seeds": True,
            "batch_invariant": alone,
            "replay": "exact" if alone else "statistical",
            "max_batch": self._max_batch,
            "versions": _versions(),
        }
        for lane in self._lanes.values():
            description["device"] = str(lane.loaded.model.device)
            description["dtype"] = str(lane.loaded.model.dtype).removeprefix("torch.")
        if self._lanes:
            description["models"] = {
                model: "with adapter" if lane.loaded.reference.adapter_sha256 else "base"
                for model, lane in self._lanes.items()
            }
        return description

    async def close(self) -> None:
        """End the thread and let go of the models."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        with self._starting:
            worker, self._worker = self._worker, None
            if worker is not None:
                worker.stop()
            self._lanes, self._wanted = {}, {}

    def _lane(self, model: str) -> Lane:
        try:
            return self._lanes[model]
        except KeyError:
            raise PoolError(
                f"model {model!r} is not loaded in engine {self.name!r}", "open the pool for it"
            ) from None


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in ("torch", "transformers"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
