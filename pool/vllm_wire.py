"""What goes over the wire to a vLLM server and what comes back, as plain values. No I/O."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from folkmoot.records import CallRefused, EngineUnavailable, Sampling, Usage

CHAT = "/v1/chat/completions"

ZERO = -9999.0
"""The log-probability that stands for zero probability; vLLM cuts off there too."""

_AS_ASKED = {
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""Said in every request: else a server takes what the model's generation_config.json holds."""


class Spoken(NamedTuple):
    """A generated text as the server sent it."""

    text: str
    finish: str
    usage: Usage


def prompt_body(
    served: str, chat: Sequence[dict[str, str]], opening: str, request_id: str | None = None
) -> dict[str, Any]:
    """The part of a request that says what to continue; `/tokenize` understands it too.

    Args:
        served: the model's name on the server.
        chat: messages with `role` and `content`, neutral.
        opening: the beginning of the reply, "" for none.
        request_id: names the request, so that it can be aborted.
    """
    body: dict[str, Any] = {"model": served, "messages": list(chat)}
    if opening:
        body["messages"].append({"role": "assistant", "content": opening})
        body["add_generation_prompt"] = False
        body["continue_final_message"] = True
    if request_id is not None:
        body["request_id"] = request_id
    return body


def generate_fields(
    sampling: Sampling, json_schema: dict[str, Any] | None, seeds: bool, stream: bool
) -> dict[str, Any]:
    """How a text is drawn. `seeds`: whether the call's seed is sent."""
    fields: dict[str, Any] = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        **_AS_ASKED,
    }
    if seeds and sampling.seed is not None:
        fields["seed"] = sampling.seed % 2**63
    if json_schema is not None:
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": json_schema},
        }
    if stream:
        fields["stream"] = True
        fields["stream_options"] = {"include_usage": True}
    return fields


def choose_fields(tokens: Sequence[int]) -> dict[str, Any]:
    """One greedy token, and the log-probabilities of `tokens` in its place."""
    return {
        "max_tokens": 1,
        "temperature": 0.0,
        **_AS_ASKED,
        "logprobs": True,
        "logprob_token_ids": list(tokens),
        "return_tokens_as_token_ids": True,
    }


def read_text(data: dict[str, Any]) -> Spoken:
    """The text of a whole answer.

    Raises:
        EngineUnavailable: the answer is not what vLLM sends, or the server gave up in the middle.
    """
    try:
        choice = data["choices"][0]
        text, finish = choice["message"]["content"] or "", choice["finish_reason"]
    except (KeyError, IndexError, TypeError):
        raise _unreadable(data) from None
    return Spoken(text, _finished(finish), read_usage(data))


def read_event(data: dict[str, Any]) -> tuple[str, str | None]:
    """The new piece of text in an event of a stream, and the finish reason if it is the last."""
    if not data.get("choices"):
        return "", None
    try:
        choice = data["choices"][0]
        return choice["delta"].get("content") or "", choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _unreadable(data) from None


def whole(text: str, finish: str | None, last: dict[str, Any]) -> dict[str, Any]:
    """A finished stream in the shape of a whole answer; its last event carries the usage."""
    choice = {"message": {"content": text}, "finish_reason": finish}
    return {"choices": [choice], "usage": last.get("usage")}


def read_choice(data: dict[str, Any], tokens: Sequence[int]) -> tuple[float, ...]:
    """Natural log-probabilities of `tokens` over the whole vocabulary, in their order.

    Raises:
        CallRefused: the server left one out: it is not vLLM, or older than 0.26.
    """
    try:
        choice = data["choices"][0]
        finish, weighed = choice["finish_reason"], choice["logprobs"]
    except (KeyError, IndexError, TypeError):
        raise _unreadable(data) from None
    _finished(finish)
    try:
        found = {each["token"]: each["logprob"] for each in weighed["content"][0]["top_logprobs"]}
        return tuple(max(round(found[f"token_id:{one}"], 6), ZERO) for one in tokens)
    except (KeyError, IndexError, TypeError):
        raise CallRefused(
            "the server does not report the log-probabilities of given tokens",
            "options are weighed with vLLM's `logprob_token_ids`: it takes vLLM 0.26 or later",
        ) from None


def read_vector(data: dict[str, Any]) -> tuple[float, ...]:
    """The vector of an answer of `/v1/embeddings`."""
    try:
        return tuple(float(number) for number in data["data"][0]["embedding"])
    except (KeyError, IndexError, TypeError, ValueError):
        raise _unreadable(data) from None


def read_usage(data: dict[str, Any]) -> Usage:
    """The usage of an answer; `cached` where the server reports it."""
    try:
        usage = data["usage"]
        details: dict[str, Any] = usage.get("prompt_tokens_details") or {}
        return Usage(
            prompt=usage["prompt_tokens"],
            cached=details.get("cached_tokens"),
            completion=usage.get("completion_tokens") or 0,
        )
    except (KeyError, TypeError, AttributeError):
        raise _unreadable(data) from None


def _finished(finish: object) -> str:
    if not isinstance(finish, str) or finish in ("abort", "error"):
        raise EngineUnavailable(f"the server gave up in the middle of a reply ({finish})")
    return finish


def _unreadable(data: dict[str, Any]) -> EngineUnavailable:
    return EngineUnavailable(f"not an answer as vLLM gives it: {str(data)[:120]!r}")
