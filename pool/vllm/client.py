"""The engine over a running vLLM server: a slim client, few connections, nothing assumed of it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from folkmoot.pool.admission import Room
from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.vllm.alone import alone, pages
from folkmoot.pool.vllm.asking import Asking
from folkmoot.pool.vllm.cache import read_cache_tokens
from folkmoot.pool.vllm.flights import Aborted, Flights
from folkmoot.pool.vllm.http import Http
from folkmoot.pool.vllm.metrics import Counters, read_counters
from folkmoot.pool.vllm.promises import Promises
from folkmoot.pool.vllm.tokens import Tokens
from folkmoot.pool.vllm.wire import Card, read_models, read_version
from folkmoot.records import (
    Call,
    CallRefused,
    EngineError,
    EngineUnavailable,
    ModelRef,
    PoolError,
    Reply,
    Segment,
    Usage,
)

_START_S = 30.0
"""Seconds that a server may take to say what it serves."""


class VllmEngine:
    """Answers calls from a vLLM server (0.26 or later) at a URL.

    Prompts go as chat messages, so that the server's own template lays them out; a last assistant
    segment is continued. Options are weighed by one greedy step with `logprob_token_ids`: exact
    log-probabilities over the whole vocabulary, and the prefix cache still serves the prompt. That
    step's token is a completion token, since the server counts it. Control tokens in texts are
    broken before they are sent. `classify` is refused: vLLM's `/classify` takes single texts.

    Args:
        name: as replies and descriptions name it.
        url: `http://host:port`.
        models: what panels call a model → what the server calls it.
        key_env: the environment variable with the server's API key.
        connections: calls on their way at once; the rest wait here.
        seeds: whether a call's seed is sent. None means no: on a CPU server with chunked prefill,
            its default, one request with a seed kills the engine and every call in flight.
        batch_invariant: whether its replies are the same whatever else it computes at the time
            (`VLLM_BATCH_INVARIANT`); None where that is not known.
        timeout_s: seconds a call may take once it is on its way.
        controls: control tokens of the tokenizer, where they are known, beside the usual ones.
        window: tokens of context, where the server does not say, or fewer are wanted.
    """

    def __init__(
        self,
        name: str,
        url: str,
        models: Mapping[str, str],
        *,
        key_env: str | None = None,
        connections: int = 64,
        seeds: bool | None = None,
        batch_invariant: bool | None = None,
        timeout_s: float = 600.0,
        controls: Sequence[str] = (),
        window: int | None = None,
    ) -> None:
        self.name = name
        self._models = dict(models)
        self._connections = connections
        self._promises = Promises(bool(seeds), batch_invariant)
        self._http = Http(url, key_env, connections)
        self._flights = Flights(self._http)
        self._tokens = Tokens(self._http, controls)
        self._asking = Asking(
            name,
            self._http,
            self._flights,
            self._tokens,
            controls=controls,
            seeds=self._promises.seeds,
            timeout_s=timeout_s,
            places=asyncio.Semaphore(connections),
        )
        self._window = window
        self._windows: dict[str, int] = {}
        self._version: str | None = None
        self._cache: int | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The model names it answers for."""
        return tuple(self._models)

    @property
    def room(self) -> Room:
        """The calls that it may have on their way, and the tokens that the server's cache holds."""
        return Room(self._connections, self._cache)

    @property
    def aborted(self) -> Aborted:
        """What cancelled and timed-out calls have cost so far; see `settled`."""
        return self._flights.aborted

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """See that the server is there and serves every model.

        Raises:
            PoolError: no server answers, it does not accept the key, or a model is not served.
        """
        if self._windows:
            return
        if on_progress is not None:
            on_progress(Progress(f"asking {self._http.address}"))
        await self._http.open()
        try:
            async with asyncio.timeout(_START_S):
                data = await self._http.get_object("/v1/models")
                served = read_models(data, self._http.address)
                self._version = await self._asked_version()
                found = await pages(self._http)
                self._cache = read_cache_tokens(found[0]) if found else None
                if await alone(self._http, found):
                    await self._flights.probe()
                windows = self._found(served)
                await self._tokens.probe(next(iter(self._models.values())))
        except (EngineError, TimeoutError) as error:
            await self._http.close()
            raise self._not_started(error) from error
        except PoolError:
            await self._http.close()
            raise
        self._windows = windows

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """Answer one call; see `Engine`. Out of time is EngineUnavailable, and aborted.

        So is an answer that is not as vLLM gives it; of one whose usage alone is not, the reply
        has no usage.
        """
        served = self._models.get(call.model)
        if served is None:
            raise CallRefused(f"engine {self.name!r} has no model {call.model!r}")
        room = self._windows.get(call.model)
        if room is None:
            raise EngineUnavailable(f"engine {self.name!r} is not started")
        return await self._asking.reply(call, served, room, on_text)

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up; see `Engine`. None where the server does not tell."""
        return await self._flights.given_up.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt, as the server counts them."""
        self.window(model)
        return await self._tokens.of_chat(self._models[model], segments)

    def window(self, model: str) -> int:
        """The served context in tokens, prompt and completion together."""
        if model not in self._windows:
            raise PoolError(
                f"model {model!r} is not served by engine {self.name!r}", "open the pool for it"
            )
        return self._windows[model]

    def reference(self, model: str) -> ModelRef:
        """The name on the server: what lies behind it only the server knows."""
        return ModelRef(name=model, source="served", revision=self._models.get(model))

    def describe(self) -> dict[str, Any]:
        """For the record; see `Promises` for what it says of asking again."""
        return {
            "name": self.name,
            "kind": "vllm",
            "url": self._http.address,
            "version": self._version,
            "models": dict(self._models),
            "connections": self._connections,
            "aborts": "measured" if self._flights.measured else "counted",
            **({"tokens": "estimated"} if self._tokens.estimated else {}),
            **self._promises.described(),
        }

    async def counters(self) -> Counters:
        """What the server has counted, over all its clients."""
        return read_counters(await self.metrics())

    async def metrics(self) -> str:
        """The text of the server's `/metrics`. May be asked before `start`."""
        await self._http.open()
        return (await self._http.get("/metrics")).decode(errors="replace")

    async def settled(self) -> None:
        """Wait until `aborted` holds every call that was called off."""
        await self._flights.settled()

    async def healthy(self) -> bool:
        """Whether the server says that it can answer."""
        try:
            await self._http.open()
            await self._http.get("/health")
        except EngineError:
            return False
        return True

    async def see(self) -> None:
        """See that it answers, whatever it tells of itself. May be asked before `start`.

        Raises:
            EngineUnavailable: it does not, or says that it is not well.
            CallRefused: it does not accept the key.
        """
        await self._http.open()
        with suppress(CallRefused):  # Others than vLLM may have no such page.
            await self._http.get("/health")
        await self._http.get_object("/v1/models")

    async def close(self) -> None:
        """Close every connection; what is in flight is aborted. Idempotent."""
        await self._flights.settled()
        await self._http.close()
        self._windows = {}

    async def _asked_version(self) -> str | None:
        try:
            said = json.loads(await self._http.get("/version"))
        except (CallRefused, ValueError, RecursionError):
            return None
        return read_version(said, self._http.address)

    def _not_started(self, error: EngineError | TimeoutError) -> PoolError:
        hint = "is a vLLM server running at this address?"
        if isinstance(error, EngineError):
            return PoolError(f"engine {self.name!r}: {error.message}", error.hint or hint)
        said = f"{self._http.address} did not answer in {_START_S:g} s"
        return PoolError(f"engine {self.name!r}: {said}", hint)

    def _found(self, cards: dict[str, Card]) -> dict[str, int]:
        """The window of every model; an adapter has that of the model it adapts."""
        windows: dict[str, int] = {}
        for model, name in self._models.items():
            card = cards.get(name)
            if card is None:
                known = ", ".join(map(repr, cards)) or "nothing"
                raise PoolError(
                    f"engine {self.name!r}: the server at {self._http.address} does not serve "
                    f"{name!r} (for model {model!r})",
                    f"it serves {known}",
                )
            parent = cards.get(card.parent) if card.parent else None
            said = card.window or (parent.window if parent else None) or self._window
            if said is None:
                raise PoolError(
                    f"engine {self.name!r}: {self._http.address} does not say how many tokens of "
                    f"context {name!r} has: it is no vLLM server",
                    "give them as `window` of the engine",
                )
            windows[model] = min(said, self._window or said)
        return windows
