"""The pool: every engine a run may use behind one `answer`, which never fails for an engine's faults."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

from folkmoot.pool.config import PATIENCE_S, read_pool
from folkmoot.pool.desk import Desk, Load
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.engine import Engine, OnProgress, OnText
from folkmoot.pool.person import Person
from folkmoot.pool.replay import Replay
from folkmoot.pool.scripted import AnswerFn, Scripted
from folkmoot.pool.up.attach import attach
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.records import (
    HUMAN,
    Call,
    ModelRef,
    PoolError,
    Reply,
    Segment,
    Usage,
)
from folkmoot.records.journal_reader import read_journal

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
        engines: each model is answered for by one of them; see `Replicas` for several.
        patience_s: seconds to wait for an engine to come back.

    Raises:
        PoolError: two engines answer for one model: it would never be seen that one is idle.

    Attributes:
        on_reply: hears every call and what came of it; see `prometheus`.
    """

    def __init__(self, engines: Sequence[Engine], patience_s: float = PATIENCE_S) -> None:
        self.engines = tuple(engines)
        _check_models(self.engines)
        self.patience_s = patience_s
        self.on_reply: Callable[[Call, Reply], None] | None = None
        self._person = Person()
        self._routes: dict[str, Desk] = {}
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

        Of a pool that is up (`folkmoot pool up`) it uses the servers; see `attach`.

        Raises:
            PoolError: the file cannot be used; one line for each fault. Or its pool is up with
                another content.
        """
        settings = attach(read_pool(path), path)
        return cls(settings.engines, settings.patience_s)

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
        """Let go of every engine; calls that still wait end as `unavailable`. Idempotent."""
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
        desks = {id(desk.engine): desk for desk in self._routes.values()}
        for model, engine in found.items():
            desk = desks.setdefault(id(engine), Desk(engine, self.patience_s))
            self._routes.setdefault(model, desk)

    async def _stop(self) -> None:
        routes, self._routes = self._routes, {}
        for desk in set(routes.values()):
            desk.close()
        await asyncio.gather(*(engine.close() for engine in self.engines))

    async def answer(self, call: Call, on_text: OnText | None = None, run: str = "") -> Reply:
        """The reply to a call, whatever happens to the engine.

        More calls than the engine can have on its way wait here, and runs and seats share it fairly.
        Where the engine is gone, the call is asked again until it is back or patience ends; then
        the reply is `unavailable`. A call that can never be answered gets a reply `refused`.

        Args:
            call: what is asked.
            on_text: hears a generated text as it comes.
            run: whose call it is: the id of its run.

        Raises:
            PoolError: the pool was not opened for the call's model.
        """
        reply = await self._desk(call.model).answer(call, on_text, run)
        if self.on_reply is not None:
            self.on_reply(call, reply)
        return reply

    async def spent(self, call: Call) -> Usage | None:
        """What this very call has cost where no reply came of it; see `Engine.spent`."""
        return await self._engine(call.model).spent(call)

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
        used = {id(desk.engine) for desk in self._routes.values()}
        every = [engine for engine in self.engines if not used or id(engine) in used]
        every += [self._person] if id(self._person) in used else []
        return tuple(engine.describe() for engine in every)

    def asks_a_person(self, model: str) -> bool:
        """Whether a person answers for this model: then `answer` is not for its calls."""
        return self._engine(model) is self._person

    @property
    def replay(self) -> Literal["exact", "statistical", "none"]:
        """What asking again would give: the weakest promise of its engines."""
        promises = [_WEAKEST_FIRST.index(each["replay"]) for each in self.describe()]
        return _WEAKEST_FIRST[min(promises, default=0)]

    @property
    def loads(self) -> dict[str, Load]:
        """What stands before each engine in use, by the engine's name."""
        return {desk.engine.name: desk.load for desk in self._routes.values()}

    def _engine(self, model: str) -> Engine:
        return self._desk(model).engine

    def _desk(self, model: str) -> Desk:
        try:
            return self._routes[model]
        except KeyError:
            raise PoolError(
                f"the pool is not open for model {model!r}", f"await pool.open([{model!r}]) first"
            ) from None

    def _find(self, model: str) -> Engine:
        if model == HUMAN:
            return self._person_or_record()
        listing = (engine for engine in self.engines if model in engine.models)
        for engine in (*listing, *self.engines):
            known = model in engine.models
            if engine.adopt(model) if isinstance(engine, Adopting) else known:
                return engine
        raise PoolError(f"unknown model {model!r}", self._known(), model)

    def _person_or_record(self) -> Engine:
        """Who answers for people: a record, an engine that names them as its model, else they."""
        for engine in self.engines:
            if HUMAN in engine.models or (isinstance(engine, Replay) and engine.adopt(HUMAN)):
                return engine
        return self._person

    def _known(self) -> str:
        known: dict[str, None] = {}
        for engine in self.engines:
            takes = engine.takes if isinstance(engine, Adopting) else ""
            known |= dict.fromkeys(name for name in engine.models if name not in takes)
            known |= {takes: None} if takes else {}
        return f"known here: {', '.join(known) or 'no model'}"


def _check_models(engines: Sequence[Engine]) -> None:
    owners: dict[str, str] = {}
    for engine in engines:
        for model in engine.models:
            if model in owners:
                raise PoolError(
                    f"two engines answer for {model!r}: {owners[model]!r} and {engine.name!r}",
                    "give it to one of them, or make them Replicas",
                    model,
                )
            owners[model] = engine.name
