"""An engine whose replies a test writes: a plain function in place of a model."""

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.records import Call, ModelRef, Reply, Segment, Usage, scrub

ZERO = -9999.0
"""The log-probability that stands for zero probability."""

Answered = str | Sequence[float] | Reply | Exception
"""A text (generate), probabilities (choose, classify), a vector (embed), a whole reply, or an
exception to raise."""

AnswerFn = Callable[[Call], Answered | Awaitable[Answered]]


class Scripted:
    """Answers every call with what a function makes of it.

    Args:
        answer_fn: from a call to its answer; it may be a coroutine function.
        models: the names it answers for; None for any name.
        delay_s: seconds before each answer.
        window: tokens, by its own count: one a word.
        name: as replies and descriptions name it.

    Attributes:
        history: every call that it was asked, in order.
    """

    def __init__(
        self,
        answer_fn: AnswerFn,
        models: Sequence[str] | None = None,
        *,
        delay_s: float = 0.0,
        window: int = 1_000_000,
        name: str = "scripted",
    ) -> None:
        self.name = name
        self.history: list[Call] = []
        self._answer = answer_fn
        self._any = models is None
        self._models = dict.fromkeys(models or ())
        self._delay_s = delay_s
        self._window = window

    @property
    def models(self) -> tuple[str, ...]:
        """The names it answers for."""
        return tuple(self._models)

    def adopt(self, model: str) -> bool:
        """Answer for this name too, where it was not limited to given ones."""
        if self._any:
            self._models[model] = None
        return model in self._models

    @property
    def takes(self) -> str:
        """Any name, unless it was limited to given ones."""
        return "any name" if self._any else ""

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Nothing to make ready."""

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """What the function makes of the call; raises what it returns or raises."""
        self.history.append(call)
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        said = self._answer(call)
        if inspect.isawaitable(said):
            said = await said
        if isinstance(said, Exception):
            raise said
        reply = self._reply(call, said)
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    async def spent(self, call: Call) -> Usage | None:
        """Nothing: what counts is what was answered."""
        return Usage(prompt=0, cached=0, completion=0)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Words of the segments."""
        return sum(_words(segment.text) for segment in segments)

    def window(self, model: str) -> int:
        """As given."""
        return self._window

    def reference(self, model: str) -> ModelRef:
        """The name alone: nothing pins a function."""
        return ModelRef(name=model, source="scripted")

    def describe(self) -> dict[str, Any]:
        """Kind, and that the same calls get the same replies."""
        promises = {"seeds": True, "batch_invariant": True, "replay": "exact"}
        return {"name": self.name, "kind": "scripted", **promises}

    async def close(self) -> None:
        """Nothing to let go of."""

    def _reply(self, call: Call, said: Answered) -> Reply:
        if isinstance(said, Reply):
            return said
        prompt = sum(_words(segment.text) for segment in call.segments)
        if isinstance(said, str):
            text = scrub(said).strip()
            return Reply.to(
                call,
                "ok" if text else "empty",
                text=text,
                finish="stop",
                usage=Usage(prompt=prompt, completion=_words(text)),
                engine=self.name,
            )
        if isinstance(said, Exception) or call.op == "generate":
            raise TypeError(f"the script answered {call.op} call {call.id} with {said!r}")
        numbers = tuple(float(number) for number in said)
        weighed = {"vector": numbers} if call.op == "embed" else {"logprobs": _logs(numbers)}
        usage = Usage(prompt=prompt, completion=0)
        return Reply.to(call, "ok", usage=usage, engine=self.name, **weighed)


def _words(text: str) -> int:
    return len(text.split())


def _logs(probabilities: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(math.log(p), 6) if p > 0 else ZERO for p in probabilities)
