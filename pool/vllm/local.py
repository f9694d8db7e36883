"""What a vLLM server answers, from an engine in this process: the same words, no HTTP between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from folkmoot.pool.vllm.asked import CHAT
from folkmoot.pool.vllm.core import Core, vllm
from folkmoot.pool.vllm.wire import ZERO
from folkmoot.records import CallRefused

_PREFIX = "chatcmpl-"
"""What a server puts before the names of requests for chats."""

Event = dict[str, Any]


class Local:
    """The `Transport` to an engine in this process.

    Args:
        core: the engine.
        adapters: the name of a model → its LoRA adapter; models without one are the base.
    """

    def __init__(self, core: Core, adapters: Mapping[str, Path]) -> None:
        self._core = core
        self._adapters = {name: (at, path) for at, (name, path) in enumerate(adapters.items(), 1)}

    @property
    def address(self) -> str:
        """For messages."""
        return "vLLM in this process"

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; see `Transport`."""
        if path == "/tokenize":
            return await self._done(self._tokens(body))
        if path == CHAT:
            return await self._done(self._chat(body, _unheard))
        raise CallRefused(
            f"{self.address} has no {path}: it generates and weighs options",
            "use an embedded engine, or a vLLM server started for embeddings",
        )

    async def stream(self, path: str, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The answer in pieces, then its usage."""
        loop, events = asyncio.get_running_loop(), asyncio.Queue[Event | None]()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        flight = self._core.submit(self._chat(body, put))
        flight.add_done_callback(lambda _: put(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            whole = await asyncio.wrap_future(flight)
            yield {"choices": [], **{name: whole[name] for name in ("usage", "metrics")}}
        finally:
            flight.cancel()

    async def tell(self, path: str, body: dict[str, Any]) -> bool:
        """Abort the requests that are named."""
        names = [name.removeprefix(_PREFIX) for name in body["request_ids"]]
        await self._done(self._core.abort(names))
        return True

    async def _done(self, work: Any) -> Any:
        return await asyncio.wrap_future(self._core.submit(work))

    async def _tokens(self, body: dict[str, Any]) -> dict[str, Any]:
        if "messages" not in body:
            return {"tokens": await self._core.encode(body["prompt"])}
        rendered = await self._rendered(body)
        return {"tokens": list(rendered["prompt_token_ids"])}

    async def _rendered(self, body: dict[str, Any]) -> Any:
        return await self._core.render(
            body["messages"],
            add_generation_prompt=body.get("add_generation_prompt", True),
            continue_final_message=body.get("continue_final_message", False),
        )

    async def _chat(self, body: dict[str, Any], heard: Callable[[Event], None]) -> dict[str, Any]:
        """The whole answer; pieces of a streamed one go to `heard`, in the engine's thread."""
        rendered = await self._rendered(body)
        answer = Answer(len(rendered["prompt_token_ids"]), heard)
        await self._core.generate(
            rendered, sampling(body), body["request_id"], self._lora(body["model"]), answer.take
        )
        return answer.whole()

    def _lora(self, model: str) -> Any:
        if model not in self._adapters:
            return None
        number, folder = self._adapters[model]
        return vllm("lora.request").LoRARequest(
            lora_name=model, lora_int_id=number, lora_path=str(folder)
        )


class Answer:
    """The outputs of one request, put together."""

    def __init__(self, prompt: int, heard: Callable[[Event], None]) -> None:
        self._prompt = prompt
        self._heard = heard
        self._texts: list[str] = []
        self._completion = 0
        self._last: Any = None
        self._logprobs: Any = None

    def take(self, output: Any) -> None:
        """Another output: what is new since the last one, or everything at once."""
        new = output.outputs[0]
        self._last = output
        self._texts.append(new.text)
        self._completion += len(new.token_ids)
        self._logprobs = new.logprobs or self._logprobs
        if new.text or new.finish_reason:
            choice = {"delta": {"content": new.text}, "finish_reason": new.finish_reason}
            self._heard({"choices": [choice]})

    def whole(self) -> dict[str, Any]:
        """As a server answers."""
        finish = self._last.outputs[0].finish_reason if self._last else None
        choice: dict[str, Any] = {
            "message": {"content": "".join(self._texts)},
            "finish_reason": finish,
        }
        if self._logprobs:
            weighed = [
                {"token": f"token_id:{token}", "logprob": max(each.logprob, ZERO)}
                for token, each in self._logprobs[0].items()
            ]
            choice["logprobs"] = {"content": [{"top_logprobs": weighed}]}
        cached = self._last.num_cached_tokens if self._last else None
        usage = {
            "prompt_tokens": self._prompt,
            "completion_tokens": self._completion,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        return {"choices": [choice], "usage": usage, "metrics": self._metrics()}

    def _metrics(self) -> dict[str, float]:
        stats = self._last.metrics if self._last else None
        if stats is None or not stats.last_token_ts:
            return {}
        return {
            "queue_time_ms": 1000 * (stats.scheduled_ts - stats.queued_ts),
            "time_to_first_token_ms": 1000 * (stats.first_token_ts - stats.scheduled_ts),
            "generation_time_ms": 1000 * (stats.last_token_ts - stats.first_token_ts),
        }


def sampling(body: dict[str, Any]) -> Any:
    """vLLM's `SamplingParams` for the fields of a request; see `wire`."""
    params = vllm("sampling_params")
    given: dict[str, Any] = {name: body[name] for name in _SAME if name in body}
    if "response_format" in body:
        schema = body["response_format"]["json_schema"]["schema"]
        given["structured_outputs"] = params.StructuredOutputsParams(json=schema)
    kinds = params.RequestOutputKind
    kind = kinds.DELTA if body.get("stream") else kinds.FINAL_ONLY
    return params.SamplingParams(output_kind=kind, **given)


_SAME = (
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "logprob_token_ids",
)
"""Fields that vLLM calls the same in both."""


def _unheard(event: Event) -> None:
    """Nobody listens."""
