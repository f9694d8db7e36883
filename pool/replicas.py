"""Replicas: several engines of the same models; a call goes where its beginning is held already."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from folkmoot.pool.admission import BOUNDLESS, Bounded, Room
from folkmoot.pool.breaker import Breaker
from folkmoot.pool.engine import Engine, OnProgress, OnText
from folkmoot.records import (
    Call,
    EngineRefused,
    EngineUnavailable,
    ModelRef,
    Reply,
    Segment,
    Usage,
)

_REMEMBERED = 8192
"""Beginnings of prompts remembered for each replica; beyond, the oldest goes."""

_AHEAD = 4
"""Calls that a replica may have on its way more than another and still get the ones whose beginning
it holds: what bounds how much one slow replica is waited for."""


@dataclass(eq=False)
class _Replica:
    engine: Engine
    breaker: Breaker = field(default_factory=Breaker)
    flying: int = 0
    answered: int = 0
    held: OrderedDict[bytes, None] = field(default_factory=OrderedDict[bytes, None])
    refusal: EngineRefused | None = None
    """Where it refused, whatever it was asked, when it was asked last."""

    @property
    def has_room(self) -> bool:
        """Whether it is not full."""
        most = self.engine.room.calls if isinstance(self.engine, Bounded) else None
        return most is None or self.flying < most

    def holds(self, beginnings: Sequence[tuple[bytes, int]]) -> int:
        """Characters of the longest of these beginnings that it has been sent before."""
        return max((size for key, size in beginnings if key in self.held), default=0)

    def remember(self, beginnings: Sequence[tuple[bytes, int]]) -> None:
        for key, _ in beginnings:
            self.held[key] = None
            self.held.move_to_end(key)
        while len(self.held) > _REMEMBERED:
            self.held.popitem(last=False)


class Replicas:
    """Engines that answer for the same models, as one.

    A call goes to the replica that was sent the longest beginning of its prompt, since that one has
    it in its prefix cache, unless it is full or has more calls on their way than another by a bound;
    among equals to the least loaded. One that fails is passed over until it answers again.

    Args:
        name: as descriptions name it; a reply names the replica that gave it.
        engines: the replicas; their models are the same.
    """

    def __init__(self, name: str, engines: Sequence[Engine]) -> None:
        self.name = name
        self._replicas = tuple(_Replica(engine) for engine in engines)

    @property
    def models(self) -> tuple[str, ...]:
        """The model names that they answer for."""
        return self._first.models

    @property
    def engines(self) -> tuple[Engine, ...]:
        """The replicas."""
        return tuple(each.engine for each in self._replicas)

    @property
    def room(self) -> Room:
        """What all of them can have on their way together."""
        rooms = [each.room for each in self.engines if isinstance(each, Bounded)]
        if len(rooms) < len(self._replicas):
            return BOUNDLESS
        return Room(_sum([each.calls for each in rooms]), _sum([each.tokens for each in rooms]))

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start all of them.

        Raises:
            PoolError: one cannot start.
        """
        try:
            async with asyncio.TaskGroup() as starts:
                for engine in self.engines:
                    starts.create_task(engine.start(on_progress))
        except ExceptionGroup as faults:  # the first ended the others: it is the one to tell
            raise faults.exceptions[0] from None

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The reply of one of them; where one fails, of another.

        Raises:
            EngineUnavailable: none of them answers.
            CallRefused: it can never be answered; or each of them refuses, whatever it is asked.
        """
        beginnings = tuple(_beginnings(call))
        untried = list(self._replicas)
        faults: list[str] = []
        gone: EngineUnavailable | None = None
        while untried:
            replica = self._best([each for each in untried if each.breaker.passes], beginnings)
            if replica is None:
                break
            untried.remove(replica)
            try:
                reply = await self._asked(replica, call, None if faults else on_text, beginnings)
            except (EngineUnavailable, EngineRefused) as fault:
                faults.append(fault.message)
                gone = fault if isinstance(fault, EngineUnavailable) else gone
            else:
                return _after(reply, faults)
        refusals = [each.refusal for each in self._replicas if each.refusal is not None]
        if len(refusals) == len(self._replicas):
            raise refusals[0]
        if gone is not None:
            raise gone
        raise EngineUnavailable(next(each.breaker.fault for each in self._replicas))

    async def _asked(
        self,
        replica: _Replica,
        call: Call,
        on_text: OnText | None,
        beginnings: Sequence[tuple[bytes, int]],
    ) -> Reply:
        trying = replica.breaker.enter()
        replica.remember(beginnings)
        replica.flying += 1
        try:
            reply = await replica.engine.answer(call, on_text)
        except EngineUnavailable as fault:
            replica.breaker.failed(trying, fault.message, id(call))
            replica.refusal = None
            if not fault.alive:
                replica.held.clear()  # Started again, it holds nothing.
            raise
        except EngineRefused as refusal:
            replica.breaker.failed(trying, refusal.message, id(call))
            replica.refusal = refusal
            raise
        except BaseException:
            replica.breaker.left(trying)
            raise
        finally:
            replica.flying -= 1
        replica.breaker.answered(trying)
        replica.refusal = None
        replica.answered += 1
        return reply

    def _best(
        self, able: Sequence[_Replica], beginnings: Sequence[tuple[bytes, int]]
    ) -> _Replica | None:
        if not able:
            return None
        able = [each for each in able if each.has_room] or able
        least = min(each.flying for each in able)
        free = [each for each in able if each.flying <= least + _AHEAD]
        return max(free, key=lambda each: (each.holds(beginnings), -each.flying, -each.answered))

    async def spent(self, call: Call) -> Usage | None:
        """What a call cost that was given up, on all of them."""
        return Usage.sum([await engine.spent(call) for engine in self.engines])

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """Tokens of the segments as a prompt."""
        able = [each for each in self._replicas if each.breaker.passes] or [*self._replicas]
        for replica in able[:-1]:
            with suppress(EngineUnavailable, EngineRefused):
                return await replica.engine.count(model, segments)
        return await able[-1].engine.count(model, segments)

    def window(self, model: str) -> int:
        """The smallest context of the replicas."""
        return min(engine.window(model) for engine in self.engines)

    def reference(self, model: str) -> ModelRef:
        """What pins the model."""
        return self._first.reference(model)

    def describe(self) -> dict[str, Any]:
        """Kind, each replica as it describes itself, and what all of them promise."""
        replicas = [engine.describe() for engine in self.engines]
        promises = [each["replay"] for each in replicas]
        weakest = next(each for each in ("none", "statistical", "exact") if each in promises)
        all_of_them = {
            name: all(each[name] for each in replicas)
            for name in ("seeds", "batch_invariant")
            if all(name in each for each in replicas)
        }
        return {
            "name": self.name,
            "kind": "replicas",
            **all_of_them,
            "replay": weakest,
            "replicas": replicas,
        }

    async def close(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(engine.close() for engine in self.engines))

    @property
    def _first(self) -> Engine:
        return self._replicas[0].engine


def _beginnings(call: Call) -> Iterator[tuple[bytes, int]]:
    """Every beginning of a prompt that ends with a segment: its digest, and its characters.

    What every run begins with, the system's part, draws nothing: else one replica would get all.
    """
    digest, size = blake2b(call.model.encode(errors="replace"), digest_size=16), 0
    for segment in call.segments:
        text = segment.text.encode(errors="replace")
        digest.update(f"\0{segment.role}\0{len(text)}\0".encode() + text)
        size += len(segment.text)
        if segment.role != "system":
            yield digest.digest(), size


def _after(reply: Reply, faults: Sequence[str]) -> Reply:
    if not faults:
        return reply
    told = {"retries": reply.retries + len(faults), "retried_for": tuple(dict.fromkeys(faults))}
    return reply.model_copy(update=told)


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
