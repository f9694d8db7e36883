"""The spans of a run, in no form of any package yet: what each is called, and what it carries.

A deliberation is an `invoke_workflow` span; in it each turn of a seat is an `invoke_agent` span, and in that
each call a `chat` span. What was asked and said is left out unless it is asked for.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from folkmoot.records.calls import Call, Reply
from folkmoot.records.canonical import text_digest
from folkmoot.records.exports import otel_names as names
from folkmoot.records.exports.source import Clock, Source, shown
from folkmoot.records.opening import Opening

Value = str | bool | int | float | tuple[str, ...]
Attributes = Mapping[str, Value]


class Event(NamedTuple):
    """Something that happened in a span."""

    name: str
    at: int
    """Nanoseconds since 1970, as everywhere here."""
    attributes: Attributes


class Span(NamedTuple):
    """A span, in no form of any package yet."""

    name: str
    kind: Literal["internal", "client"]
    trace_id: str
    """32 hexadecimal digits, one for the whole run."""
    span_id: str
    """16 of them."""
    parent_id: str | None
    start: int
    end: int
    attributes: Attributes
    events: tuple[Event, ...] = ()
    error: str | None = None
    """What failed; None where nothing did."""


def spans(source: Source, *, content: bool = False) -> tuple[Span, ...]:
    """The spans of a run: the deliberation first, then turn by turn. The same every time.

    A journal has no time of each call: starts are laid out as `Clock` says, durations are the record's.

    Args:
        source: the record, as `source.read_source` reads it.
        content: with what each model was asked and said.
    """
    clock = Clock(source.view)
    trace_id = text_digest(source.view.head)[:32]
    root = source.named("workflow")[:16]
    told = _Spans(source, clock, trace_id, root, content)
    return (told.workflow(), *told.turns())


class _Spans(NamedTuple):
    source: Source
    clock: Clock
    trace_id: str
    root: str
    content: bool

    def workflow(self) -> Span:
        """The deliberation itself, with its conflicts as events."""
        opening, outcome = self.source.opening, self.source.outcome
        found: dict[str, Value] = {
            names.OPERATION: names.INVOKE_WORKFLOW,
            names.WORKFLOW_NAME: opening.protocol.name,
            names.CONVERSATION: opening.run_id,
            names.SEED: opening.seed,
            names.REPLAY: opening.replay,
            names.STATUS: outcome.status,
            names.HEAD: self.source.view.head,
        }
        if outcome.decision is not None:
            found[names.DECISION] = outcome.decision.status
        if self.content:
            found[names.INPUT_MESSAGES] = _messages([("user", opening.question)])
            found[names.OUTPUT_MESSAGES] = _messages([("assistant", outcome.answer)], "stop")
        return Span(
            name=f"{names.INVOKE_WORKFLOW} {opening.protocol.name}",
            kind="internal",
            trace_id=self.trace_id,
            span_id=self.root,
            parent_id=None,
            start=self.nanoseconds(0.0),
            end=self.nanoseconds((self.clock.ended - self.clock.began).total_seconds()),
            attributes=found,
            events=tuple(self.events()),
        )

    def turns(self) -> Iterator[Span]:
        """For each step and seat: its turn, then its calls."""
        calls = sorted(
            self.source.view.calls, key=lambda each: (each.step, each.round, each.seat, each.order)
        )
        replies = self.source.view.replies
        parties = {party.seat: party for party in self.source.opening.parties}
        pinned = {model.name: model for model in self.source.opening.models}
        for (step, round, seat), run in groupby(calls, key=lambda c: (c.step, c.round, c.seat)):
            own = list(run)
            number = self.source.named("turn", step, round, seat)[:16]
            party, model = parties.get(seat), pinned.get(own[0].model)
            version = model and (model.adapter_sha256 or model.weights_sha256 or model.revision)
            said: dict[str, Value | None] = {
                names.OPERATION: names.INVOKE_AGENT,
                names.AGENT_ID: seat,
                names.AGENT_NAME: seat,
                names.AGENT_DESCRIPTION: party.statement if party and self.content else None,
                names.AGENT_VERSION: version,
                names.CONTRIBUTOR: party.contributor if party else None,
                names.CONVERSATION: self.source.opening.run_id,
                names.REQUEST_MODEL: own[0].model,
                names.STEP: step,
                names.ROUND: round,
                names.STAGE: own[0].stage,
            }
            yield Span(
                name=f"{names.INVOKE_AGENT} {seat}",
                kind="internal",
                trace_id=self.trace_id,
                span_id=number,
                parent_id=self.root,
                start=self.nanoseconds(self.clock.asked(own[0])),
                end=max(self.nanoseconds(self.clock.answered(each)) for each in own),
                attributes=_known(said),
            )
            yield from (self.chat(each, replies.get(each.id), number) for each in own)

    def chat(self, call: Call, reply: Reply | None, parent: str) -> Span:
        """One call."""
        operation = names.EMBEDDINGS if call.op == "embed" else names.CHAT
        start = self.nanoseconds(self.clock.asked(call))
        end = self.nanoseconds(self.clock.answered(call))
        failed = reply is None or reply.state in ("refused", "unavailable")
        error = None if not failed else "unanswered" if reply is None else reply.state
        events: tuple[Event, ...] = ()
        if self.content:
            events = (Event(names.DETAILS_EVENT, end, _details(call, reply, operation)),)
        return Span(
            name=f"{operation} {call.model}",
            kind="client",
            trace_id=self.trace_id,
            span_id=self.source.named("call", call.id)[:16],
            parent_id=parent,
            start=start,
            end=end,
            attributes=_known(_of_call(call, reply, operation, self.source.opening)),
            events=events,
            error=error,
        )

    def events(self) -> Iterator[Event]:
        """Changes of stance, and what became of each conflict."""
        for move in self.source.outcome.transcript.moves:
            moved: dict[str, Value] = {
                names.AGENT_ID: move.seat,
                names.ROUND: move.round,
                f"{names.MOVE}.before": move.from_choice,
                f"{names.MOVE}.after": move.to_choice,
                f"{names.MOVE}.because": move.because,
                f"{names.MOVE}.cites": move.cites,
            }
            yield Event(names.MOVE, self.nanoseconds(self.clock.told(move.step)), moved)
        for entry in self.source.outcome.conflicts:
            at = self.nanoseconds(self.clock.told(entry.step))
            said: dict[str, Value | None] = {
                f"{names.CONFLICT}.id": entry.id,
                f"{names.CONFLICT}.about": entry.about,
                f"{names.CONFLICT}.kind": entry.kind,
                f"{names.CONFLICT}.status": entry.status,
                f"{names.CONFLICT}.severity": entry.severity.level,
                f"{names.CONFLICT}.method": entry.detection.method,
                f"{names.CONFLICT}.issue": entry.issue if self.content else None,
            }
            yield Event(names.CONFLICT, at, _known(said))
            judged: dict[str, Value] = {
                names.EVALUATION_NAME: f"severity of {entry.id}",
                names.EVALUATION_VALUE: entry.severity.score,
                names.EVALUATION_LABEL: f"level {entry.severity.level}",
                names.EVALUATION_EXPLANATION: f"rubric {entry.severity.rubric}",
            }
            yield Event(names.EVALUATION_EVENT, at, judged)

    def nanoseconds(self, seconds: float) -> int:
        """A moment of the run."""
        began = self.clock.began
        whole = round(began.timestamp() * 1000) * 1_000_000
        return whole + round(seconds * 1000) * 1_000_000


def _of_call(
    call: Call, reply: Reply | None, operation: str, opening: Opening
) -> dict[str, Value | None]:
    none: dict[str, Any] = {}
    own = (each for each in opening.engines if reply and each.get("name") == reply.engine)
    engine = next(own, none)
    host, port = _address(str(engine.get("url") or ""))
    kind = str(engine.get("kind") or (reply and reply.engine) or "unknown")
    usage = reply.usage if reply else None
    return {
        names.OPERATION: operation,
        names.PROVIDER: "vllm" if kind.startswith("vllm") else kind,
        names.CONVERSATION: opening.run_id,
        names.REQUEST_MODEL: call.model,
        names.REQUEST_SEED: call.sampling.seed,
        names.REQUEST_TEMPERATURE: call.sampling.temperature,
        names.REQUEST_TOP_P: call.sampling.top_p,
        names.REQUEST_MAX_TOKENS: call.sampling.max_tokens,
        names.RESPONSE_ID: reply.call if reply else None,
        names.RESPONSE_MODEL: call.model if reply else None,
        names.FINISH_REASONS: (reply.finish,) if reply and reply.finish else None,
        names.INPUT_TOKENS: usage and usage.prompt,
        names.CACHE_READ_TOKENS: usage and usage.cached,
        names.OUTPUT_TOKENS: usage and usage.completion,
        names.SERVER_ADDRESS: host,
        names.SERVER_PORT: port,
        names.ERROR_TYPE: reply.state
        if reply and reply.state in ("refused", "unavailable")
        else None,
        names.AGENT_ID: call.seat,
        names.CALL: call.id,
        names.OP: call.op,
        names.PURPOSE: call.purpose,
        names.ABOUT: call.about,
        names.STEP: call.step,
        names.ROUND: call.round,
        names.STAGE: call.stage,
        names.STATE: reply.state if reply else None,
        names.RETRIES: reply.retries if reply and reply.retries else None,
    }


def _known(given: Mapping[str, Value | None]) -> dict[str, Value]:
    """What is not known is absent."""
    return {name: value for name, value in given.items() if value is not None and value != ()}


def _details(call: Call, reply: Reply | None, operation: str) -> dict[str, Value]:
    asked = [(each.role, each.text) for each in shown(call, reply)]
    said: dict[str, Value] = {
        names.OPERATION: operation,
        names.INPUT_MESSAGES: _messages(asked),
    }
    if reply is not None:
        finish = (
            "length" if reply.state == "cut_off" else "stop" if reply.state == "ok" else "error"
        )
        said[names.OUTPUT_MESSAGES] = _messages([("assistant", reply.text)], finish, call.seat)
    return said


def _messages(
    pairs: list[tuple[Any, str]], finish: str | None = None, name: str | None = None
) -> str:
    made: list[dict[str, Any]] = []
    for role, text in pairs:
        one: dict[str, Any] = {"role": role, "parts": [{"type": "text", "content": text}]}
        if name is not None:
            one["name"] = name
        if finish is not None:
            one["finish_reason"] = finish
        made.append(one)
    return json.dumps(made, ensure_ascii=False)


def _address(url: str) -> tuple[str | None, int | None]:
    """Host and port of an engine, where its address has them."""
    try:
        found = urlsplit(url)
        return found.hostname, found.port
    except ValueError:
        return None, None
