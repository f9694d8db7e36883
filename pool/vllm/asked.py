"""What is asked of a vLLM server, as plain values; what it answers is in `wire`. No I/O."""

from collections.abc import Sequence
from typing import Any

from folkmoot.records import Sampling

CHAT = "/v1/chat/completions"

_AS_ASKED = {
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""Said in every request: else a server takes what the model's generation_config.json holds."""


_VLLMS_OWN = (
    "top_k",
    "min_p",
    "repetition_penalty",
    "request_id",
    "add_generation_prompt",
    "continue_final_message",
)
"""Fields that OpenAI's own servers, and some that follow them, do not take."""

_LISTED = 20
"""Log-probabilities that an OpenAI-compatible server lists for a token at most."""


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


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """The same request for a server that is OpenAI-compatible and no more."""
    return {name: value for name, value in body.items() if name not in _VLLMS_OWN}


def listed_fields() -> dict[str, Any]:
    """One greedy token, and the log-probabilities of the likeliest tokens in its place."""
    return {"max_tokens": 1, "temperature": 0.0, "logprobs": True, "top_logprobs": _LISTED}
