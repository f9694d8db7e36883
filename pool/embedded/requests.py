"""A call on its way through the embedded engine: asked on an event loop, answered by a thread."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from folkmoot.pool.embedded.decoding import Line
from folkmoot.pool.embedded.detokenise import Pieces
from folkmoot.pool.engine import OnText
from folkmoot.records import Call, EngineUnavailable, Reply, Usage, scrub


@dataclass(eq=False)
class Request:
    """One call, its prompt in tokens, and the one who waits for it.

    Attributes:
        cancelled: set on the event loop, read by the thread before each step.
        cost: what it cost, once nothing more is done for it; for a caller that gave it up.
    """

    call: Call
    tokens: list[int]
    dropped: tuple[str, ...]
    options: tuple[int, ...]
    """choose: the first token of each option."""
    on_text: OnText | None
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Reply]
    cost: asyncio.Future[Usage | None]
    engine: str
    guide: Any = None
    began: float = field(default_factory=time.monotonic)
    cancelled: bool = False
    line: Line | None = None
    pieces: Pieces | None = None
    cached: int = 0

    def show(self) -> None:
        """Send what is new of the text to the watcher, if there is one."""
        if self.on_text is None or self.pieces is None or self.line is None:
            return
        piece = self.pieces.new(self.line.tokens, last=self.line.finish is not None)
        if piece:
            self._post(self.on_text, piece)

    def written(self, text: str) -> None:
        """Answer with a text, as the line ended."""
        assert self.line is not None
        text = scrub(text).strip()
        finish = self.line.finish
        state = "empty" if not text else "cut_off" if finish == "length" else "ok"
        self._reply(state, text=text, finish=finish, completion=self.line.drawn)

    def weighed(self, logprobs: tuple[float, ...]) -> None:
        """Answer with the options' log-probabilities."""
        self._reply("ok", logprobs=logprobs)

    def embedded(self, vector: tuple[float, ...]) -> None:
        """Answer with a vector."""
        self._reply("ok", vector=vector)

    def fail(self, error: EngineUnavailable) -> None:
        """Let the caller know that there will be no answer."""
        self.left()
        self._post(_fail, self.future, error)

    def left(self) -> None:
        """Say what it has cost, now that it is no longer worked on."""
        begun = self.line is not None
        usage = Usage(
            prompt=len(self.tokens) if begun else 0,
            cached=self.cached,
            completion=self.line.drawn if self.line else 0,
        )
        self._post(_settle, self.cost, usage)

    def _reply(self, state: Any, completion: int = 0, **fields: Any) -> None:
        usage = Usage(prompt=len(self.tokens), cached=self.cached, completion=completion)
        self._post(_settle, self.cost, usage)
        reply = Reply.to(
            self.call,
            state,
            usage=usage,
            dropped=self.dropped,
            engine=self.engine,
            took_ms=round(1000 * (time.monotonic() - self.began)),
            **fields,
        )
        self._post(_answer, self.future, reply)

    def _post(self, act: Callable[..., None], *given: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(act, *given)


def _answer(future: asyncio.Future[Reply], reply: Reply) -> None:
    if not future.done():
        future.set_result(reply)


def _settle(cost: asyncio.Future[Usage | None], usage: Usage) -> None:
    if not cost.done():
        cost.set_result(usage)


def _fail(future: asyncio.Future[Reply], error: EngineUnavailable) -> None:
    if not future.done():
        future.set_exception(error)
