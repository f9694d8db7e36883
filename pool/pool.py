"""The pool: every engine a run may use behind one `answer`, which never fails for an engine's faults."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

from folkmoot.pool.config import PATIENCE_S, read_pool
from folkmoot.pool.embedded import Embedded
from folkmoot.pool.engine import Engine, OnProgress, OnText
from folkmoot.pool.replay import Replay
from folkmoot.pool.scripted import AnswerFn, Scripted
from folkmoot.pool.vllm_client import VllmEngine
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
from folkmoot.records.journal_reader import read_journal

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 3.0
_WEAKEST_FIRST = ("none", "statistical", "exact")


@runtime_checkable
class Adopting(Protocol):
    """An engine that makes ready only for the models it is told of, listed or not."""

    def adopt(self, model: str) -> bool:
        """Whether it will answer for this name once it is started."""
        ...

    @property
    def takes(self) -> str:
        """What else it could take on, for a message; "" for nothing."""
        ...


class Pool:
    """Engines, and which of them answers for which model.

    Engines are started when they are first needed. Runs side by side share them: without more, the
    last run to end closes them; `open`, or `async with` the pool, keeps them until `close`.

    Args:
        engines: where two answer for one model, the first does.
        patience_s: seconds to wait for an engine to come back.
    """

    def __init__(self, engines: Sequence[Engine], patience_s: float = PATIENCE_S) -> None:
        self.engines = tuple(engines)
        self.patience_s = patience_s
        self._routes: dict[str, Engine] = {}
        self._kept = False
        self._holders = 0
        self._lock = asyncio.Lock()

    @classmethod
    def embedded(cls, model: str = "smollm2", **settings: Any) -> Self:
        """A pool of one embedded engine; other references are loaded when a panel names them.

        Args:
            model: the model to have at hand: a packaged name, a folder or a hub id.
            settings: as `Embedded` takes them.
        """
        return cls([Embedded([model], **settings)])

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """The pool of a file; see `config`. Nothing is started.

        Raises:
            PoolError: the file cannot be used; one line for each fault.
        """
        return cls(*read_pool(path))

    @classmethod
    def served(cls, url: str, models: Mapping[str, str] | Sequence[str], **settings: Any) -> Self:
        """A pool of one vLLM server that is there already.

        Args:
            url: `http://host:port`.
            models: what panels call a model → what the server calls it; or names that are the same.
            settings: as `VllmEngine` takes them.
        """
        names = models if isinstance(models, Mapping) else {model: model for model in models}
        return cls([VllmEngine("served", url, names, **settings)])

    @classmethod
    def scripted(cls, answer_fn: AnswerFn, models: Sequence[str] | None = None) -> Self:
        """A pool for tests: a function answers, for these models or for any. See `Scripted`."""
        return cls([Scripted(answer_fn, models)])

    @classmethod
    def recorded(cls, record: str | Path | Iterable[Reply]) -> Self:
        """A pool that answers from a record's replies and from nothing else.

        Args:
            record: the folder of a run, or replies.

        Raises:
            RecordError: there is no readable record in that folder.
        """
        if isinstance(record, str | Path):
            record = read_journal(record).replies.values()
        return cls([Replay(record)])

    async def __aenter__(self) -> Self:
        self._kept = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def opened(self) -> bool:
        """Whether there are models that it is ready to answer for."""
        return bool(self._routes)

    async def open(self, models: Iterable[str], on_progress: OnProgress | None = None) -> None:
        """Make ready for these models, until `close`: start the engines that answer for them.

        May be repeated.

        Raises:
            PoolError: no engine knows a model, or an engine cannot start.
        """
        async with self._turn():
            await self._start(models, on_progress)
            self._kept = True

    @asynccontextmanager
    async def held(
        self, models: Iterable[str], on_progress: OnProgress | None = None
    ) -> AsyncIterator[None]:
        """Be ready for these models for as long as the block lasts.

        Raises:
            PoolError: as for `open`.
        """
        self._holders += 1
        try:
            async with self._turn():
                await self._start(models, on_progress)
            yield
        finally:
            self._holders -= 1
            async with self._turn():
                if not (self._holders or self._kept):
                    await self._stop()

    async def close(self) -> None:
        """Let go of every engine. Idempotent."""
        async with self._turn():
            self._kept = False
            await self._stop()

    def _turn(self) -> asyncio.Lock:
        # A lock belongs to the event loop that first waits for it, and a pool may see several.
        if not self._lock.locked():
            self._lock = asyncio.Lock()
        return self._lock

    async def _start(self, models: Iterable[str], on_progress: OnProgress | None) -> None:
        found = {model: self._find(model) for model in dict.fromkeys(models)}
        needed = {id(engine): engine for engine in found.values()}
        try:
            async with asyncio.TaskGroup() as starts:
                for engine in needed.values():
                    starts.create_task(engine.start(on_progress))
        except ExceptionGroup as faults:  # the first ended the others: it is the one to tell
            raise faults.exceptions[0] from None
        self._routes |= found

    async def _stop(self) -> None:
        self._routes = {}
        await asyncio.gather(*(engine.close() for engine in self.engines))

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The reply to a call, whatever happens to the engine.

        Where the engine is gone, the call is asked again until it is back or patience ends; then
        the reply is `unavailable`. A call that can never be answered gets a reply `refused`.

        Raises:
            PoolError: the pool was not opened for the call's model.
        """
        engine = self._engine(call.model)
        try:
            return await engine.answer(call, on_text)
        except EngineUnavailable as fault:
            return await self._again(engine, call, fault)
        except CallRefused as fault:
            return Reply.to(call, "refused", error=fault.message, engine=engine.name)

    async def spent(self, call: Call) -> Usage | None:
        """What this very call has cost where no reply came of it; see `Engine.spent`."""
        return await self._engine(call.model).spent(call)

    async def _again(self, engine: Engine, call: Call, fault: EngineUnavailable) -> Reply:
        """Ask again with growing waits. Without streaming: a watcher may have seen the beginning."""
        until, wait, retries = time.monotonic() + self.patience_s, _FIRST_WAIT_S, 0
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(wait, left))
            wait, retries = min(2 * wait, _LONGEST_WAIT_S), retries + 1
            try:
                reply = await engine.answer(call)
            except EngineUnavailable as again:
                fault = again
            except CallRefused as refusal:
                return Reply.to(
                    call, "refused", error=refusal.message, engine=engine.name, retries=retries
                )
            else:
                return reply.model_copy(update={"retries": retries})
        return Reply.to(
            call, "unavailable", error=fault.message, engine=engine.name, retries=retries
        )

    def window(self, model: str) -> int:
        """The context of a model in tokens, prompt and completion together."""
        return self._engine(model).window(model)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt for a model, its chat template included."""
        return await self._engine(model).count(model, segments)

    def references(self, models: Iterable[str]) -> tuple[ModelRef, ...]:
        """What pins each model, in the order given, each once."""
        return tuple(self._engine(model).reference(model) for model in dict.fromkeys(models))

    def describe(self) -> tuple[dict[str, Any], ...]:
        """Every engine in use as it describes itself; before `open`, every engine there is."""
        used = {id(engine) for engine in self._routes.values()}
        return tuple(engine.describe() for engine in self.engines if not used or id(engine) in used)

    @property
    def replay(self) -> Literal["exact", "statistical", "none"]:
        """What asking again would give: the weakest promise of its engines."""
        promises = [_WEAKEST_FIRST.index(each["replay"]) for each in self.describe()]
        return _WEAKEST_FIRST[min(promises, default=0)]

    def _engine(self, model: str) -> Engine:
        try:
            return self._routes[model]
        except KeyError:
            raise PoolError(
                f"the pool is not open for model {model!r}", f"await pool.open([{model!r}]) first"
            ) from None

    def _find(self, model: str) -> Engine:
        listing = (engine for engine in self.engines if model in engine.models)
        for engine in (*listing, *self.engines):
            known = model in engine.models
            if engine.adopt(model) if isinstance(engine, Adopting) else known:
                return engine
        raise PoolError(f"unknown model {model!r}", self._known(), model)

    def _known(self) -> str:
        known: dict[str, None] = {}
        for engine in self.engines:
            takes = engine.takes if isinstance(engine, Adopting) else ""
            known |= dict.fromkeys(name for name in engine.models if name not in takes)
            known |= {takes: None} if takes else {}
        return f"known here: {', '.join(known) or 'no model'}"
