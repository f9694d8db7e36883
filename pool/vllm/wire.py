"""What comes back from a vLLM server, as plain values; what it is asked is in `asked`. No I/O."""

import reprlib
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeGuard, cast

from folkmoot.records import CallRefused, EngineUnavailable, Timing, Usage, scrub

ZERO = -9999.0
"""The log-probability that stands for zero probability; vLLM cuts off there too."""

_WHERE = "the server"

_MOST = 2**53 - 1
"""The largest count that is believed; a record holds no larger integer."""


class Spoken(NamedTuple):
    """A generated text as the server sent it."""

    text: str
    finish: str
    usage: Usage | None


class Card(NamedTuple):
    """A model as the server lists it."""

    window: int | None
    """Tokens of context; None where the server does not say."""
    parent: str | None
    """The model that an adapter adapts."""


def read_text(data: dict[str, Any], where: str = _WHERE) -> Spoken:
    """The text of a whole answer. Here and below `where` is the server's address, for messages.

    Raises:
        EngineUnavailable: the answer is not what vLLM sends, or the server gave up in the middle.
    """
    try:
        choice = data["choices"][0]
        text, finish = choice["message"]["content"], choice["finish_reason"]
    except (KeyError, IndexError, TypeError):
        raise _unreadable(where, "the answer", data) from None
    return Spoken(_text(text, where), _finished(finish, where), read_usage(data))


def read_event(data: dict[str, Any], where: str = _WHERE) -> tuple[str, str | None]:
    """The new piece of text in an event of a stream, and the finish reason if it is the last."""
    if not data.get("choices"):
        return "", None
    try:
        choice = data["choices"][0]
        text, finish = choice["delta"].get("content"), choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _unreadable(where, "an event of the stream", data) from None
    return _text(text, where), finish


def whole(text: str, finish: str | None, last: dict[str, Any]) -> dict[str, Any]:
    """A finished stream in the shape of a whole answer; its last event carries the usage."""
    choice = {"message": {"content": text}, "finish_reason": finish}
    return {"choices": [choice], "usage": last.get("usage"), "metrics": last.get("metrics")}


def read_choice(
    data: dict[str, Any], tokens: Sequence[int], where: str = _WHERE
) -> tuple[float, ...]:
    """Natural log-probabilities of `tokens` over the whole vocabulary, in their order.

    Raises:
        EngineUnavailable: the answer is not what vLLM sends, or a log-probability is not finite.
        CallRefused: the server left one out: it is not vLLM, or older than 0.26.
    """
    try:
        choice = data["choices"][0]
        finish, weighed = choice["finish_reason"], choice["logprobs"]
    except (KeyError, IndexError, TypeError):
        raise _unreadable(where, "the answer", data) from None
    _finished(finish, where)
    try:
        found = {each["token"]: each["logprob"] for each in weighed["content"][0]["top_logprobs"]}
        logs = [found[f"token_id:{one}"] for one in tokens]
    except (KeyError, IndexError, TypeError):
        raise CallRefused(
            "the server does not report the log-probabilities of given tokens",
            "options are weighed with vLLM's `logprob_token_ids`: it takes vLLM 0.26 or later",
        ) from None
    return tuple(max(round(_number(log, "a log-probability", where), 6), ZERO) for log in logs)


def read_listed(
    data: dict[str, Any], options: Sequence[str], where: str = _WHERE
) -> tuple[float, ...]:
    """Natural log-probabilities of `options` where the server lists the likeliest tokens alone.

    An option is known by its first word, which must be a token of its own; nothing is put in the
    place of one that is not listed.

    Raises:
        EngineUnavailable: the answer is not what such a server sends.
        CallRefused: an option is not listed, or two have the same token.
    """
    try:
        choice = data["choices"][0]
        finish, weighed = choice["finish_reason"], choice.get("logprobs")
        content: Any = weighed["content"] if weighed else None
        listed: list[Any] = content[0]["top_logprobs"] if content else []
        exact: dict[str, Any] = {str(each["token"]): each["logprob"] for each in reversed(listed)}
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _unreadable(where, "the answer", data) from None
    _finished(finish, where)
    # A template may end with the blank that an option begins with.
    found = {token.strip(): log for token, log in exact.items()} | exact
    words = [_first_word(option) for option in options]
    bare = [word.strip() for word in words]
    tokens = [word if word in exact else word.strip() for word in words]
    for at, token in enumerate(tokens):
        if not token or token not in found or bare[at] in bare[:at]:
            raise CallRefused(
                f"the options cannot be weighed on {where}: of the {len(exact)} tokens that it "
                f"lists, none is {options[at]!r} alone",
                "label the options A, B, …; or ask a vLLM server, which weighs any",
            )
    logs = (_number(found[token], "a log-probability", where) for token in tokens)
    return tuple(max(round(log, 6), ZERO) for log in logs)


