"""Prompts whose shared part ends where a block of the prefix cache ends: padded, if it is worth it."""

import asyncio
from collections.abc import Sequence

from fixed_server import FixedServer
from prefix_tree import shared

from folkmoot.pool import OnText
from folkmoot.pool.rendering import messages
from folkmoot.pool.vllm.asked import prompt_body
from folkmoot.records import Call, Reply, Segment

_PAD = " ."
"""One token each, however many follow each other."""


class AlignedServer(FixedServer):
    """While `aligned` is set, padding is put after what the seats of a round share.

    Unpadded, each of them computes what the shared part has beyond its last whole block: `tail`
    tokens, `seats` times. Padded, one of them computes a whole block. So padding is put only where
    seats x tail is more than a block. It stays in the prompts of later rounds: there it is cached.
    """

    aligned = False
    seats = 0
    block_size = 0

    def __init__(self) -> None:
        super().__init__()
        self._pads: dict[tuple[str, ...], asyncio.Task[str]] = {}

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The reply to the call, or to the call padded."""
        if self.aligned:
            call = call.model_copy(update={"segments": await self._padded(call)})
        return await super().answer(call, on_text)

    def unpadded(self) -> None:
        """Forget every padding."""
        self._pads = {}

    async def _padded(self, call: Call) -> tuple[Segment, ...]:
        own = next(at for at, it in enumerate(call.segments) if it.label == "perspective")
        common, rest = call.segments[:own], call.segments[own:]
        texts = tuple(segment.text for segment in common)
        laid: list[Segment] = []
        for at, segment in enumerate(common, 1):
            laid.append(segment)
            if at == own and texts not in self._pads:
                self._pads[texts] = asyncio.create_task(self._pad(call.model, tuple(laid)))
            if (pad := self._pads.get(texts[:at])) is not None and (text := await pad):
                laid.append(Segment(role="user", text=text, label="padding"))
        return (*laid, *rest)

    async def _pad(self, served: str, common: Sequence[Segment]) -> str:
        """What ends the shared part at the end of a block; "" where that costs more than it saves."""
        bodies = [
            prompt_body(served, *messages([*common, Segment(role="user", text=own)]))
            for own in ("\nYour perspective: One", "\nYour perspective: Two")
        ]
        one, two = await self.token_ids(bodies)
        tail = shared(one, two) % self.block_size
        return _PAD * (self.block_size - tail) if self.seats * tail > self.block_size else ""
