"""A vLLM server whose every reply has the same length, and which remembers what it was sent."""

import re
from contextvars import ContextVar
from typing import Any, NamedTuple

import aiohttp

from folkmoot.pool import OnProgress, OnText
from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, Reply

MODEL = "smollm2-base"
FIXED = {"ignore_eos": True}
"""In a request: the reply is as long as it may be."""

_PROMPT = ("model", "messages", "add_generation_prompt", "continue_final_message")
_BLOCK = re.compile(r'^vllm:cache_config_info\{[^}]*\bblock_size="(\d+)"', re.M)
_ASKED: ContextVar[Call] = ContextVar("asked")


class Sent(NamedTuple):
    """A request as it went out."""

    deliberation: str
    step: int
    body: dict[str, Any]


class FixedServer(VllmServer):
    """Started as the pool starts servers; to each request is added that its reply be full length.

    Attributes:
        sent: every request for a reply, in the order in which they went out.
    """

    def __init__(self) -> None:
        super().__init__("vllm", {MODEL: MODEL}, window=4096)
        self.sent: list[Sent] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.describe()["url"])

    async def start(self, on_progress: OnProgress | None = None) -> None:
        """Start it; from then on its client's requests pass by here."""
        await super().start(on_progress)
        assert self._life is not None
        http = self._life.client._http
        if "post" in vars(http):  # started before, and still running
            return
        post = http.post

        async def fixed(path: str, body: dict[str, Any]) -> dict[str, Any]:
            if path != CHAT:
                return await post(path, body)
            call, body = _ASKED.get(), body | FIXED
            self.sent.append(Sent(_question(call), call.step, body))
            data = await post(path, body)
            data["choices"][0]["finish_reason"] = "stop"  # at full length, but nothing is missing
            return data

        http.post = fixed

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The reply to the call; its request is remembered with the call's place."""
        _ASKED.set(call)
        return await super().answer(call, on_text)

    async def forget(self) -> None:
        """Empty the prefix cache (an endpoint of the server's development mode)."""
        async with (
            aiohttp.ClientSession(self.url) as session,
            session.post("/reset_prefix_cache") as said,
        ):
            said.raise_for_status()

    async def block(self) -> int:
        """Tokens in a block of its prefix cache."""
        async with aiohttp.ClientSession(self.url) as session, session.get("/metrics") as said:
            found = _BLOCK.search(await said.text())
        assert found, "the server's /metrics do not say how large a block is"
        return int(found[1])

    async def token_ids(self, bodies: list[dict[str, Any]]) -> list[list[int]]:
        """The prompt of each request, as the server reads it."""
        found: list[list[int]] = []
        async with aiohttp.ClientSession(self.url) as session:
            for body in bodies:
                prompt = {key: body[key] for key in _PROMPT if key in body}
                async with session.post("/tokenize", json=prompt) as said:
                    said.raise_for_status()
                    found.append((await said.json())["tokens"])
        return found


def _question(call: Call) -> str:
    return next(each.text for each in call.segments if each.label == "question")