def _first_word(option: str) -> str:
    """With the blank before it, if there is one."""
    words = option.split()
    return option[: option.index(words[0]) + len(words[0])] if words else ""


def read_vector(data: dict[str, Any], where: str = _WHERE) -> tuple[float, ...]:
    """The vector of an answer of `/v1/embeddings`."""
    try:
        vector = data["data"][0]["embedding"]
    except (KeyError, IndexError, TypeError):
        raise _unreadable(where, "the answer", data) from None
    numbers = _list(vector, "the vector", where)
    return tuple(_number(number, "a number of the vector", where) for number in numbers)


def read_tokens(data: dict[str, Any], where: str = _WHERE) -> tuple[int, ...]:
    """The token ids of an answer of `/tokenize`."""
    tokens: list[int] = []
    for token in _list(data.get("tokens"), "`tokens` of /tokenize", where):
        if not _is_count(token):
            raise _unreadable(where, "a token id of /tokenize", token)
        tokens.append(token)
    return tuple(tokens)


def read_models(data: dict[str, Any], where: str = _WHERE) -> dict[str, Card]:
    """What an answer of `/v1/models` lists, by name."""
    cards: dict[str, Card] = {}
    try:
        for card in data["data"]:
            name, window, parent = card["id"], _window(card), card.get("parent")
            if not (isinstance(name, str) and (parent is None or isinstance(parent, str))):
                raise _unreadable(where, "a model of /v1/models", card)
            if window is not None and not _is_count(window):
                raise _unreadable(where, f"`max_model_len` of {name!r}", window)
            cards[name] = Card(window, parent)
    except (KeyError, TypeError, AttributeError):
        raise _unreadable(where, "the list of /v1/models", data) from None
    return cards


def _window(card: Any) -> Any:
    """Tokens of context in a model's card: as vLLM says them, or Ray Serve LLM."""
    metadata = card.get("metadata")
    ray = cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}
    said = card.get("max_model_len")
    return ray.get("max_request_context_length") if said is None else said


def read_version(data: Any, where: str = _WHERE) -> str | None:
    """The version in an answer of `/version`; None where it holds none."""
    try:
        version = data.get("version")
    except AttributeError:
        raise _unreadable(where, "the answer of /version", data) from None
    if version is None:
        return None
    if not isinstance(version, str):
        raise _unreadable(where, "`version`", version)
    return scrub(version)


def read_usage(data: dict[str, Any]) -> Usage | None:
    """The usage of an answer; `cached` where the server reports it. None if it is no usage."""
    try:
        usage = data["usage"]
        details: dict[str, Any] = usage.get("prompt_tokens_details") or {}
        prompt, cached = usage["prompt_tokens"], details.get("cached_tokens")
        completion = usage.get("completion_tokens")
    except (KeyError, TypeError, AttributeError):
        return None
    completion = 0 if completion is None else completion
    held = 0 if cached is None else cached
    if not (_is_count(prompt) and _is_count(held) and _is_count(completion) and held <= prompt):
        return None
    return Usage(prompt=prompt, cached=cached, completion=completion)


def read_timing(data: dict[str, Any]) -> Timing | None:
    """Where the server's time for an answer went; None where it does not say."""
    metrics = data.get("metrics")
    if not isinstance(metrics, dict):
        return None
    told = cast("dict[str, object]", metrics)
    timing = Timing(
        queued=_milliseconds(told.get("queue_time_ms")),
        prefill=_milliseconds(told.get("time_to_first_token_ms")),
        decode=_milliseconds(told.get("generation_time_ms")),
    )
    return None if timing == Timing() else timing


def _milliseconds(value: object) -> int | None:
    if type(value) not in (int, float) or not 0 <= cast("float", value) <= _MOST:
        return None
    return round(cast("float", value))


def _finished(finish: object, where: str) -> str:
    if finish in (None, "abort", "error"):
        raise EngineUnavailable(f"{where} gave up in the middle of a reply ({finish})")
    if not isinstance(finish, str):
        raise _unreadable(where, "`finish_reason`", finish)
    return scrub(finish)


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unreadable(where, "`content`", value)
    return value


def _list(value: object, what: str, where: str) -> list[object]:
    if not isinstance(value, list):
        raise _unreadable(where, what, value)
    return cast("list[object]", value)


def _number(value: object, what: str, where: str) -> float:
    # NaN fails the comparison; an integer too large for a float never becomes one.
    if type(value) not in (int, float) or not abs(cast("float", value)) <= sys.float_info.max:
        raise _unreadable(where, what, value)
    return float(cast("float", value))


def _is_count(value: object) -> TypeGuard[int]:
    # By type: True is an int too.
    return type(value) is int and 0 <= value <= _MOST


def _unreadable(where: str, what: str, found: object) -> EngineUnavailable:
    # reprlib bounds depth: of a deeply nested value `repr` may fail.
    shown = reprlib.repr(found)[:200]
    return EngineUnavailable(f"{where} does not answer as vLLM does: {what} is {shown}")
