"""Calls on their way to a vLLM server: cancelled ones are aborted there, and their cost is known."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from folkmoot.pool.vllm.given_up import GivenUp
from folkmoot.pool.vllm.transport import Transport
from folkmoot.pool.vllm.wire import read_usage
from folkmoot.records import Call, EngineError, Usage

_PATHS = ("/inference/v1/abort_requests", "/abort_requests")
"""The first with `--enable-scale-out` (vLLM 0.32), the second on `--tokens-only` servers."""

_WAITS_S = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Between two tries: an abort that overtakes its own request finds nothing to abort."""

_LAND_S = 5.0
"""Seconds after which a server that does not react is hung up on."""

Data = dict[str, Any]


class Aborted(NamedTuple):
    """What calls cost that were cancelled or out of time: tokens spent, no reply."""

    calls: int = 0
    prompt: int = 0
    cached: int | None = 0
    """None where the server does not report its cache."""
    completion: int = 0
    unmeasured: int = 0
    """Of these calls, those whose tokens the server did not tell."""


class Flights:
    """The requests that one engine has open.

    A server that can be told to abort a request answers it then with the tokens it had, and they
    equal what its `/metrics` count. Any other server is aborted by closing the connection: the
    call is counted, its tokens are not known.

    Attributes:
        aborted: what all of them cost so far.
        given_up: what each of them cost.
    """

    def __init__(self, http: Transport) -> None:
        self._http = http
        self._path: str | None = None
        self._landing: set[asyncio.Task[Usage | None]] = set()
        self.aborted = Aborted()
        self.given_up = GivenUp()

    @property
    def measured(self) -> bool:
        """Whether the server tells what an aborted call cost."""
        return self._path is not None

    async def probe(self) -> None:
        """Find out whether the server can be told to abort."""
        self._path = None
        for path in _PATHS:
            # Never an empty list: to some servers that means everyone's requests.
            if await self._http.tell(path, {"request_ids": ["chatcmpl-folkmoot-no-such-request"]}):
                self._path = path
                return

    async def fly(self, call: Call, request_id: str, request: Coroutine[Any, Any, Data]) -> Data:
        """The answer to a call's request. Cancelling this aborts the request on the server."""
        if self._path is None:
            return await self._fly_blind(call, request)
        flight = asyncio.create_task(request)
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            if flight.cancelling():  # The loop is closing and takes everything with it.
                self._count(None)
                self.given_up.unknown(call)
                raise
            landing = asyncio.create_task(self._land(flight, self._path, request_id))
            self._landing.add(landing)
            self.given_up.add(call, landing)
            landing.add_done_callback(self._landing.discard)
            raise

    async def settled(self) -> None:
        """Wait until every aborted call has been accounted for."""
        while self._landing:
            await asyncio.wait(set(self._landing))

    async def _fly_blind(self, call: Call, request: Coroutine[Any, Any, Data]) -> Data:
        try:
            return await request
        except asyncio.CancelledError:
            self._count(None)
            self.given_up.unknown(call)
            raise

    async def _land(self, flight: asyncio.Task[Data], path: str, request_id: str) -> Usage | None:
        """Abort until the request is answered, and count what it cost."""
        try:
            async with asyncio.timeout(_LAND_S):
                for wait in _WAITS_S:
                    if not flight.done():
                        await self._http.tell(path, {"request_ids": [f"chatcmpl-{request_id}"]})
                        await asyncio.wait({flight}, timeout=wait)
            return self._count(flight.result() if flight.done() else None)
        except (EngineError, TimeoutError):
            return self._count(None)
        finally:
            flight.cancel()
            with suppress(asyncio.CancelledError, EngineError):
                await flight

    def _count(self, data: Data | None) -> Usage | None:
        """Add what an aborted call cost to the sum."""
        was = self.aborted
        usage = None if data is None else read_usage(data)
        if usage is None:
            self.aborted = was._replace(calls=was.calls + 1, unmeasured=was.unmeasured + 1)
            return None
        if not usage.completion:
            # A server counts a prompt when its first token is out; one aborted before is not counted.
            usage = Usage(prompt=0, cached=0, completion=0)
        self.aborted = was._replace(
            calls=was.calls + 1,
            prompt=was.prompt + usage.prompt,
            cached=None
            if was.cached is None or usage.cached is None
            else was.cached + usage.cached,
            completion=was.completion + usage.completion,
        )
        return usage
