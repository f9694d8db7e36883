"""An engine that answers from stored replies what was asked before word for word, and asks the rest."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from folkmoot.pool.engine import OnProgress, OnText
from folkmoot.pool.pool import Pool
from folkmoot.records import Call, ModelRef, Reply, Segment, Usage, canonical, digest

_KEPT = ("ok", "empty", "cut_off")
"""States of replies that a model gave; what an engine failed at is asked again."""


def asked_as(call: Call) -> str:
    """The digest of what a model gets to see of a call, and of how its reply is drawn.

    Where in which run it stands, and whose seat it is, is not among it: a model does not know.
    """
    return digest(
        canonical(
            {
                "model": call.model,
                "op": call.op,
                "segments": [[each.role, each.text, each.drop] for each in call.segments],
                "options": list(call.options),
                "json_schema": call.json_schema,
                "sampling": call.sampling.model_dump(mode="json"),
            }
        )
    )


class Recalled:
    """Answers a call with the stored reply to the same one; asks a pool where there is none, once.

    A stored reply keeps the text, the figures and the usage of its first telling: `recalled` and
    `asked` say what was paid for now.

    Args:
        pool: is asked what is not stored. It is opened when it is needed and stays so: whoever made it
            closes it.
        stored: calls with their replies.
        name: as descriptions name it.

    Attributes:
        recalled: the ids of the calls that stored replies answered, in order.
        asked: the calls that the pool was asked.
    """

    def __init__(
        self, pool: Pool, stored: Iterable[tuple[Call, Reply]], name: str = "recalled"
    ) -> None:
        self.name = name
        self.recalled: list[str] = []
        self.asked: list[Call] = []
        self._pool = pool
        self._known = {asked_as(call): reply for call, reply in stored if reply.state in _KEPT}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._models: dict[str, None] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The names that it was asked to answer for."""
        return tuple(self._models)

    def adopt(self, model: str) -> bool:
        """Answer for any model; the pool behind it says which it does not know."""
        self._models[model] = None
        return True

    @property
    def takes(self) -> str:
        """Any name."""
        return "any name"

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Open the pool behind it for these models.

        Raises:
            PoolError: it does not know one of them, or an engine cannot start.
        """
        await self._pool.open(self._models, on_progress)

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The stored reply, or what the pool says; never asked twice for the same."""
        key = asked_as(call)
        async with self._turns[key]:
            known = self._known.get(key)
            if known is None:
                self.asked.append(call)
                reply = await self._pool.answer(call, on_text)
                if reply.state in _KEPT:
                    self._known[key] = reply
                return reply
        self.recalled.append(call.id)
        if on_text is not None and known.text:
            on_text(known.text)
        return known.model_copy(
            update={
                "step": call.step,
                "order": call.order,
                "seat": call.seat,
                "purpose": call.purpose,
                "about": call.about,
            }
        )

    async def spent(self, call: Call) -> Usage | None:
        """What the pool spent on it."""
        return await self._pool.spent(call)

    async def count(self, model: str, segments: Sequence[Segment]) -> int:
        """As the pool counts."""
        return await self._pool.count(model, segments)

    def window(self, model: str) -> int:
        """Of the pool's model."""
        return self._pool.window(model)

    def reference(self, model: str) -> ModelRef:
        """Of the pool's model."""
        return self._pool.references([model])[0]

    def describe(self) -> dict[str, Any]:
        """Kind, how many replies it holds, and the engines behind it."""
        behind = self._pool.describe()
        return {
            "name": self.name,
            "kind": "recalled",
            "replies": len(self._known),
            "behind": list(behind),
            "seeds": all(each.get("seeds") is True for each in behind),
            "batch_invariant": all(each.get("batch_invariant") is True for each in behind),
            "replay": self._pool.replay,
        }

    async def close(self) -> None:
        """Nothing: the pool behind it is its owner's."""
