"""Tables of calls with their replies, and of the prompts that they were."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from folkmoot.records.accounts import UNNAMED
from folkmoot.records.calls import Call, Reply, Segment, Timing, Usage
from folkmoot.records.canonical import text_digest
from folkmoot.records.tables.table import Read, as_json, column, listed, table


class _Asked(NamedTuple):
    call: Call
    reply: Reply | None
    contributor: str
    state: str
    aborts: int
    lost: int


def _calls(run: Read) -> Iterator[_Asked]:
    replies = run.view.replies
    contributors = {each.seat: each.contributor or UNNAMED for each in run.view.opening.parties}
    aborts = Counter(each.call for each in run.view.aborts)
    lost = Counter(run.view.lost)
    pending = set(run.view.pending)
    for call in run.view.calls:
        reply = replies.get(call.id)
        state = reply.state if reply else "pending" if call.id in pending else "aborted"
        whose = contributors.get(call.seat, UNNAMED)
        yield _Asked(call, reply, whose, state, aborts[call.id], lost[call.id])


def _said(field: str) -> Any:
    def get(asked: _Asked) -> Any:
        value: Any = None if asked.reply is None else getattr(asked.reply, field)
        return value

    return get


def _used(field: str) -> Any:
    def get(asked: _Asked) -> int | None:
        usage: Usage | None = None if asked.reply is None else asked.reply.usage
        return None if usage is None else getattr(usage, field)

    return get


def _took(field: str) -> Any:
    def get(asked: _Asked) -> int | None:
        timing: Timing | None = None if asked.reply is None else asked.reply.timing
        return None if timing is None else getattr(timing, field)

    return get


CALLS: Final = table(
    "calls",
    "A call and its reply. The sums over a run's rows are the ledger's figures, where all were reported.",
    _calls,
    (
        column("id", "text", "`c<step>.<order>`", "call.id"),
        column("step", "integer", "place of the stage in the protocol, from 0", "call.step"),
        column("place", "integer", "place within the step, from 0", "call.order"),
        column("round", "integer", "round, from 0", "call.round"),
        column("stage", "text", "the stage of the protocol", "call.stage"),
        column("seat", "text", "who was asked, or about whom", "call.seat"),
        column("contributor", "text", f"of the seat's model; `{UNNAMED}` where none is named"),
        column("model", "text", "the model", "call.model"),
        column("op", "text", "generate, choose, classify or embed", "call.op"),
        column("purpose", "text", "what it was for", "call.purpose"),
        column("about", "text", "the id of what it is about", "call.about"),
        column("options", "list of text", "of choose: what was weighed", listed("call.options")),
        column(
            "json_schema", "JSON", "that guided the reply", lambda a: as_json(a.call.json_schema)
        ),
        column("max_tokens", "integer", "of the reply", "call.sampling.max_tokens", "tokens"),
        column("temperature", "number", "how text was drawn", "call.sampling.temperature"),
        column("top_p", "number", "how text was drawn", "call.sampling.top_p"),
        column("seed", "integer", "how text was drawn", "call.sampling.seed"),
        column("segments", "integer", "rows of `segments`", lambda a: len(a.call.segments)),
        column(
            "state", "text", "ok, empty, cut_off, refused, unavailable; pending, aborted: no reply"
        ),
        column("text", "text", "the reply", _said("text")),
        column("logprobs", "list of numbers", "of each option", _said("logprobs"), "nats"),
        column("finish", "text", "as the engine said it", _said("finish")),
        column("prompt", "integer", "of the prompt as sent", _used("prompt"), "tokens"),
        column("computed", "integer", "of these, computed", _used("computed"), "tokens"),
        column("cached", "integer", "of these, from a prefix cache", _used("cached"), "tokens"),
        column("completion", "integer", "of the reply", _used("completion"), "tokens"),
        column("dropped", "list of text", "segments left out for room", _said("dropped")),
        column("engine", "text", "the engine that answered", _said("engine")),
        column("retries", "integer", "times that it was asked again", _said("retries")),
        column("retried_for", "list of text", "the engine's faults", _said("retried_for")),
        column("error", "text", "why there is no reply", _said("error")),
        column("aborts", "integer", "times that it was cancelled"),
        column("lost", "integer", "stops at which it was unanswered"),
        column(
            "took", "integer", "from the engine's taking it to the reply", _said("took_ms"), "ms"
        ),
        column("waited", "integer", "in the pool, before it was sent", _took("waited"), "ms"),
        column("queued", "integer", "in the engine, before it was begun", _took("queued"), "ms"),
        column("prefill", "integer", "to the first token", _took("prefill"), "ms"),
        column("decode", "integer", "from the first token to the last", _took("decode"), "ms"),
        column("worked", "integer", "its part of the engine's time", _took("engine"), "ms"),
    ),
)


class _Part(NamedTuple):
    call: Call
    n: int
    segment: Segment
    sha256: str


def _segments(run: Read) -> Iterator[_Part]:
    digests: dict[str, str] = {}
    for call in run.view.calls:
        for n, segment in enumerate(call.segments):
            digest = digests.get(segment.text)
            if digest is None:
                digest = digests[segment.text] = text_digest(segment.text)
            yield _Part(call, n, segment, digest)


def _texts(run: Read) -> Iterator[_Part]:
    seen: set[str] = set()
    for each in _segments(run):
        if each.sha256 not in seen:
            seen.add(each.sha256)
            yield each


SEGMENTS: Final = table(
    "segments",
    "A piece of a prompt: what a model was shown, in order. Its words are in `texts`.",
    _segments,
    (
        column("call", "text", "the call", "call.id"),
        column("n", "integer", "its place, from 0"),
        column("role", "text", "system, user or assistant", "segment.role"),
        column("label", "text", "what it is: `question`, `M3`, …", "segment.label"),
        column("drop", "integer", "0: never dropped; else the highest goes first", "segment.drop"),
        column("sha256", "text", "of its text"),
    ),
)

TEXTS: Final = table(
    "texts",
    "A text of prompts, once for each run.",
    _texts,
    (
        column("sha256", "text", "of its UTF-8 bytes"),
        column("text", "text", "the text", "segment.text"),
        column("characters", "integer", "of the text", lambda p: len(p.segment.text), "codepoints"),
    ),
)
