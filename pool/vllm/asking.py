"""From a call to a request of a vLLM server, and from its answer to the fields of a reply."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from folkmoot.pool.engine import OnText
from folkmoot.pool.rendering import messages, neutral
from folkmoot.pool.vllm.asked import (
    CHAT,
    choose_fields,
    generate_fields,
    listed_fields,
    plain,
    prompt_body,
)
from folkmoot.pool.vllm.flights import Flights
from folkmoot.pool.vllm.tokens import Tokens
from folkmoot.pool.vllm.transport import Transport
from folkmoot.pool.vllm.wire import (
    read_choice,
    read_event,
    read_listed,
    read_text,
    read_timing,
    read_usage,
    read_vector,
    whole,
)
from folkmoot.records import Call, CallRefused, EngineUnavailable, Reply, scrub


class Asking:
    """Asks one server.

    Args:
        engine: the engine's name.
        http: the server.
        flights: the requests that are on their way to it.
        tokens: how it counts.
        controls: control tokens of its tokenizer, where they are known.
        seeds: whether a call's seed is sent.
        timeout_s: seconds a call may take once it is on its way.
        places: as many as there may be calls on their way; None for any number.
    """

    def __init__(
        self,
        engine: str,
        http: Transport,
        flights: Flights,
        tokens: Tokens,
        *,
        controls: Sequence[str],
        seeds: bool,
        timeout_s: float,
        places: asyncio.Semaphore | None = None,
    ) -> None:
        self._engine = engine
        self._timeout_s = timeout_s
        self._places = places
        self._http = http
        self._where = http.address
        self._flights = flights
        self._tokens = tokens
        self._controls = tuple(controls)
        self._seeds = seeds
        self._numbers = itertools.count()
        self._prefix = uuid.uuid4().hex[:12]

    async def reply(
        self,
        call: Call,
        served: str,
        window: int,
        on_text: OnText | None = None,
        began: float | None = None,
    ) -> Reply:
        """The reply to a call.

        Args:
            call: what is asked.
            served: the model's name on the server.
            window: its context in tokens, prompt and reply together.
            on_text: hears a generated text as it comes.
            began: when the call came, by `time.monotonic`; None for now.

        Raises:
            EngineUnavailable: the server is gone, or does not answer in time.
            CallRefused: it can never answer this.
        """
        began = time.monotonic() if began is None else began
        try:
            async with self._places or nullcontext(), asyncio.timeout(self._timeout_s):
                fields = await self._answered(call, served, window, on_text)
        except TimeoutError:
            raise EngineUnavailable(
                f"engine {self._engine!r} did not answer in {self._timeout_s:g} s", late=True
            ) from None
        took = round((time.monotonic() - began) * 1000)
        return Reply.to(call, engine=self._engine, took_ms=took, **fields)

    async def _answered(
        self, call: Call, served: str, window: int, on_text: OnText | None
    ) -> dict[str, Any]:
        """The fields of the reply."""
        match call.op:
            case "generate":
                return await self._generate(call, served, window, on_text)
            case "choose":
                return await self._choose(call, served, window)
            case "embed":
                return await self._embed(call, served)
            case "classify":
                raise CallRefused(
                    "vLLM classifies single texts, not pairs",
                    "ask with `choose`, the pair laid out in the prompt",
                )

    async def _generate(
        self, call: Call, served: str, window: int, on_text: OnText | None
    ) -> dict[str, Any]:
        body, _, dropped = await self._prompt(call, served, window - call.sampling.max_tokens)
        request_id, stream = body["request_id"], on_text is not None
        body |= generate_fields(call.sampling, call.json_schema, self._seeds, stream)
        body = plain(body) if self._tokens.estimated else body
        request = self._http.post(CHAT, body) if on_text is None else self._heard(body, on_text)
        data = await self._flights.fly(call, request_id, request)
        spoken = read_text(data, self._where)
        text = scrub(spoken.text).strip()
        state = "empty" if not text else "cut_off" if spoken.finish == "length" else "ok"
        return {
            "state": state,
            "text": text,
            "finish": spoken.finish,
            "usage": spoken.usage,
            "timing": read_timing(data),
            "dropped": dropped,
        }

    async def _choose(self, call: Call, served: str, window: int) -> dict[str, Any]:
        if not call.options:
            raise CallRefused(f"call {call.id} gives no options to choose from")
        body, opening, dropped = await self._prompt(call, served, window - 1)
        request_id, tokens = body["request_id"], None
        if self._tokens.estimated:
            body = plain(body) | listed_fields()
        else:
            tokens = await self._tokens.firsts(served, opening, call.options)
            body |= choose_fields(tokens)
        data = await self._flights.fly(call, request_id, self._http.post(CHAT, body))
        return {
            "state": "ok",
            "logprobs": read_listed(data, call.options, self._where)
            if tokens is None
            else read_choice(data, tokens, self._where),
            "usage": read_usage(data),
            "timing": read_timing(data),
            "dropped": dropped,
        }

    async def _embed(self, call: Call, served: str) -> dict[str, Any]:
        text = neutral("".join(segment.text for segment in call.segments), self._controls)
        data = await self._http.post("/v1/embeddings", {"model": served, "input": text})
        vector = read_vector(data, self._where)
        return {"state": "ok", "vector": vector, "usage": read_usage(data)}

    async def _prompt(
        self, call: Call, served: str, room: int
    ) -> tuple[dict[str, Any], str, tuple[str, ...]]:
        """The request's prompt in `room` tokens, its opening, and what was left out of it."""
        if not call.segments:
            raise CallRefused(f"call {call.id} has no prompt")
        kept, dropped = await self._tokens.fitted(served, call.model, call.segments, room)
        chat, opening = messages(kept, self._controls)
        if opening and self._tokens.estimated:
            raise CallRefused(
                f"{self._where} cannot go on with a reply that was begun: it is no vLLM server",
                "leave out the last segment, which is the assistant's; or ask a vLLM server",
            )
        request_id = f"{self._prefix}-{next(self._numbers)}"
        return prompt_body(served, chat, opening, request_id), opening, dropped

    async def _heard(self, body: dict[str, Any], on_text: OnText) -> dict[str, Any]:
        """The whole of a streamed answer; each piece goes to `on_text` as it comes."""
        pieces: list[str] = []
        finish: str | None = None
        last: dict[str, Any] = {}
        async for last in self._http.stream(CHAT, body):
            piece, reason = read_event(last, self._where)
            finish = reason or finish
            if piece:
                pieces.append(piece)
                on_text(piece)
        return whole("".join(pieces), finish, last)
